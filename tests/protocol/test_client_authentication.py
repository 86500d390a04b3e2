"""How a partner proves itself at the token endpoint: one registered method, strictly read (RFC 6749 §2.3)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clients.models import Client, ClientSecret
from clients.registry import secret_digest
from config.database import db
from config.snapshot import bump
from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, basic, raw_basic, sign_on, token_error
from tests.rp import RelyingParty

CODE = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://x.test/", "code_verifier": "v" * 43}


def post(rp: RelyingParty, headers: dict[str, str] | None = None, **body: str) -> TestResponse:
    """Send a token request whose code is worthless: only the authentication matters."""
    return rp.back_channel.post("/oidc/token", data=CODE | body, headers=headers, base_url=rp.issuer)


def is_refused(response: TestResponse) -> bool:
    """Whether this is the one answer to every failed authentication."""
    assert response.get_json() == {"error": "invalid_client", "error_description": "Client authentication failed"}
    assert response.headers["WWW-Authenticate"].startswith('Basic realm="')
    return token_error(response) == "invalid_client" and response.status_code == 401


@pytest.mark.spec("RFC 6749", "5.2")
def test_a_failed_authentication_is_401_and_says_nothing(dream_n: RelyingParty) -> None:
    """Unknown client, wrong, empty or missing secret, other scheme: the same words and a challenge."""
    ident, secret = dream_n.client_id, dream_n.secret
    wrong = [basic(ident, "wrong"), basic(ident, ""), basic("nobody", secret), basic("", secret), basic(secret, ident)]
    wrong += [basic(ident, secret[:-1]), basic(ident, secret + "x"), basic(ident.upper(), secret)]
    wrong += [basic(ident, secret, "Bearer"), basic(ident, secret, "Digest"), {}]
    answers = [post(dream_n, headers) for headers in wrong]
    assert all(is_refused(answer) for answer in answers)
    assert len({answer.get_data() for answer in answers}) == 1
    assert is_refused(post(dream_n, client_id=ident))
    assert token_error(post(dream_n, basic(ident, secret))) == "invalid_grant"


MALFORMED = ("Basic", "Basic ", "Basic !!!", "Basic ZHJlYW0", "Basic =", "basic\t", "Basic ZHJlYW0tbg==", "", "é")


@pytest.mark.parametrize("header", MALFORMED)
def test_a_malformed_header_is_refused(dream_n: RelyingParty, header: str) -> None:
    """A header that cannot be read is a failed authentication, not an accident."""
    assert is_refused(post(dream_n, {"Authorization": header}))
    assert is_refused(post(dream_n, raw_basic(b"dream-n:\xff\xfe")))
    assert is_refused(post(dream_n, raw_basic(b"dream-n\0:x")))
    assert is_refused(post(dream_n, raw_basic(b"%00:%00%FF%")))


def test_each_client_has_one_method(dream_n: RelyingParty, partner: PartnerOf) -> None:
    """A client registered for one method is refused with the other, though the secret is right."""
    posting = partner("county-study")
    assert posting.auth_method == "client_secret_post"
    assert is_refused(post(posting, basic(posting.client_id, posting.secret)))
    assert is_refused(post(dream_n, client_id=dream_n.client_id, client_secret=dream_n.secret))
    right = post(posting, client_id=posting.client_id, client_secret=posting.secret)
    assert token_error(right) == "invalid_grant"


@pytest.mark.spec("RFC 6749", "2.3")
def test_two_methods_at_once_are_an_error(dream_n: RelyingParty, partner: PartnerOf) -> None:
    """More than one way of authentication is invalid_request, whatever is registered."""
    for rp in (dream_n, partner("county-study")):
        both = post(rp, basic(rp.client_id, rp.secret), client_id=rp.client_id, client_secret=rp.secret)
        assert token_error(both) == "invalid_request"
        assert both.status_code == 400


def test_the_client_id_may_be_repeated_in_the_body(dream_n: RelyingParty) -> None:
    """Old clients send client_id beside the header; another one than the header's is an error."""
    header = basic(dream_n.client_id, dream_n.secret)
    assert token_error(post(dream_n, header, client_id=dream_n.client_id)) == "invalid_grant"
    assert token_error(post(dream_n, header, client_id="county-study")) == "invalid_request"


SPECIAL = ("a secret with + and % and :", "密碼-很長很長很長很長很長很長很長", 'quote"back\\slash&=;~-0123')


@pytest.mark.spec("RFC 6749", "2.3.1")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
@pytest.mark.parametrize("secret", SPECIAL)
def test_special_characters_survive(app: Flask, browser: Browser, people: People, secret: str, method: str) -> None:
    """Both halves of Basic are form-encoded; blanks may come as plus signs too."""
    rp = add_partner(app, client_id="a.b_c~d-1", client_secret=secret, token_endpoint_auth_method=method)
    code, request = sign_on(rp, browser, people["T01"])
    assert rp.exchange(code, request).status_code == 200
    if method == "client_secret_basic":
        plus = quote(secret, safe="").replace("%20", "+")
        assert token_error(post(rp, raw_basic(f"a.b_c~d-1:{plus}".encode(), "bASIC"))) == "invalid_grant"


def test_of_two_secrets_both_work_until_one_expires(app: Flask, dream_n: RelyingParty) -> None:
    """Rotation overlaps; a secret past its date is dead."""
    now = datetime.now(UTC)
    ends = {"new-secret-0123456789": None, "old-secret-0123456789": now - timedelta(seconds=1)}
    with app.app_context(), db.session.begin():
        client = db.session.scalars(select(Client).where(Client.client_id == dream_n.client_id)).one()
        for secret, until in ends.items():
            client.secrets.append(ClientSecret(digest=secret_digest(secret), created_at=now, expires_at=until))
        bump()
    assert token_error(post(dream_n, basic("dream-n", dream_n.secret))) == "invalid_grant"
    assert is_refused(post(dream_n, basic("dream-n", "old-secret-0123456789")))
