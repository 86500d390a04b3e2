"""我的授權: what she gave to whom, and how it ends (AC-80, D-54, D-55)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from clients import cases
from clients.lifecycle import CaseState
from config.database import db
from consent.models import ConsentEvent
from idp.accounts.models import Account
from scopes.items import DataItem
from scopes.roc import taipei_day
from tests.pages import Browser, Page
from tests.rp import RelyingParty
from tests.support.office import Desk, Office, Partner, People

NASTY = '"><script>alert(1)</script>'


def press(browser: Browser, ending: str) -> Page:
    """Press the button of 我的授權 whose form leads to a path with this ending."""
    page = browser.get("/account/consents")
    (form,) = [form for form in page.forms if form.action.endswith(ending)]
    return browser.post(form.action, dict(form.fields))


def history(office: Office, person: dict[str, Any]) -> list[str]:
    """Return her consent events in order."""
    query = select(ConsentEvent).where(ConsentEvent.account_id == office.id_of(person)).order_by(ConsentEvent.id)
    return [event.event for event in office.rows(query)]


@pytest.mark.rule("D-54")
def test_the_list(partner: Partner, browser: Browser, people: People) -> None:
    """我的授權 lists partners, operating units, items with the ROC day, declined ones as such, and the support contact."""
    partner("dream-n").sign_in(browser, people["T01"], untick=("item-school_code",))
    partner("material-hub").sign_in(browser, people["T01"])
    page = browser.get("/account/consents")
    dream_n = page.text("consent-dream-n")
    today = taipei_day(datetime.now(UTC))
    for text in ("夢的N次方（示範站）", "示範師範大學", "https://dream-n.example/help", "姓名", "學校名稱", "職稱名稱"):
        assert text in dream_n
    assert f"民國{today.year - 1911}年" in dream_n
    assert "學校代碼" in dream_n
    assert "不同意" in dream_n
    assert "學校名稱" in page.text("consent-material-hub")
    assert not page.has("consent-county-study")


@pytest.mark.rule("AC-80", "D-11", "D-54")
def test_withdrawal_while_locked(
    browser: Browser, office: Office, dream_n: RelyingParty, people: People, loaded_on: date
) -> None:
    """AC-80: locked with a consent to dream-n: he withdraws it; it is ended and logged (T10 after a day of service)."""
    yesterday = loaded_on - timedelta(days=1)
    office.add(people["T10"], "990401", yesterday)
    token = dream_n.sign_in(browser, people["T10"]).access_token
    office.end(people["T10"], yesterday)
    assert browser.get(dream_n.request().url).has("refusal-code")
    assert press(browser, "/dream-n/withdraw").has("done")
    assert history(office, people["T10"]) == ["decided", "withdrawn"]
    (event,) = office.events("consent.withdrawn", people["T10"])
    assert (event.client_id, event.actor) == ("dream-n", f"account:{office.id_of(people['T10'])}")
    assert dream_n.userinfo(token).status_code == 401


@pytest.mark.rule("AC-80", "D-54")
def test_withdrawal_ends_tokens_and_codes(partner: Partner, browser: Browser, people: People) -> None:
    """D-54: tokens and codes of this partner end at once; those of others stay; next time she is asked again."""
    dream_n, county = partner("dream-n"), partner("county-study")
    token, other = (relying.sign_in(browser, people["T01"]).access_token for relying in (dream_n, county))
    page, request = dream_n.start(browser, people["T01"])
    code = dream_n.code_of(page, request)
    assert "個人資料保護法第3條、第11條" in press(browser, "/dream-n/withdraw").html
    assert dream_n.userinfo(token).status_code == 401
    assert dream_n.exchange(code, request).get_json()["error"] == "invalid_grant"
    assert county.userinfo(other).status_code == 200
    assert browser.get(dream_n.request(prompt="none").url).answer["error"] == "consent_required"
    assert dream_n.start(browser, people["T01"])[0].has("consent-approve")


@pytest.mark.rule("D-54")
def test_a_new_consent_revives_nothing(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """D-54: consent again after withdrawal: code and token from before stay dead."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    page, request = dream_n.start(browser, people["T01"])
    code = dream_n.code_of(page, request)
    press(browser, "/dream-n/withdraw")
    dream_n.sign_in(browser, people["T01"])
    assert dream_n.exchange(code, request).get_json()["error"] == "invalid_grant"
    assert dream_n.userinfo(token).status_code == 401
    assert history(office, people["T01"]) == ["decided", "withdrawn", "decided"]


