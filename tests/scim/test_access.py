"""Who may call the interface (RFC 6750 §3, RFC 9068 §4, RFC 9449 §7, RFC 8705 §3)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from clients.lifecycle import CaseState
from clients.resources import RESOURCES
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.scim.support import ERROR, MACHINE, Scim, new_user, token_of
from tests.spec.support import Keys, client, dpop_proof, tampered
from tests.support.office import Desk, Office, People

ENDPOINTS = [
    *(("GET", "/Users"), ("POST", "/Users"), ("POST", "/Users/.search"), ("POST", "/.search"), ("GET", "/Users/x")),
    *(("PUT", "/Users/x"), ("PATCH", "/Users/x"), ("DELETE", "/Users/x"), ("POST", "/Bulk"), ("GET", "/Me")),
    *(
        ("GET", "/ServiceProviderConfig"),
        ("GET", "/ResourceTypes"),
        ("GET", "/ResourceTypes/User"),
        ("GET", "/Schemas"),
    ),
]


def call(app: Flask, method: str, path: str, **headers: str) -> TestResponse:
    """Send a request with these headers."""
    http = app.test_client(use_cookies=False)
    return http.open(f"/scim/v2{path}", method=method, headers=headers, base_url="http://127.0.0.1:8000")


def challenge(answer: TestResponse, status: int = 401) -> str:
    """Check the form of a refusal and return its challenge."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/scim+json"
    assert answer.get_json(force=True)["schemas"] == [ERROR]
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.headers["WWW-Authenticate"]


@pytest.mark.spec("RFC 7644", "2")
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_nothing_is_public(app: Flask, method: str, path: str) -> None:
    """Without a token no error code is told; with a wrong one, invalid_token."""
    assert challenge(call(app, method, path)) == 'Bearer realm="scim"'
    for wrong in ("x", "a.b.c", "Bearer", "e30.e30.e30"):
        assert 'error="invalid_token"' in challenge(call(app, method, path, Authorization=f"Bearer {wrong}"))
    for scheme in ("Basic eDp5", "Bearer ", "Negotiate x"):
        assert challenge(call(app, method, path, Authorization=scheme)) == 'Bearer realm="scim"'


@pytest.mark.spec("RFC 6750", "3.1")
def test_reading_is_not_writing(app: Flask) -> None:
    """403 insufficient_scope, each way round; a search by POST is reading."""
    reader, writer = Scim(app), Scim(app, client_id="writer")
    reader.token, writer.token = token_of(reader.rp, scope="scim.read"), token_of(writer.rp, scope="scim.write")
    ident = reader.find("wang0101")["id"]
    assert reader.ok("POST", "/Users/.search", {})["totalResults"] > 20
    writes = (("POST", "/Users"), ("PUT", "/Users/x"), ("PATCH", f"/Users/{ident}"), ("DELETE", f"/Users/{ident}"))
    for method, path in (*writes, ("POST", "/Bulk")):
        told = challenge(reader.send(method, path, {}), 403)
        assert told == 'Bearer realm="scim", error="insufficient_scope", scope="scim.write"'
    for method, path in (("GET", "/Users"), ("GET", f"/Users/{ident}"), ("POST", "/.search"), ("GET", "/Schemas")):
        assert 'scope="scim.read"' in challenge(writer.send(method, path, {} if method == "POST" else None), 403)
    assert writer.create("written1")["active"]


