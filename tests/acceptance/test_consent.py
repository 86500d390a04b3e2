"""The consent page: what it shows, and what her answer releases (AC-75 … AC-78, D-50, D-51, §7.1)."""

from typing import Any

import pytest
from sqlalchemy import select

from consent.models import Consent, ConsentEvent
from tests.acceptance.wording import GENERIC_DENIAL, NOTICE
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.support.office import Desk, Office, Partner, People

PURPOSES = {
    "name": "研習報名與核發時數之身分確認",
    "school_code": "統計各校參與情形",
    "school_name": "報名名單顯示服務學校",
    "title_code": "分組共備依職務分流",
    "title_name": "分組共備依職務分流",
    "user_id": "連結會員資料並回傳研習紀錄",
}
LABELS = {
    "name": "姓名",
    "school_code": "學校代碼",
    "school_name": "學校名稱",
    "title_code": "職稱代碼",
    "title_name": "職稱名稱",
    "user_id": "使用者識別碼",
}
T01 = {"name": "王曉晴", "school_code": "994501", "school_name": "霧松縣立晨曦國民中學", "title_name": "專任教師"}


def consents(office: Office, person: dict[str, Any]) -> list[Consent]:
    """Return what is stored of her decisions."""
    return office.rows(select(Consent).where(Consent.account_id == office.id_of(person)))


def shown_items(page: Page) -> set[str]:
    """Return the items that the page asks for: a box for an optional one, a mark for an essential one."""
    return {item for item in LABELS if page.has(f"about-{item}")}


