"""All 23 teachers of DOMAIN §9.3, through HTTP: each ends as the column "Roam" says, with the reason shown."""

import re

import pytest

from tests.acceptance.wording import GENERIC_DENIAL, LOCK_PAGE, REASON, UNVERIFIED_PAGE
from tests.pages import Browser, Page
from tests.rp import RelyingParty, Request
from tests.support.office import Partner, People

SITE = {"dream-n": "夢的N次方（示範站）", "sped-learn": "特教知能學習網（示範）"}
ARRIVES = {
    "T01": ("王曉晴", "994501", "霧松縣立晨曦國民中學", "專任教師"),
    "T02": ("林予安", "994601", "霧松縣雲門鄉梅溪國民小學", "導師"),
    "T03": ("陳柏睿", "990301", "國立雲岫高級中學", "教師兼組長"),
    "T07": ("蔡明諺", "994602", "霧松縣月灣鎮月灣國民小學", "專任教師"),
    "T11": ("謝宗翰", "994701", "霧松縣松林鄉松林國民小學", "代理教師"),
    "T15": ("曾俊凱", "990401", "國立海峰高級工業職業學校", "專任教師"),
    "T16": ("廖于涵", "994501", "霧松縣立晨曦國民中學", "專任教師"),
    "T17": ("賴冠宇", "994303", "霧松縣立松濤高級中學", "代理教師"),
    "T18": ("徐若瑜", "994602", "霧松縣月灣鎮月灣國民小學", "兼任教師"),
    "T21": ("張庭瑋", "990F01", "國立雲岫特殊教育學校", "校長"),
}
LOCKED = {
    "T04": "not_in_service",
    "T05": "not_in_service",
    "T06": "not_in_service",
    "T08": "not_in_service",
    "T09": "service_data_pending",
    "T10": "not_in_service",
    "T12": "no_service_school",
    "T13": "no_service_school",
    "T19": "not_in_service",
    "T20": "no_service_school",
}
UNVERIFIED, TEST_ACCOUNTS = {"T14"}, {"T22", "T23"}
LANGUAGES = ["zh-TW", "en"]


def test_every_teacher_of_the_demo_is_expected_somewhere(people: People) -> None:
    """The tables above name the 23 teachers of §9.3, each once."""
    listed = [*ARRIVES, *LOCKED, *UNVERIFIED, *TEST_ACCOUNTS]
    assert sorted(listed) == sorted(people)
    assert len(listed) == 23


