"""Rotation of client secrets: two count during the overlap, no sign-in breaks, and the old one ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from clients.cases import CaseRefused
from clients.client_secrets import rotate_secret
from tests.pages import Browser
from tests.protocol.wire import People, audited, later, sign_on, token_error
from tests.rp import RelyingParty
from tests.spec.registration.partner import Partner
from tests.spec.signing import Keys
from tests.spec.support import Client as KeyedClient
from tests.spec.support import client as keyed_client
from tests.support.office import Desk

Rotate = Callable[..., str]


@pytest.fixture
def rotate(app: Flask) -> Rotate:
    """Rotate as ``idp clients rotate-secret`` does."""

    def run(client_id: str, hours: int = 24) -> str:
        with app.app_context():
            return rotate_secret(client_id, overlap=timedelta(hours=hours), actor="test", now=datetime.now(UTC))

    return run


def answers(rp: RelyingParty, secret: str) -> str:
    """Return what the token endpoint says to a secret: a good one gets as far as the code."""
    rp.secret = secret
    return token_error(rp.exchange("no-code", rp.request()))


GOOD, BAD = "invalid_grant", "invalid_client"


@pytest.mark.spec("RFC 6749", "2.3.1")
def test_both_count_during_the_overlap(app: Flask, dream_n: RelyingParty, rotate: Rotate) -> None:
    """Old and new both work, then the new one alone; it has our prefix and 256 bits, and the audit log has neither."""
    old = dream_n.secret
    new = rotate("dream-n")
    assert new.startswith("rps_")
    assert len(new) == 4 + 43
    assert [answers(dream_n, secret) for secret in (old, new, "rps_" + "a" * 43)] == [GOOD, GOOD, BAD]
    with later(hours=23, minutes=59):
        assert [answers(dream_n, secret) for secret in (old, new)] == [GOOD, GOOD]
    with later(hours=24, seconds=1):
        assert [answers(dream_n, secret) for secret in (old, new)] == [BAD, GOOD]
    (event,) = audited(app, "case.client_secret_rotated")
    assert new not in str(event.detail)


@pytest.mark.spec("RFC 6749", "2.3.1")
@pytest.mark.parametrize("uses", ["old", "new"])
def test_a_sign_in_under_way_survives(
    dream_n: RelyingParty, rotate: Rotate, browser: Browser, people: People, uses: str
) -> None:
    """A code from before the rotation is redeemed after it, with either secret."""
    code, request = sign_on(dream_n, browser, people["T02"])
    new = rotate("dream-n")
    dream_n.secret = new if uses == "new" else dream_n.secret
    assert dream_n.exchange(code, request).status_code == 200


@pytest.mark.spec("RFC 6749", "2.3.1")
def test_at_most_two_count(dream_n: RelyingParty, rotate: Rotate) -> None:
    """A second rotation within the overlap ends the oldest."""
    first = dream_n.secret
    second, third = rotate("dream-n"), rotate("dream-n")
    assert [answers(dream_n, secret) for secret in (first, second, third)] == [BAD, GOOD, GOOD]


@pytest.mark.spec("RFC 6749", "2.3.1")
def test_a_leaked_secret_ends_now(dream_n: RelyingParty, rotate: Rotate) -> None:
    """Without overlap the old one is void at once."""
    old, new = dream_n.secret, rotate("dream-n", 0)
    assert [answers(dream_n, secret) for secret in (old, new)] == [BAD, GOOD]


@pytest.mark.spec("OIDC Core", "9")
def test_secrets_for_hmac(app: Flask, rotate: Rotate) -> None:
    """``client_secret_jwt``: assertions by either secret count during the overlap."""
    rp = keyed_client(app, token_endpoint_auth_method="client_secret_jwt", jwks=None)
    old, new = rp.secret, rotate(rp.client_id)
    assert [answers(rp, secret) for secret in (old, new, "rps_" + "a" * 43)] == [GOOD, GOOD, BAD]
    with later(hours=25):
        assert [answers(rp, secret) for secret in (old, new)] == [BAD, GOOD]


def test_who_has_none(app: Flask, rotate: Rotate, desk: Desk) -> None:
    """No secret for nobody, for a client with a key, or for a disabled one."""
    keyed: KeyedClient = keyed_client(app, Keys.generate("ES256"))
    desk.set_client("dream-n", disabled_at=datetime.now(UTC))
    for client_id, said in (("x", "no client x"), (keyed.client_id, "without a secret"), ("dream-n", "is disabled")):
        with pytest.raises(CaseRefused, match=said):
            rotate(client_id)


@pytest.mark.spec("RFC 7592", "2.2")
def test_an_update_during_the_overlap(registrant: Partner, case: int, rotate: Rotate) -> None:
    """Either secret may be repeated in an update, and both count on."""
    known = registrant.registered(case)
    rp = registrant.relying_party(known)
    old, new = rp.secret, rotate(rp.client_id)
    for secret in (old, new):
        sent = {"client_id": rp.client_id, "client_secret": secret, "redirect_uris": [rp.redirect_uri]}
        assert registrant.manage("PUT", known, sent).status_code == 200
    assert [answers(rp, secret) for secret in (old, new)] == [GOOD, GOOD]
