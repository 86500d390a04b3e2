"""Probes of TC-6: one wrong ID token, at a test client, for the account that it was opened for, within minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import select

from clients import registry
from config.database import db
from idp import keys, probes
from idp.accounts.models import Account
from idp.probes import LIFETIME, Flaw, TokenProbe
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Partner, People

pytestmark = pytest.mark.rule("D-42")


def open_probe(app: Flask, people: People, flaw: Flaw, *, ago: timedelta = timedelta(0)) -> None:
    """Open a probe for the test teacher at the demo's test client."""
    with app.app_context():
        with db.session.begin():
            named = Account.login_name == people["T22"]["account"]
            ident = db.session.scalars(select(Account.id).where(named)).one()
        client = registry.find("sped-learn")
        assert client is not None
        probes.open_probe(client, ident, flaw, actor="test", now=datetime.now(UTC) - ago)


def token_of(partner: RelyingParty, app: Flask, person: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Sign a teacher in; return the ID token, and what is in it, unverified."""
    browser = Browser(app)
    page, request = partner.start(browser, person)
    if page.has("consent-approve"):
        page = browser.submit("consent-approve")
    answer = partner.exchange(partner.code_of(page, request), request).get_json()
    token = str(answer["id_token"])
    return token, jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize(
    ("flaw", "claim"), [(Flaw.ISSUER, "iss"), (Flaw.AUDIENCE, "aud"), (Flaw.EXPIRED, "exp"), (Flaw.NONCE, "nonce")]
)
def test_exactly_one_claim_is_wrong(app: Flask, partner: Partner, people: People, flaw: Flaw, claim: str) -> None:
    """Once; the next token is good again."""
    open_probe(app, people, flaw)
    _, bad = token_of(partner("sped-learn"), app, people["T22"])
    _, good = token_of(partner("sped-learn"), app, people["T22"])
    assert (good["iss"], good["aud"]) == (app.extensions["settings"].issuer, "sped-learn")
    assert good["exp"] > datetime.now(UTC).timestamp()
    assert (bad["exp"] < datetime.now(UTC).timestamp()) == (flaw is Flaw.EXPIRED)
    assert (bad["nonce"] == "another-nonce") == (flaw is Flaw.NONCE)
    for name in ("iss", "aud"):
        assert (bad[name] != good[name]) == (name == claim)


def test_a_signature_that_does_not_fit(app: Flask, partner: Partner, people: People) -> None:
    """Everything else is right."""
    open_probe(app, people, Flaw.SIGNATURE)
    site = partner("sped-learn")
    token, bad = token_of(site, app, people["T22"])
    assert bad["aud"] == "sped-learn"
    _, good_one = token_of(site, app, people["T22"])
    with app.app_context():
        assert keys.decode(token, audience="sped-learn") is None
    assert good_one["aud"] == "sped-learn"


def test_it_ends(app: Flask, partner: Partner, people: People) -> None:
    """One that nobody used within five minutes is over."""
    open_probe(app, people, Flaw.ISSUER, ago=LIFETIME)
    _, token = token_of(partner("sped-learn"), app, people["T22"])
    assert token["iss"] == app.extensions["settings"].issuer


def test_a_newer_one_takes_the_place(app: Flask, partner: Partner, people: People) -> None:
    """Only the last counts, once."""
    open_probe(app, people, Flaw.ISSUER)
    open_probe(app, people, Flaw.AUDIENCE)
    for audience in ("another-client", "sped-learn"):
        _, token = token_of(partner("sped-learn"), app, people["T22"])
        assert (token["aud"], token["iss"]) == (audience, app.extensions["settings"].issuer)


def test_production_is_not_even_asked(app: Flask, partner: Partner, people: People) -> None:
    """A probe that somebody wrote into the table for a production client changes nothing."""
    with app.app_context(), db.session.begin():
        named = Account.login_name == people["T01"]["account"]
        ident = db.session.scalars(select(Account.id).where(named)).one()
        facts = {"client_id": "dream-n", "account_id": ident, "flaw": Flaw.ISSUER}
        db.session.add(TokenProbe(**facts, expires_at=datetime.now(UTC) + LIFETIME))
    _, token = token_of(partner("dream-n"), app, people["T01"])
    assert token["iss"] == app.extensions["settings"].issuer