@pytest.mark.rule("AC-76", "D-50")
def test_what_the_page_shows(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-76: first login of T01 at dream-n: partner, operating unit, each item with its value and 用途說明, support."""
    page, _ = dream_n.start(browser, people["T01"])
    assert "夢的N次方（示範站）" in page.text("client-info")
    assert "示範師範大學" in page.text("client-info")
    assert shown_items(page) == {*T01, "user_id"}
    for item in (*T01, "user_id"):
        assert LABELS[item] in page.html
        assert PURPOSES[item] in page.text(f"about-{item}")
        assert "用途" in page.text(f"about-{item}")
        assert T01.get(item, "") in page.text(f"about-{item}")
    boxes = page.form_with("consent-approve").boxes
    assert set(boxes) == {f"item-{item}" for item in T01}
    assert all(checked for _, _, checked in boxes.values())
    assert (page.text("consent-approve"), page.text("consent-deny")) == ("同意並繼續", "不同意")
    assert page.html.count("https://dream-n.example/help") >= 2


@pytest.mark.rule("AC-76")
@pytest.mark.parametrize(
    ("client_id", "facts"),
    [
        (
            "dream-n",
            {
                "unit": "示範師範大學",
                "partner": "夢的N次方（示範站）",
                "purpose": "辦理教師專業研習：報名、參與、登記與核發研習時數",
                "support": "https://dream-n.example/help",
            },
        ),
        (
            "material-hub",
            {
                "unit": "示範大學教學中心",
                "partner": "數位教材分享平臺（示範）",
                "purpose": "在職教師瀏覽與下載數位教材",
                "support": "https://material.example/help",
            },
        ),
    ],
)
def test_the_six_points_of_notice(
    client_id: str, facts: dict[str, str], partner: Partner, browser: Browser, people: People
) -> None:
    """AC-76, §7.1: the six points of 個資法 Article 8, word by word, in their order."""
    page, _ = partner(client_id).start(browser, people["T01"])
    place = 0
    for title, text in NOTICE:
        place = page.html.index(title, place)
        place = page.html.index(text.format(**facts), place)


@pytest.mark.rule("D-50")
def test_only_what_is_asked_for_is_shown(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-50: each *requested* approved item; the identifier comes with every request."""
    page, request = dream_n.start(browser, people["T01"], scope="openid inservice_school_name")
    assert shown_items(page) == {"school_name", "user_id"}
    signed_in = dream_n.finish(browser.submit("consent-approve"), request)
    assert set(signed_in.userinfo) == {"sub", "inservice_school_name"}


@pytest.mark.rule("AC-75", "D-24")
def test_the_picked_school_and_its_title(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-75: T03 picks 991301: code, name and title all belong to 991301; the choice is remembered for this partner."""
    page, request = dream_n.start(browser, people["T03"])
    (pick,) = [ident for ident, (name, _, checked) in radios(page).items() if name == "assignment" and not checked]
    signed_in = dream_n.finish(browser.submit("consent-approve", pick=pick), request)
    page, request = dream_n.start(browser, people["T03"])
    again = dream_n.finish(page, request)
    for claims in (signed_in.claims, signed_in.userinfo, again.claims):
        assert claims["inservice_school_code"] == "991301"
        assert claims["inservice_school_name"] == "私立禾光高級中學"
        assert claims["inservice_title_name"] == "兼任教師"


def radios(page: Page) -> dict[str, tuple[str, str, bool]]:
    """Return boxes and radio buttons of the consent form."""
    return page.form_with("consent-approve").boxes


@pytest.mark.rule("D-24")
def test_the_choice_is_per_partner(partner: Partner, browser: Browser, people: People) -> None:
    """D-24: what she picked for dream-n says nothing about county-study."""
    page, request = partner("dream-n").start(browser, people["T03"])
    (pick,) = [ident for ident, (name, _, checked) in radios(page).items() if name == "assignment" and not checked]
    partner("dream-n").finish(browser.submit("consent-approve", pick=pick), request)
    claims = partner("county-study").sign_in(browser, people["T03"]).claims
    assert claims["inservice_school_code"] == "990301"


@pytest.mark.rule("AC-77", "D-51")
def test_declining_one_item(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """AC-77: T01 declines 學校名稱 only: the token lacks inservice_school_name and the login succeeds."""
    signed_in = dream_n.sign_in(browser, people["T01"], untick=("item-school_name",))
    assert "inservice_school_name" not in signed_in.claims | signed_in.userinfo
    assert {"name", "inservice_school_code", "inservice_title_name"} <= set(signed_in.claims)
    assert "inservice_school_name" not in signed_in.scope.split()
    (stored,) = consents(office, people["T01"])
    assert {item: decision["given"] for item, decision in stored.decisions.items()} == {
        "name": True,
        "school_code": True,
        "school_name": False,
        "title_name": True,
        "user_id": True,
    }


@pytest.mark.rule("AC-77", "D-52")
def test_a_declined_item_is_not_asked_again(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-52: declined is remembered too: no page next time, and the item stays away."""
    dream_n.sign_in(browser, people["T01"], untick=("item-school_name",))
    page, request = dream_n.start(browser, people["T01"])
    assert "inservice_school_name" not in dream_n.finish(page, request).claims


@pytest.mark.rule("D-51")
def test_everything_optional_declined(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-51: with every optional item declined the login succeeds with sub alone."""
    boxes = tuple(f"item-{item}" for item in T01)
    assert set(dream_n.sign_in(browser, people["T01"], untick=boxes).userinfo) == {"sub"}


@pytest.mark.rule("AC-78", "D-51")
def test_declining_altogether(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """AC-78: T01 chooses 不同意: access_denied, nothing is released or stored but the event; next time she is asked."""
    _, request = dream_n.start(browser, people["T01"])
    page = browser.submit("consent-deny")
    assert page.answer == {
        "error": "access_denied",
        "error_description": GENERIC_DENIAL,
        "state": request.state,
        "iss": dream_n.issuer,
    }
    assert consents(office, people["T01"]) == []
    (event,) = office.rows(select(ConsentEvent).where(ConsentEvent.account_id == office.id_of(people["T01"])))
    assert (event.event, event.client_id) == ("refused", "dream-n")
    assert dream_n.start(browser, people["T01"])[0].has("consent-approve")


@pytest.mark.rule("AC-78", "D-51")
def test_an_essential_item_has_no_box(desk: Desk, browser: Browser, people: People) -> None:
    """D-51: what the technical sheet marks essential cannot be unticked; it arrives."""
    partner = desk.put(essential=["user_id", "name"])
    page, request = partner.start(browser, people["T01"])
    assert not page.has("item-name")
    assert page.has("item-school_code")
    assert partner.finish(browser.submit("consent-approve"), request).claims["name"] == "王曉晴"
