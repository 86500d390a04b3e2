"""Snapshots: what one process changes, every other one sees before its next decision (ARCHITECTURE §7)."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import update

from clients import cases, registry
from clients.lifecycle import CaseState
from config.database import db
from config.snapshot import bump, snapshots
from idp import keys
from idp.accounts.models import School
from scopes.items import DataItem
from tests.conftest import Template
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Desk, MakeApp, People


def warm(app: Flask, template: Template, person: dict[str, Any]) -> tuple[RelyingParty, Browser]:
    """Sign somebody in, so that the process has everything loaded."""
    partner, browser = RelyingParty(app, template.clients["dream-n"]), Browser(app)
    partner.sign_in(browser, person)
    return partner, browser


def test_a_second_process_sees_a_dropped_item(make_app: MakeApp, template: Template, people: People) -> None:
    """An item dropped in one process is gone from the next answers of another: UserInfo, then a whole sign-in."""
    one, other = make_app(), make_app()
    partner, browser = warm(other, template, people["T01"])
    page, request = partner.start(browser, people["T01"])
    token = partner.finish(page, request).access_token
    with one.app_context():
        case_id = registry.everyone()["dream-n"].case_id
        cases.drop_item(case_id, DataItem.NAME, actor="tests", now=datetime.now(UTC))
    assert "name" not in partner.userinfo(token).get_json()
    page, request = partner.start(browser, people["T01"])
    assert "name" not in partner.finish(page, request).claims


def test_a_second_process_sees_a_suspension(make_app: MakeApp, template: Template, people: People) -> None:
    """A partner suspended in one process is refused by another at once: at authorize and at the code exchange."""
    one, other = make_app(), make_app()
    partner, browser = warm(other, template, people["T01"])
    page, request = partner.start(browser, people["T01"])
    code = partner.code_of(page, request)
    Desk(one).set_case("dream-n", state=CaseState.SUSPENDED)
    assert partner.exchange(code, request).get_json()["error"] == "invalid_grant"
    assert browser.get(partner.request().url).has("refusal-code")


def test_a_second_process_sees_a_closed_school(make_app: MakeApp, template: Template, people: People) -> None:
    """D-34: a school closed in one process locks its teachers in another."""
    one, other = make_app(), make_app()
    partner, browser = warm(other, template, people["T01"])
    with one.app_context(), db.session.begin():
        today = datetime.now(UTC).date()
        db.session.execute(update(School).where(School.code == "994501").values(closed_on=today.replace(day=1)))
        bump()
    assert browser.get(partner.request(prompt="none").url).answer["error"] == "access_denied"


def test_a_second_process_sees_a_new_partner(make_app: MakeApp, template: Template, people: People) -> None:
    """A look-up that misses asks the database: a partner registered elsewhere works with its first request."""
    one, other = make_app(), make_app()
    warm(other, template, people["T01"])
    facts = Desk(one).put(client_id="rp-9")
    partner = RelyingParty(
        other,
        {
            "client_id": "rp-9",
            "client_secret": facts.secret,
            "redirect_uris": [facts.redirect_uri],
            "scopes": ["openid", "profile"],
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )
    assert partner.sign_in(Browser(other), people["T03"]).claims["name"] == "陳柏睿"


def test_a_second_process_sees_a_new_key(make_app: MakeApp, template: Template, people: People) -> None:
    """A key published in one process is in the other's JWKS after its next decision."""
    one, other = make_app(), make_app()
    partner, browser = warm(other, template, people["T01"])
    with one.app_context():
        kid, _ = keys.rotate(datetime.now(UTC))
    browser.get(partner.request(prompt="none").url)
    published = partner.back_channel.get("/oidc/jwks", base_url=partner.issuer).get_json()["keys"]
    assert kid in [key["kid"] for key in published]


def test_a_second_process_shows_the_state_on_its_pages(make_app: MakeApp, template: Template, people: People) -> None:
    """D-55: 我的授權 shows a suspension that another process recorded; a page is no staler than a decision."""
    one, other = make_app(), make_app()
    _, browser = warm(other, template, people["T01"])
    Desk(one).set_case("dream-n", state=CaseState.SUSPENDED)
    assert "合作暫停" in browser.get("/account/consents").text("consent-dream-n")


def test_an_aborted_change_is_not_seen(app: Flask) -> None:
    """The epoch moves in the transaction of the change: rolled back, nothing is reloaded."""
    with app.app_context():
        snapshots().refresh()
        before = snapshots().loaded
        db.session.execute(update(School).where(School.code == "993601").values(closed_on=datetime.now(UTC).date()))
        bump()
        db.session.rollback()
        snapshots().refresh()
        assert snapshots().loaded is before


def test_reloading_happens_once_per_change(app: Flask) -> None:
    """As long as nothing changed the same objects are used; after a change new ones, whole."""
    with app.app_context():
        snapshots().refresh()
        before = snapshots().loaded
        snapshots().refresh()
        assert snapshots().loaded is before
        with db.session.begin():
            bump()
        snapshots().sync(before.epoch)
        assert snapshots().loaded is before, "an older epoch is no news"
        snapshots().refresh()
        assert snapshots().loaded.epoch == before.epoch + 1
        assert set(snapshots().loaded.values) == set(before.values)
