"""Who sees which case and what she may do there."""

import pytest

from tests.clients.pages.conftest import Pages
from tests.pages import Browser
from tests.support.cases import ADMIN, APPLICANT, OFFICER, Procedure

PATHS = ("", "/form", "/files", "/messages", "/technical", "/tests", "/duties", "/history", "/steps/X8")


@pytest.mark.parametrize("path", PATHS)
def test_a_case_of_others_is_not_there(pages: Pages, procedure: Procedure, path: str) -> None:
    """Somebody of another partner learns not even that it exists."""
    case = procedure.open()
    assert pages("ptnoff01").get(f"/cases/{case}{path}").status == 404
    assert pages("ptnoff01").get(f"/cases/{case + 1000}{path}").status == 404


def test_teachers_and_regional_centres_have_no_cases(
    pages: Pages, browser: Browser, people: dict[str, dict[str, str]]
) -> None:
    """The pages are for partners' people and the national centre."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert browser.get("/cases").status == 403
    assert pages("rcsouth01").get("/cases").status == 403


@pytest.mark.parametrize("account", ["natrev01", "nataud01"])
def test_who_only_reads(pages: Pages, procedure: Procedure, account: str) -> None:
    """A reviewer and an auditor see all, and take no step, add no file, change no form."""
    case = procedure.submitted()
    browser = pages(account)
    for path in PATHS[:-1]:
        assert browser.get(f"/cases/{case}{path}").status == 200, path
    for path in ("/steps/X4", "/steps/X6", "/form/unit"):
        assert browser.get(f"/cases/{case}{path}").status == 403, path
    assert not browser.get(f"/cases/{case}/files").forms[1:]
    assert not browser.get(f"/cases/{case}").has("step-X4")


def test_an_administrator_of_the_partner_decides_nothing(pages: Pages, procedure: Procedure) -> None:
    """Who acts for a partner is not of our side in its case."""
    case = procedure.submitted()
    pages(APPLICANT).get(f"/cases/{case}")
    assert not pages(APPLICANT).page.has("step-X6")
    assert pages(APPLICANT).get(f"/cases/{case}/steps/X6").status == 403
    assert pages(ADMIN).get(f"/cases/{case}/steps/X8").status == 403


def test_an_invitation(pages: Pages, procedure: Procedure) -> None:
    """The applicant invites; an officer may not; the link works for its case alone, and only sealed by us."""
    case = procedure.open()
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}")
    link = browser.submit("invite").text("link").removeprefix(browser.issuer)
    assert not pages(OFFICER).get(f"/cases/{case}").has("invite")
    stranger = pages("ptnoff01")
    assert stranger.get(link[:-3] + "abc").status == 404
    stranger.get(link)
    assert stranger.submit("join").status == 200
    assert stranger.page.url == f"/cases/{case}"
    assert stranger.get("/cases").has(f"case-{case}")


def test_nobody_is_invited_to_what_is_over(pages: Pages, procedure: Procedure) -> None:
    """No link is made, and one from before works no longer."""
    case = procedure.open()
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}")
    link = browser.submit("invite").text("link").removeprefix(browser.issuer)
    token = dict(browser.get(f"/cases/{case}").form_with("invite").fields)["form_token"]
    procedure.step(case, "X8", APPLICANT, {"note": "不申請了"})
    assert browser.post(f"/cases/{case}/invitation", {"form_token": token}).status == 403
    assert pages("ptnoff01").get(link).status == 404


def test_an_administrator_does_not_change_sides(pages: Pages, procedure: Procedure) -> None:
    """Her own invitation makes her no officer."""
    case = procedure.open()
    browser = pages(ADMIN)
    browser.get(f"/cases/{case}")
    link = browser.submit("invite").text("link").removeprefix(browser.issuer)
    browser.get(link)
    assert browser.submit("join").status == 409


def test_secrets_are_for_the_partner(pages: Pages, procedure: Procedure) -> None:
    """An administrator makes none by the pages, and sees none."""
    case = procedure.live()
    assert not pages(ADMIN).get(f"/cases/{case}/technical").has("secret-production")
    token = dict(pages(ADMIN).get(f"/cases/{case}/messages").form_with("send").fields)["form_token"]
    name = pages(ADMIN).get(f"/cases/{case}/technical").text("client-id-production")
    assert pages(ADMIN).post(f"/cases/{case}/secrets/{name}", {"form_token": token}).status == 403
    other = pages(OFFICER)
    token = dict(other.get(f"/cases/{case}/technical").form_with("secret-test").fields)["form_token"]
    assert other.post(f"/cases/{case}/secrets/dream-n", {"form_token": token}).status == 404
    procedure.step(case, "X18", ADMIN, {"note": "停止合作"})
    assert other.post(f"/cases/{case}/secrets/{name}", {"form_token": token}).status == 403


def test_the_queue(pages: Pages, procedure: Procedure) -> None:
    """What waits for us, for partners, and nothing to do; by state."""
    ours, theirs = procedure.submitted(), procedure.open()
    page = pages(ADMIN).get("/cases")
    assert f"案號 {ours}" in page.text("ours")
    assert f"案號 {theirs}" in page.text("theirs")
    only = pages(ADMIN).get("/cases?state=draft")
    assert only.has(f"case-{theirs}")
    assert not only.has(f"case-{ours}")