@pytest.mark.parametrize("key", ARRIVES)
def test_who_is_in_service_arrives(key: str, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Roam "ok": name, school and title of one and the same assignment arrive, in ID token and UserInfo alike."""
    expected = dict(
        zip(
            ("name", "inservice_school_code", "inservice_school_name", "inservice_title_name"),
            ARRIVES[key],
            strict=True,
        )
    )
    signed_in = dream_n.sign_in(browser, people[key])
    assert expected.items() <= signed_in.claims.items()
    assert signed_in.userinfo == {**expected, "sub": signed_in.claims["sub"]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", LOCKED)
def test_who_is_locked_is_refused(
    key: str, language: str, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Roam "refused": MSG-LOCK-PAGE with the reason, in the language asked for; the button returns access_denied."""
    page, request = dream_n.start(browser, people[key], ui_locales=language)
    assert_refusal_page(page, language)
    facts = {"partner": SITE["dream-n"], "reason": REASON[LOCKED[key]][language], "code": page.text("refusal-code")}
    assert page.text("refusal-text") == LOCK_PAGE[language].format(**facts)
    assert_partner_learns_nothing(browser, request, dream_n)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_confirmed_is_refused(
    language: str, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """T14, refused with its own message: MSG-UNVERIFIED-PAGE."""
    page, request = dream_n.start(browser, people["T14"], ui_locales=language)
    assert_refusal_page(page, language)
    facts = {"partner": SITE["dream-n"], "code": page.text("refusal-code")}
    assert page.text("refusal-text") == UNVERIFIED_PAGE[language].format(**facts)
    assert_partner_learns_nothing(browser, request, dream_n)


def test_each_reason_has_a_code_of_its_own(partner: Partner, browser: Browser, people: People) -> None:
    """The code on the page (§2.7) tells the help desk which of the four refusals it was."""
    seen = set()
    for key in ("T04", "T09", "T12", "T14"):
        page, _ = partner("dream-n").start(Browser(browser.app), people[key])
        seen.add(page.text("refusal-code"))
    assert len(seen) == 4


def test_t02_has_no_consent_page(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """T02: her consent to dream-n is stored, so the code comes right after the log-in."""
    page, request = dream_n.start(browser, people["T02"])
    assert page.location is not None
    assert dream_n.finish(page, request).claims["name"] == "林予安"


def test_t03_may_choose_the_school(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """T03: the consent page offers both schools, with names, codes and titles."""
    page, request = dream_n.start(browser, people["T03"])
    boxes = page.form_with("consent-approve").boxes
    schools = [ident for ident, (name, _, _) in boxes.items() if name == "assignment"]
    assert len(schools) == 2
    for text in ("國立雲岫高級中學", "990301", "教師兼組長", "私立禾光高級中學", "991301", "兼任教師"):
        assert text in page.html
    signed_in = dream_n.finish(browser.submit("consent-approve", pick=schools[1]), request)
    assert signed_in.claims["inservice_school_code"] == "991301"
    assert signed_in.claims["inservice_school_name"] == "私立禾光高級中學"
    assert signed_in.claims["inservice_title_name"] == "兼任教師"


def test_t22_roams_at_the_test_client_only(partner: Partner, browser: Browser, people: People) -> None:
    """T22, "test client only": sped-learn gets all six items, dream-n is refused with access_denied."""
    signed_in = partner("sped-learn").sign_in(browser, people["T22"])
    assert signed_in.claims["name"] == "測試教師甲"
    assert signed_in.claims["inservice_school_code"] == "990301"
    assert signed_in.claims["inservice_title_code"] == "J40"
    dream_n = partner("dream-n")
    page, request = dream_n.start(browser, people["T22"])
    assert_refusal_page(page, "zh-TW")
    assert_partner_learns_nothing(browser, request, dream_n)


@pytest.mark.parametrize("client_id", SITE)
def test_t23_is_refused_everywhere(client_id: str, partner: Partner, browser: Browser, people: People) -> None:
    """T23, a test account that left: refused at the test client too, with the lock page."""
    relying_party = partner(client_id)
    page, request = relying_party.start(browser, people["T23"])
    assert_refusal_page(page, "zh-TW")
    if client_id == "sped-learn":
        facts = {"partner": SITE[client_id], "reason": "未在職", "code": page.text("refusal-code")}
        assert page.text("refusal-text") == LOCK_PAGE["zh-TW"].format(**facts)
    assert_partner_learns_nothing(browser, request, relying_party)


def assert_refusal_page(page: Page, language: str) -> None:
    """A page of its own with title and code, and nothing of the consent page."""
    assert page.status == 403
    assert page.lang == language
    assert page.text("refusal-title")
    assert re.fullmatch(r"[A-Z]{2}(-[A-Z]+)+-[0-9]{2}", page.text("refusal-code"))
    assert page.text("refusal-code") in page.text("refusal-text")
    assert not page.has("consent-approve")


def assert_partner_learns_nothing(browser: Browser, request: Request, partner: RelyingParty) -> None:
    """D-18: the button returns access_denied with state and iss and a generic ASCII text; nothing else."""
    page = browser.follow("refusal-return")
    assert page.location is not None
    assert page.location.startswith(partner.redirect_uri)
    assert page.location.isascii()
    assert page.answer == {
        "error": "access_denied",
        "error_description": GENERIC_DENIAL,
        "state": request.state,
        "iss": partner.issuer,
    }
