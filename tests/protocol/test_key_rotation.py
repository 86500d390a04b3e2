"""Keys: publish, wait, sign, retire, all from dates; the private halves are never in clear at rest (ARCHITECTURE §6)."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import Flask
from sqlalchemy import select, text

from config.database import db
from idp import keys
from tests.conftest import Template
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, rotate, sign_on
from tests.rp import RelyingParty

LEAD, TTL = timedelta(hours=24), timedelta(seconds=600)


@pytest.fixture
def clock(template: Template) -> Iterator[time_machine.Traveller]:
    """A clock that stands still, after the demo data were loaded; ``shift`` moves it."""
    with time_machine.travel(max(datetime.now(UTC), template.loaded_at + timedelta(seconds=1)), tick=False) as stopped:
        yield stopped


def published(app: Flask) -> list[str]:
    """Return the kids of the RS256 keys of the JWKS, in its order."""
    keys = app.test_client().get("/oidc/jwks").get_json()["keys"]
    return [key["kid"] for key in keys if key["alg"] == "RS256"]


def signed_by(rp: RelyingParty, browser: Browser, people: People) -> str:
    """Sign in (the relying party verifies the token with the published keys) and return the kid."""
    token = rp.sign_in(browser, people["T02"]).id_token
    return str(jwt.get_unverified_header(token)["kid"])


def test_a_new_key_is_published_and_waits(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People, clock: time_machine.Traveller
) -> None:
    """It stands in the JWKS at once, behind the one that signs, and signs only after the lead."""
    old = signed_by(dream_n, browser, people)
    etag = app.test_client().get("/oidc/jwks").headers["ETag"]
    new = rotate(app)
    assert signed_by(dream_n, browser, people) == old
    assert published(app) == [old, new]
    assert app.test_client().get("/oidc/jwks").headers["ETag"] != etag
    clock.shift(LEAD - timedelta(seconds=1))
    assert signed_by(dream_n, browser, people) == old
    clock.shift(1)
    assert signed_by(dream_n, browser, people) == new
    assert published(app) == [new, old]


def test_a_sign_in_under_way_survives(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People, clock: time_machine.Traveller
) -> None:
    """A code from before the change is redeemed after it; a token from before still verifies while it lives."""
    new = rotate(app)
    clock.shift(LEAD - timedelta(seconds=30))
    before = dream_n.sign_in(browser, people["T02"])
    code, request = sign_on(dream_n, browser, people["T02"])
    clock.shift(50)
    answer = dream_n.exchange(code, request).get_json()
    dream_n.verify(answer["id_token"], request, answer["access_token"])
    assert jwt.get_unverified_header(answer["id_token"])["kid"] == new
    clock.shift(TTL - timedelta(seconds=50))
    known = {key["kid"]: key for key in app.test_client().get("/oidc/jwks").get_json()["keys"]}
    header = jwt.get_unverified_header(before.id_token)
    assert header["kid"] != new
    jwt.decode(before.id_token, jwt.PyJWK(known[header["kid"]]), ["RS256"], audience="dream-n", leeway=5)


def test_the_old_key_leaves_after_its_last_token(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People, clock: time_machine.Traveller
) -> None:
    """It stays as long as a token of its could live, and a little longer, then it is gone."""
    old = signed_by(dream_n, browser, people)
    new = rotate(app)
    clock.shift(LEAD + TTL)
    assert signed_by(dream_n, browser, people) == new
    assert published(app) == [new, old]
    clock.shift(301)
    assert published(app) == [new]


def test_only_one_key_may_wait(app: Flask, clock: time_machine.Traveller) -> None:
    """A second rotation before the first took effect is refused; after it the next one is fine."""
    rotate(app)
    with pytest.raises(ValueError, match="waiting already"):
        rotate(app)
    clock.shift(LEAD)
    rotate(app)
    assert len(audited(app, "key.published")) == len(keys.ALGS) + 2


def test_every_worker_signs_and_publishes_alike(
    make_app: MakeApp, template: Template, people: People, clock: time_machine.Traveller
) -> None:
    """A worker that had nothing to do but answer its JWKS still publishes the key that another one signs with."""
    busy, idle = make_app(), make_app()
    published(idle)
    new = rotate(busy)
    rp = RelyingParty(busy, template.clients["dream-n"])
    clock.shift(LEAD)
    assert signed_by(rp, Browser(busy), people) == new
    assert new in published(idle)


def _spellings(number: int) -> list[bytes]:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    encoded = [base64.b64encode(raw), base64.urlsafe_b64encode(raw)]
    return [
        raw,
        str(number).encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        *(e.rstrip(b"=") for e in encoded),
    ]


def test_private_keys_are_sealed_at_rest(app: Flask) -> None:
    """Neither PEM nor a private number stands anywhere in the database."""
    rotate(app)
    with app.app_context(), db.session.begin():
        rows = db.session.execute(select(keys.SigningKey.__table__)).all()
        raw = repr(rows).encode()
        if db.engine.dialect.name == "sqlite":
            db.session.execute(text("SELECT 1"))
            file = Path(str(db.engine.url.database))
            raw += b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
        loaded = [key.private for key in keys.load(db.session.connection())]
    numbers = [private.private_numbers() for private in loaded if isinstance(private, RSAPrivateKey)]
    assert len(rows) == len(loaded) == len(keys.ALGS) + 1
    assert len(numbers) == 3
    assert str(numbers[0].public_numbers.n).encode() not in raw
    assert rows[0].kid.encode() in raw
    for found in numbers:
        for spelling in (*_spellings(found.d), *_spellings(found.p), *_spellings(found.q)):
            assert spelling not in raw
    for word in (b"PRIVATE KEY", b"BEGIN RSA", base64.b64encode(b"-----BEGIN PRIVATE")[:20]):
        assert word not in raw
