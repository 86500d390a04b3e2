"""What the token answer and the ID token hold (RFC 6749 §5.1, OIDC Core §2 and §3.1.3)."""

import re
from typing import Any

import jwt
import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, sign_on
from tests.rp import RelyingParty

PROTOCOL = {"iss", "sub", "aud", "exp", "iat", "auth_time", "at_hash", "sid", "acr", "amr"}
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def _answer(rp: RelyingParty, browser: Browser, person: dict[str, Any], **changes: str | None) -> dict[str, Any]:
    code, request = sign_on(rp, browser, person, **changes)
    answer = rp.exchange(code, request)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    body: dict[str, Any] = answer.get_json()
    rp.verify(body["id_token"], request, body["access_token"])
    return body


@pytest.mark.rule("D-26")
@pytest.mark.spec("RFC 6749", "5.1")
def test_the_answer_has_exactly_these_members(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Bearer, ten minutes, the granted scope, and no refresh token, whatever was asked for."""
    body = _answer(dream_n, browser, people["T02"], scope=f"{dream_n.scope} offline_access")
    assert set(body) == {"access_token", "token_type", "expires_in", "id_token", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["scope"] == dream_n.scope
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", body["access_token"])


def test_the_id_token_names_key_and_type(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """RS256, a published kid, typ JWT, and no key inside."""
    header = jwt.get_unverified_header(_answer(dream_n, browser, people["T02"])["id_token"])
    published = dream_n.back_channel.get("/oidc/jwks", base_url=dream_n.issuer).get_json()["keys"]
    assert header == {"alg": "RS256", "typ": "JWT", "kid": published[0]["kid"]}


@pytest.mark.rule("AC-74")
@pytest.mark.spec("OIDC Core", "2")
def test_the_id_token_has_exactly_these_claims(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """AC-74: protocol claims and approved items; no account name, e-mail or employment status."""
    token = _answer(dream_n, browser, people["T02"])["id_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    items = {"name", "inservice_school_code", "inservice_school_name", "inservice_title_name"}
    assert set(claims) == PROTOCOL | items | {"nonce"}
    assert claims["iss"] == dream_n.issuer
    assert claims["aud"] == dream_n.client_id
    assert claims["exp"] - claims["iat"] == 600
    assert claims["auth_time"] <= claims["iat"]
    assert all(isinstance(claims[name], int) for name in ("exp", "iat", "auth_time"))
    assert UUID4.fullmatch(claims["sub"])
    assert people["T02"]["account"] not in str(claims)


NONCES = ("n-0S6_WzA2Mj", "a b+c&d=%2F", "數字 ✓", "0", "<nonce>", "x" * 1000)


@pytest.mark.spec("OIDC Core", "3.1.3.7")
@pytest.mark.parametrize("nonce", NONCES, ids=ascii)
def test_the_nonce_comes_back_exactly(dream_n: RelyingParty, browser: Browser, people: People, nonce: str) -> None:
    """The nonce is echoed as it came."""
    token = _answer(dream_n, browser, people["T02"], nonce=nonce)["id_token"]
    assert jwt.decode(token, options={"verify_signature": False})["nonce"] == nonce


def test_without_nonce_there_is_none(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The nonce is optional; none is made up, and null is none either."""
    token = _answer(dream_n, browser, people["T02"], nonce=None)["id_token"]
    assert "nonce" not in jwt.decode(token, options={"verify_signature": False})


def test_two_sign_ins_may_use_the_same_nonce(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """The nonce protects the client; we neither keep nor judge it."""
    for _ in range(2):
        _answer(dream_n, browser, people["T02"], nonce="same")


@pytest.mark.rule("AC-70", "AC-71", "D-49")
@pytest.mark.spec("OIDC Core", "8")
def test_sub_is_of_the_approved_kind(partner: PartnerOf, browser: Browser, people: People) -> None:
    """AC-70, AC-71: pairwise where the identifier was approved, new at every sign-in where it was not."""
    subs = {
        client_id: [partner(client_id).sign_in(browser, people["T01"]).claims["sub"] for _ in range(2)]
        for client_id in ("dream-n", "county-study", "material-hub")
    }
    assert subs["dream-n"][0] == subs["dream-n"][1]
    assert subs["county-study"][0] == subs["county-study"][1]
    assert subs["material-hub"][0] != subs["material-hub"][1]
    values = [sub for pair in subs.values() for sub in pair]
    assert len(set(values)) == 4
    assert all(UUID4.fullmatch(value) for value in values)


def test_each_partner_has_its_own_sid(partner: PartnerOf, browser: Browser, people: People) -> None:
    """Two partners cannot join their data by the session id; for one partner it is that of the session."""
    sids = [partner(name).sign_in(browser, people["T01"]).claims["sid"] for name in ("dream-n", "county-study")]
    assert sids[0] != sids[1]
    assert partner("dream-n").sign_in(browser, people["T01"]).claims["sid"] == sids[0]


def test_a_client_may_want_its_claims_from_userinfo_only(app: Flask, browser: Browser, people: People) -> None:
    """claims_in_id_token=false leaves the items out of the ID token."""
    rp = add_partner(app, claims_in_id_token=False)
    signed_in = rp.sign_in(browser, people["T01"])
    assert set(signed_in.claims) == PROTOCOL | {"nonce"}
    assert set(signed_in.userinfo) == {"sub", "name", "inservice_school_code"}
