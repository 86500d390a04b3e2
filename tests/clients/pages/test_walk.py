"""A partner from the eligibility questions to a live client, by pages alone, with everybody's own part."""

import re
from datetime import UTC, datetime
from typing import Any

from clients import registry
from clients.form.fields import FIELDS, Kind, Section
from clients.procedure.evidence import CRITERIA
from clients.procedure.guards import MANDATORY_TESTS
from config.snapshot import snapshots
from scopes.roc import roc_slash, taipei_day
from tests.clients.pages.conftest import Pages
from tests.support.cases import ADMIN, ANSWER, APPLICANT, LETTER, OFFICER, SECOND_ADMIN
from tests.support.forms import filled


def letter(facts: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a letter as the page has them."""
    year, month, day = facts["letter_date"].split("/")
    typed = {"letter_date_y": year, "letter_date_m": month, "letter_date_d": day}
    return typed | {name: facts[name] for name in ("letter_no", "sender")}


def today(name: str) -> dict[str, Any]:
    """Return today in the three boxes of a field."""
    year, month, day = roc_slash(taipei_day(datetime.now(UTC))).split("/")
    return {f"{name}_y": year, f"{name}_m": month, f"{name}_d": day}


def fill_in(pages: Pages, case: str) -> None:
    """Fill the form in, section by section, with the button that leads to the next."""
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/cooperation")
    for section in Section:
        typed, ticks = on_page(section)
        browser.submit("save" if section is Section.SIGNATURE else "save-next", tick=ticks, **typed)


def on_page(section: Section) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a filled section as its page takes it: what is typed, and which boxes are ticked."""
    answers, ticks = filled(), []
    typed: dict[str, Any] = {}
    for field in (field for field in FIELDS if field.section is section):
        value = answers.get(field.id, "")
        if field.kind is Kind.TICK:
            ticks += [field.id] if value == "yes" else []
        elif field.kind is Kind.CHOICE:
            ticks.append(f"{field.id}-{value}")
        elif field.kind is Kind.DAY:
            typed |= dict(zip((f"{field.id}_{part}" for part in "ymd"), value.split("/"), strict=True))
        else:
            typed[field.id] = value
    return typed, tuple(ticks)


EVERYTHING = tuple(f"met_{name}_yes" for name in CRITERIA)


def test_from_the_first_question_to_a_live_client(pages: Pages) -> None:
    """Applicant, officer and two administrators; what the console shows at the end is what a site is set up with."""
    case = apply(pages)
    approve(pages, case)
    try_out(pages, case)
    agree(pages, case)
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical")
    officer.submit("secret-production")
    client_id, secret = officer.page.text("client-id-production"), officer.page.text("secret")
    assert re.fullmatch(r"rps_[\w-]{43}", secret)
    assert is_open(pages, client_id, secret)
    assert secret not in officer.get(f"/cases/{case}/technical").html
    history = pages(ADMIN).get(f"/cases/{case}/history").text("history")
    assert "約定上線日期" in history
    assert "臺教師(三)字第1090000202號" in history


def apply(pages: Pages) -> str:
    """Open a case, fill it in, invite the officer, and send it; return its number."""
    applicant = pages(APPLICANT)
    applicant.get("/cases")
    case = applicant.submit("open-case").url.rsplit("/", 1)[1]
    assert applicant.page.text("still-missing").startswith("申請表還有")
    assert pages.step(APPLICANT, case, "X2", {}, *EVERYTHING).has("done")
    fill_in(pages, case)
    for kind in ("scan_report", "seal_scan", "application_letter"):
        assert pages.attach(APPLICANT, case, kind).has("done")
    assert not applicant.get(f"/cases/{case}").has("checklist")
    link = applicant.submit("invite").text("link").removeprefix(applicant.issuer)
    officer = pages(OFFICER)
    assert officer.get(f"/cases/{case}").status == 404
    officer.get(link)
    assert officer.submit("join").text("state") == "已確認資格"
    assert pages.step(APPLICANT, case, "X3", letter(LETTER)).text("state") == "已行文報部"
    return case


def approve(pages: Pages, case: str) -> None:
    """Record the Ministry's letter by two persons, and hand the documents over."""
    first, second = pages(ADMIN), pages(SECOND_ADMIN)
    assert f"案號 {case}" in first.get("/cases").text("ours")
    pages.attach(ADMIN, case, "approval_letter")
    pages.step(ADMIN, case, "X6", letter(ANSWER), "seal_verified", "eligibility_checked")
    assert "等待其他人同意" in first.page.text("done")
    second.get(f"/cases/{case}")
    second.follow("agree-link")
    assert second.submit("step-submit").text("state") == "教育部核准"
    pages.step(ADMIN, case, "X9", {"version": "1.0"} | today("provided_on"))


def try_out(pages: Pages, case: str) -> None:
    """Fill the sheet in, make the test client, pass the tests and sign."""
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical/test")
    officer.submit("sheet-save", redirect_uris="http://127.0.0.1:9000/callback", support_contact="02-12345678")
    assert officer.page.text("sheet-state") == "已儲存，可以建立用戶端。"
    assert pages.step(ADMIN, case, "X10").text("state") == "雙方測試中"
    for name in MANDATORY_TESTS:
        officer.get(f"/cases/{case}/tests")
        officer.submit(f"pass-{name}", note="看到預期的結果")
    pages.step(OFFICER, case, "X11")
    assert pages.step(ADMIN, case, "X11").text("state") == "雙方測試成功"


def agree(pages: Pages, case: str) -> None:
    """Agree on today as the day of going live, by the officer and two administrators."""
    officer = pages(OFFICER)
    officer.get(f"/cases/{case}/technical/production")
    officer.submit("sheet-save", redirect_uris="https://site.example/callback")
    days = today("day_roaming") | today("day_reporting")
    pages.step(OFFICER, case, "X13", {"agreed_by": "115年11月27日會議紀錄"} | days)
    pages.step(ADMIN, case, "X13")
    assert pages.step(SECOND_ADMIN, case, "X13").text("state") == "正式上線"


def is_open(pages: Pages, client_id: str, secret: str) -> bool:
    """Whether a client admits sign-ins, and knows the secret."""
    with pages.app.app_context():
        snapshots().refresh()
        client = registry.find(client_id)
    assert client is not None
    return client.known_secret(secret) is not None and client.is_open(taipei_day(datetime.now(UTC)))