@pytest.mark.rule("D-54")
def test_withdrawing_twice(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """What has ended cannot be ended again, nor what never was."""
    dream_n.sign_in(browser, people["T01"])
    page = browser.get("/account/consents")
    (form,) = [form for form in page.forms if form.action.endswith("/withdraw")]
    assert browser.post(form.action, dict(form.fields)).status == 200
    for client_id in ("dream-n", "county-study", "nobody"):
        path = f"/account/consents/{client_id}/withdraw"
        assert browser.post(path, dict(form.fields)).status == 404
    assert history(office, people["T01"]) == ["decided", "withdrawn"]


@pytest.mark.rule("D-51", "D-54")
def test_stop_giving_one_item(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """One item can be stopped: UserInfo of the old token lacks it at once, the next token too; the rest stays."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    assert press(browser, "/dream-n/items/name/stop").has("done")
    assert "name" not in dream_n.userinfo(token).get_json()
    page, request = dream_n.start(browser, people["T01"])
    claims = dream_n.finish(page, request).claims
    assert "name" not in claims
    assert claims["inservice_school_code"] == "994501"
    assert history(office, people["T01"]) == ["decided", "item_stopped"]


@pytest.mark.rule("D-51")
def test_what_cannot_be_stopped(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """D-51: the essential identifier, an unknown item, or one not given: nothing to stop."""
    dream_n.sign_in(browser, people["T01"], untick=("item-name",))
    page = browser.get("/account/consents")
    token = {"form_token": dict(page.forms[-1].fields)["form_token"]}
    assert not [form for form in page.forms if form.action.endswith(("/user_id/stop", "/name/stop"))]
    for item in ("user_id", "name", "title_code", "nonsense"):
        assert browser.post(f"/account/consents/dream-n/items/{item}/stop", token).status == 404
    assert browser.post("/account/consents/nobody/items/name/stop", token).status == 404


@pytest.mark.rule("D-55")
@pytest.mark.parametrize(("state", "note"), [(CaseState.SUSPENDED, "合作暫停"), (CaseState.TERMINATED, "合作已終止")])
def test_a_closed_partner_is_greyed_out(  # fixtures
    state: CaseState, note: str, dream_n: RelyingParty, desk: Desk, browser: Browser, people: People
) -> None:
    """D-55: suspended or terminated, the partner stays on the list, greyed out, and can still be withdrawn from."""
    dream_n.sign_in(browser, people["T01"])
    desk.set_case("dream-n", state=state)
    page = browser.get("/account/consents")
    assert note in page.text("consent-dream-n")
    assert 'class="panel consent off" id="consent-dream-n"' in page.html
    assert press(browser, "/dream-n/withdraw").has("done")


@pytest.mark.rule("D-54")
def test_a_dropped_item_is_marked(dream_n: RelyingParty, desk: Desk, browser: Browser, people: People) -> None:
    """R-CLM-5: an item that the partner no longer gets is marked as such on the list."""
    dream_n.sign_in(browser, people["T01"])
    with browser.app.app_context():
        cases.drop_item(desk.case_id("dream-n"), DataItem.NAME, actor="tests", now=datetime.now(UTC))
    assert "合作網站已不再取得" in browser.get("/account/consents").text("consent-dream-n")


def test_names_are_text(desk: Desk, browser: Browser, office: Office, people: People) -> None:
    """Names of partners and people are text on every page, never markup."""
    person = people["T01"]
    with browser.app.app_context(), db.session.begin():
        db.session.execute(update(Account).where(Account.id == office.id_of(person)).values(name=NASTY))
    partner = desk.put(client_name=NASTY)
    desk.set_case("rp-1", support_contact=NASTY, operating_unit=NASTY, site_purpose=NASTY)
    pages = [browser.get(partner.request().url), partner.start(browser, person)[0]]
    browser.get(partner.request().url)
    browser.submit("consent-approve")
    pages += [browser.get(path) for path in ("/account", "/account/consents", "/account/sign-ins")]
    desk.set_case("rp-1", state=CaseState.SUSPENDED)
    pages += [browser.get(partner.request().url), browser.get("/account/consents")]
    for page in pages:
        assert page.html
        assert "<script>alert" not in page.html
    assert any("&lt;script&gt;alert" in page.html for page in pages)


@pytest.mark.rule("D-54")
def test_nobody_else_withdraws(dream_n: RelyingParty, browser: Browser, office: Office, people: People) -> None:
    """Without her session, or with another teacher's, her consent stays."""
    token = dream_n.sign_in(browser, people["T01"]).access_token
    stranger = Browser(browser.app)
    assert stranger.post("/account/consents/dream-n/withdraw", {}).status == 403
    stranger.log_in(people["T03"]["account"], people["T03"]["password"])
    fields = dict(stranger.page.forms[0].fields)
    assert stranger.post("/account/consents/dream-n/withdraw", fields).status == 404
    assert dream_n.userinfo(token).status_code == 200
    assert history(office, people["T01"]) == ["decided"]
