"""Who hears of the end of a session, and what the logout token says (OpenID Connect Back-Channel Logout 1.0, D-27)."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from consent import ledger
from idp import logins, tokens
from idp.logout.fan_out import REMEMBERED
from scopes.roc import taipei_day
from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, Person, add_partner, audited, is_signed_in, later, leave, session_of
from tests.rp import RelyingParty
from tests.spec.logout.conftest import Back
from tests.spec.logout.receiver import EVENT
from tests.support.office import Office

SPEC = "OIDC Back-Channel Logout 1.0"


def lock(office: Office, person: Person) -> None:
    """Her school says that she left."""
    office.end(person, taipei_day(datetime.now(UTC)) - timedelta(days=1))


@pytest.mark.spec(SPEC, "2.4")
@pytest.mark.spec(SPEC, "2.5")
def test_the_token_of_a_logout(back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A form with one token: typ, iss, aud, iat, exp of two minutes, jti, events, sid, sub as pairwise; no nonce."""
    back.hears("dream-n")
    signed_in = dream_n.sign_in(browser, people["T02"])
    browser.get("/account")
    browser.submit("logout")
    assert back.receiver.posted == []  # the request does not wait for partners
    back.deliver()
    (claims,) = back.claims("dream-n")
    assert (claims["sid"], claims["sub"]) == (signed_in.claims["sid"], signed_in.claims["sub"])
    assert set(claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sid", "sub", "alg"}
    assert claims["alg"] == "RS256"
    (posted,) = back.receiver.posted
    assert posted.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert set(posted.form) == {"logout_token"}
    (event,) = audited(app, "logout.backchannel.sent")
    assert (event.client_id, event.detail["reason"]) == ("dream-n", "session_ended")
    assert back.deliver() == (0, 0)
    assert len(back.receiver.posted) == 1


@pytest.mark.spec(SPEC, "2.4")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_signed_like_the_id_token(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People, alg: str
) -> None:
    """The algorithm is that of the client's ID tokens; the key is the one that signs when it is sent."""
    back.hears("dream-n")
    dream_n.sign_in(browser, people["T02"])
    back.amend("dream-n", id_token_signed_response_alg=alg)
    leave(browser)
    browser.submit("logout-confirm")
    back.deliver()
    (claims,) = back.claims("dream-n")
    assert claims["alg"] == alg


@pytest.mark.spec(SPEC, "2.4")
def test_an_ephemeral_subject_is_not_told(back: Back, app: Flask, browser: Browser, people: People) -> None:
    """Without a pairwise identifier sid alone names the session (D-27)."""
    rp = add_partner(app, client_id="e", items=["name"], backchannel_logout_uri=back.receiver.uri("/e"))
    sid = rp.sign_in(browser, people["T01"]).claims["sid"]
    browser.get("/account")
    browser.submit("logout")
    back.deliver()
    (claims,) = back.claims("e")
    assert claims["sid"] == sid
    assert "sub" not in claims


def test_the_payload_has_no_nonce() -> None:
    """§2.4: a nonce is prohibited, and the event's member is an empty object."""
    payload = tokens.LogoutToken("i", "c", "s", None, "j", 100).payload()
    assert payload == {"iss": "i", "aud": "c", "iat": 100, "exp": 220, "jti": "j", "events": {EVENT: {}}, "sid": "s"}


@pytest.mark.spec(SPEC, "2.5")
@pytest.mark.rule("D-27")
def test_every_client_of_the_session_hears(
    back: Back, app: Flask, partner: PartnerOf, browser: Browser, people: People
) -> None:
    """All partners that she signed in at from it, however old their tokens; each by its own sid; no other session."""
    for client_id in ("dream-n", "county-study", "material-hub"):
        back.hears(client_id)
    elsewhere, other = Browser(app), Browser(app)
    sids = {name: partner(name).sign_in(browser, people["T02"]).claims["sid"] for name in ("dream-n", "county-study")}
    partner("dream-n").sign_in(elsewhere, people["T02"])
    partner("dream-n").sign_in(other, people["T01"])
    with later(minutes=25):
        token = partner("dream-n").sign_in(browser, people["T02"], prompt="none").id_token
    with later(minutes=50):
        leave(browser, id_token_hint=token)
        back.deliver()
        for name, sid in sids.items():
            (claims,) = back.claims(name)
            assert claims["sid"] == sid
    assert len(set(sids.values())) == 2
    assert len(back.receiver.posted) == 2


@pytest.mark.rule("AC-33", "D-27")
def test_a_lock_is_told(back: Back, partner: PartnerOf, browser: Browser, people: People, office: Office) -> None:
    """AC-33: dream-n has an address and a session of T01; T01 becomes locked: one valid logout token is posted."""
    back.hears("dream-n")
    back.hears("county-study")
    claims = partner("dream-n").sign_in(browser, people["T01"]).claims
    partner("county-study").sign_in(Browser(back.app), people["T02"])
    lock(office, people["T01"])
    back.deliver()
    (told,) = back.claims("dream-n")
    assert (told["sid"], told["sub"]) == (claims["sid"], claims["sub"])
    assert len(back.receiver.posted) == 1
    assert is_signed_in(back.app, session_of(browser))  # our own session goes on: Article 5 ends roaming
    leave(browser)
    browser.submit("logout-confirm")
    back.deliver()
    assert len(back.receiver.posted) == 1  # told already, and no sign-in since


def test_old_sessions_are_let_be(back: Back, dream_n: RelyingParty, people: People, office: Office) -> None:
    """A lock ends partners' sessions of the last 30 days, though ours behind them died of idleness long ago."""
    back.hears("dream-n")
    dream_n.sign_in(Browser(back.app), people["T02"])
    with later(days=2):
        recent = dream_n.sign_in(Browser(back.app), people["T02"]).claims["sid"]
    with later(days=REMEMBERED.days + 1):
        lock(office, people["T02"])
    assert [row.sid for row in back.rows()] == [recent]


@pytest.mark.rule("D-54")
def test_a_withdrawal_is_told_to_that_partner(
    back: Back, app: Flask, partner: PartnerOf, browser: Browser, people: People, office: Office
) -> None:
    """Every session of hers at this partner and at no other; a second withdrawal after a new consent is told anew."""
    for name in ("dream-n", "county-study"):
        back.hears(name)
    elsewhere = Browser(app)
    sids = {partner("dream-n").sign_in(one, people["T01"]).claims["sid"] for one in (browser, elsewhere)}
    partner("county-study").sign_in(browser, people["T01"])
    ident = office.id_of(people["T01"])
    with app.app_context():
        ledger.withdraw(ident, "dream-n", now=datetime.now(UTC))
    back.deliver()
    assert {claims["sid"] for claims in back.claims("dream-n")} == sids
    assert len(back.receiver.posted) == 2
    again = partner("dream-n").sign_in(browser, people["T01"]).claims["sid"]
    with app.app_context():
        ledger.withdraw(ident, "dream-n", now=datetime.now(UTC))
    back.deliver()
    assert [claims["sid"] for claims in back.claims("dream-n")][2:] == [again]
    assert again in sids


@pytest.mark.spec(SPEC, "2.5")
def test_another_person_in_the_same_browser(
    back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Her log-in ends the session before, and partners hear of it."""
    back.hears("dream-n")
    sid = dream_n.sign_in(browser, people["T02"]).claims["sid"]
    old = session_of(browser)
    browser.get("/login")
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert not is_signed_in(app, old)
    back.deliver()
    assert [claims["sid"] for claims in back.claims("dream-n")] == [sid]


def test_the_same_person_again_keeps_her_session(
    back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """A new log-in changes cookie and auth_time, not the session: sid stays and nobody is told."""
    back.hears("dream-n")
    first = dream_n.sign_in(browser, people["T02"]).claims
    old = session_of(browser)
    with later(minutes=10):
        page, request = dream_n.start(browser, people["T02"], prompt="login")
        again = dream_n.finish(page, request).claims
    assert not is_signed_in(app, old)
    assert is_signed_in(app, session_of(browser))
    assert again["sid"] == first["sid"]
    assert again["auth_time"] - first["auth_time"] >= 600
    assert back.rows() == []


def test_a_dead_session_of_hers_ends_quietly(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Idle for too long: she has a new session; partners' sessions go by their own time."""
    back.hears("dream-n")
    first = dream_n.sign_in(browser, people["T02"]).claims
    with later(minutes=40):
        again = dream_n.sign_in(browser, people["T02"]).claims
    assert again["sid"] != first["sid"]
    assert back.rows() == []


def test_a_dead_session_of_another_person_is_told(
    back: Back, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """The next person at the machine must not find the last one's sessions at partners."""
    back.hears("dream-n")
    first = dream_n.sign_in(browser, people["T02"]).claims
    with later(minutes=40):
        browser.get("/login")
        browser.log_in(people["T01"]["account"], people["T01"]["password"])
    assert [row.sid for row in back.rows()] == [first["sid"]]


def test_the_end_and_the_word_are_one_transaction(
    back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the transaction fails after both, the session lives and nobody is told."""
    back.hears("dream-n")
    dream_n.sign_in(browser, people["T02"])
    browser.get("/account")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(logins, "record", fail)
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert browser.submit("logout").status == 500
    assert is_signed_in(app, session_of(browser))
    assert back.rows() == []


@pytest.mark.rule("D-27")
def test_a_partner_without_an_address_is_recorded(
    back: Back, app: Flask, dream_n: RelyingParty, browser: Browser, people: People, office: Office
) -> None:
    """D-27: the audit records which partners could not be notified."""
    back.deaf("dream-n")
    dream_n.sign_in(browser, people["T01"])
    lock(office, people["T01"])
    (row,) = back.rows()
    assert (row.client_id, row.due_at, row.last_error) == ("dream-n", None, "no backchannel_logout_uri")
    assert row.given_up_at is not None
    (event,) = audited(app, "logout.backchannel.failed")
    assert (event.client_id, event.subject) == ("dream-n", f"account:{office.id_of(people['T01'])}")
    assert event.detail == {"reason": "locked", "error": "no backchannel_logout_uri"}
    assert back.deliver() == (0, 0)