@pytest.mark.spec("RFC 9068", "4")
def test_tokens_for_others_do_not_count(
    app: Flask, scim: Scim, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Another interface's, a teacher's, a changed one; one for two interfaces counts."""
    other = client(app, **MACHINE | {"client_id": "other", "resources": ["reporting"], "service_area": []})
    both = client(app, **MACHINE | {"client_id": "both", "resources": ["reporting", "scim"]})
    signed_in = dream_n.sign_in(browser, people["T01"])
    elsewhere = token_of(both, resource=RESOURCES["reporting"].uri(scim.rp.issuer))
    for token in (
        token_of(other),
        elsewhere,
        signed_in.access_token,
        tampered(scim.token, aud="x"),
        scim.token[:-4] + "AAAA",
    ):
        assert 'error="invalid_token"' in challenge(call(app, "GET", "/Users", Authorization=f"Bearer {token}"))
    assert call(app, "GET", "/Users", Authorization=f"Bearer {token_of(both)}").status_code == 200


@pytest.mark.spec("RFC 6750", "3.1")
def test_a_token_ends(app: Flask, scim: Scim, desk: Desk) -> None:
    """By time, by revocation, with the cooperation, with the registration."""
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        challenge(scim.send("GET", "/Users"))
    scim.rp.call("/oidc/revoke", {"token": scim.token})
    challenge(scim.send("GET", "/Users"))
    scim.token = token_of(scim.rp)
    scim.ok("GET", "/Users")
    desk.set_case(scim.rp.client_id, state=CaseState.SUSPENDED)
    challenge(scim.send("GET", "/Users"))
    desk.set_case(scim.rp.client_id, state=CaseState.LIVE)
    scim.ok("GET", "/Users")
    client(app, **MACHINE | {"resources": ["reporting"], "service_area": []})
    challenge(scim.send("GET", "/Users"))


@pytest.mark.spec("RFC 9449", "7")
def test_a_bound_token_needs_its_key(app: Flask) -> None:
    """With a proof by its key, once; never as a bearer token, never by another key or for another request."""
    keys, other = Keys.generate("ES256", 9), Keys.generate("ES256", 8)
    rp = client(app, None, keys, **MACHINE | {"dpop_bound_access_tokens": True})
    token, uri = token_of(rp), f"{rp.issuer}/scim/v2/Users"

    def send(method: str, proof: str | None, scheme: str = "DPoP", path: str = "/Users") -> TestResponse:
        headers = {"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof else {})
        return call(app, method, path, **headers)

    def proof(by: Keys = keys, method: str = "GET", **changes: Any) -> str:
        return dpop_proof(by, method, uri, access_token=token, nonce=rp.nonce, **changes)

    good = proof()
    assert send("GET", good).status_code == 200
    assert send("GET", good).status_code == 401
    assert "algs=" in challenge(send("GET", None))
    for answer in (send("GET", proof(other)), send("GET", proof(), "Bearer"), send("GET", proof(method="POST"))):
        challenge(answer)
    asked = send("GET", dpop_proof(keys, "GET", uri, access_token=token))
    assert 'error="use_dpop_nonce"' in challenge(asked)
    assert asked.headers["DPoP-Nonce"]


@pytest.mark.spec("RFC 8705", "3")
def test_a_certificate_bound_token_needs_its_certificate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thumbprint in the token is compared with the connection's certificate."""
    scim = Scim(app)
    monkeypatch.setattr("idp.oidc.machine.confirmation", lambda _cnf: {"cnf": {"x5t#S256": "the-thumbprint"}})
    scim.token = token_of(scim.rp)
    challenge(scim.send("GET", "/Users"))
    monkeypatch.setattr("idp.oidc.sender.certificate_thumbprint", lambda: "the-thumbprint")
    scim.ok("GET", "/Users")


def test_the_client_is_the_actor(scim: Scim, office: Office) -> None:
    """Every change names it in the audit log, with where it came from."""
    scim.create("newone1")
    (event,) = [one for one in office.events("account.opened") if one.actor == "client:county-system"]
    assert event.ip == "127.0.0.1"


def test_a_browser_has_no_way_in(app: Flask, browser: Browser, people: People) -> None:
    """A session is no token; no cookie is set, no page of ours is shown, no form token is asked for."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    for method in ("GET", "POST"):
        answer = browser.http.open("/scim/v2/Users", method=method, json=new_user() if method == "POST" else None)
        challenge(answer)
        assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in call(app, "GET", "/Users", Origin="https://evil.test").headers
