"""Management of a registration by its own token: read, replace, end (RFC 7592)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clients.lifecycle import CooperationItem
from clients.models import Case, Client
from config.database import db
from scopes.items import DataItem
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People, audited, sign_on, token_error
from tests.spec.registration.partner import Partner, new_case, refused, update_of
from tests.spec.signing import Keys
from tests.spec.support import Client as KeyedClient
from tests.support.office import Desk

WRONG = ("rpm_" + "a" * 43, "x", "%00", "é".encode().decode("latin-1"))


@pytest.mark.spec("RFC 7592", "2", "2.1")
def test_read(registrant: Partner, case: int) -> None:
    """All that is registered, and the token that was shown; the secret is not kept, so it is not told again."""
    known = registrant.registered(case, contacts=["mei@rp.example"])
    answer = registrant.manage("GET", known)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.get_json() == {
        name: value for name, value in known.items() if name not in {"client_secret", "client_secret_expires_at"}
    }
    assert registrant.manage("HEAD", known).status_code == 200


@pytest.mark.spec("RFC 7592", "2")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_token_is_bound_to_its_client(app: Flask, registrant: Partner, case: int, method: str) -> None:
    """Wrong token, token of another client, unknown client, initial token: one and the same 401."""
    known, other = registrant.registered(case), registrant.registered(new_case(app))
    initial = registrant.token(case, "test")
    sent = update_of(known) if method == "PUT" else None
    tokens = [*WRONG, other["registration_access_token"], initial, known["client_secret"]]
    answers = [registrant.manage(method, known, sent, token) for token in tokens]
    nobody = known | {"registration_client_uri": known["registration_client_uri"] + "x"}
    demo = known | {"registration_client_uri": "/oidc/register/dream-n"}
    answers += [registrant.manage(method, client, sent) for client in (nobody, demo)]
    for answer in answers:
        refused(answer, "invalid_token", 401)
    assert len({answer.data for answer in answers}) == 1
    path = known["registration_client_uri"].removeprefix("http://127.0.0.1:8000")
    bare = registrant.call(method, path, None, **({"json": sent} if sent else {}))
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, 'Bearer realm="registration"')
    assert registrant.manage("GET", known).status_code == 200


@pytest.mark.spec("RFC 7592", "2")
def test_a_client_without_a_token_cannot_be_managed(app: Flask, registrant: Partner) -> None:
    """Clients that did not register themselves have no token; no token is not an empty one."""
    with app.app_context(), db.session.begin():
        digests = db.session.scalars(select(Client.registration_token_digest)).all()
    assert set(digests) == {None}
    for token in ("None", "null", '""', "-"):
        refused(registrant.call("GET", "/oidc/register/dream-n", token), "invalid_token", 401)


@pytest.mark.spec("RFC 7592", "2.2")
def test_replace(registrant: Partner, case: int, browser: Browser, people: People) -> None:
    """The new metadata counts from the next request on, what is left out falls back; secret and token stay."""
    known = registrant.registered(case, contacts=["mei@rp.example"], default_max_age=600)
    uris = ["https://new.rp.example/cb"]
    answer = registrant.manage("PUT", known, update_of(known, redirect_uris=uris, contacts=None, default_max_age=None))
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["redirect_uris"] == uris
    assert not {"contacts", "default_max_age", "client_secret"} & found.keys()
    assert found["registration_access_token"] == known["registration_access_token"]
    assert registrant.manage("GET", known).get_json() == found
    rp = registrant.relying_party(known | {"redirect_uris": uris})
    assert rp.sign_in(browser, people["T02"]).claims["sub"]
    old = registrant.relying_party(known)
    assert browser.get(old.request().url).status == 400
    event, actor, evidence = registrant.events(case)[-1]
    assert (event, actor) == ("client_changed", f"client:{known['client_id']}")
    assert evidence["members"] == ["contacts", "default_max_age", "redirect_uris"]


@pytest.mark.spec("RFC 7592", "2.2")
def test_a_sign_in_under_way_survives_a_replacement(
    registrant: Partner, case: int, browser: Browser, people: People
) -> None:
    """A code that was given before is redeemed after."""
    known = registrant.registered(case)
    rp = registrant.relying_party(known)
    code, request = sign_on(rp, browser, people["T02"])
    assert registrant.manage("PUT", known, update_of(known, contacts=["mei@rp.example"])).status_code == 200
    assert rp.exchange(code, request).status_code == 200


@pytest.mark.spec("RFC 7592", "2.2")
@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"client_id": None}, "invalid_client_metadata", "client_id: must be the registered one"),
        ({"client_id": "dream-n"}, "invalid_client_metadata", "client_id: must be"),
        ({"client_secret": "rps_another-one"}, "invalid_client_metadata", "client_secret: must be the one"),
        ({"client_secret": 7}, "invalid_client_metadata", "client_secret: must be the one"),
        ({"client_secret": "\\u0000"}, "invalid_client_metadata", ""),
        ({"registration_access_token": "x"}, "invalid_client_metadata", "registration_access_token: must not be sent"),
        ({"registration_client_uri": "x"}, "invalid_client_metadata", "registration_client_uri: must not be sent"),
        ({"client_secret_expires_at": 1}, "invalid_client_metadata", "client_secret_expires_at: must not be sent"),
        ({"client_id_issued_at": 1}, "invalid_client_metadata", "client_id_issued_at: must not be sent"),
        ({"redirect_uris": ["https://evil.example/"]}, "invalid_redirect_uri", "redirect_uris"),
        ({"redirect_uris": None}, "invalid_redirect_uri", "redirect_uris"),
        ({"scope": "openid inservice_title_name"}, "invalid_client_metadata", "scope"),
        ({"resources": ["reporting"]}, "invalid_client_metadata", "resources"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata", "D-41"),
    ],
)
def test_replacements_that_are_refused(
    registrant: Partner, case: int, changes: dict[str, Any], error: str, said: str
) -> None:
    """The rules of registration hold, nothing changes, and no value is repeated."""
    known = registrant.registered(case)
    before = registrant.manage("GET", known).get_json()
    found = refused(registrant.manage("PUT", known, update_of(known, **changes)), error)
    assert said in found
    assert "rps_" not in found
    assert registrant.manage("GET", known).get_json() == before


@pytest.mark.spec("RFC 7592", "2.2")
def test_items_that_were_dropped_since(app: Flask, registrant: Partner, case: int) -> None:
    """The case as it is now is the limit, not as it was at the registration."""
    known = registrant.registered(case)
    with app.app_context(), db.session.begin():
        row = next(row for row in db.session.get_one(Case, case).data_items if row.item == DataItem.SCHOOL_CODE)
        row.dropped_at = datetime.now(UTC)
    assert "scope" in refused(registrant.manage("PUT", known, update_of(known)), "invalid_client_metadata")
    assert registrant.manage("GET", known).get_json()["scope"] == "openid profile"


@pytest.mark.spec("RFC 7592", "2.2")
def test_secrets_follow_the_method(
    app: Flask, registrant: Partner, case: int, browser: Browser, people: People
) -> None:
    """From a secret to a key the secret goes; back again a new one comes; one for HMAC is kept sealed."""
    known = registrant.registered(case)
    keys = Keys.generate("ES256")
    changes = {"token_endpoint_auth_method": "private_key_jwt", "jwks": keys.jwks()}
    found = registrant.manage("PUT", known, update_of(known, **changes)).get_json()
    assert "client_secret" not in found
    assert _secrets(app, known) == []
    method = "token_endpoint_auth_method"
    back = registrant.manage("PUT", known, update_of(found, **{method: "client_secret_post"})).get_json()
    assert back["client_secret"] != known["client_secret"]
    assert back["client_secret_expires_at"] == 0
    assert registrant.relying_party(known | back).sign_in(browser, people["T02"]).claims["sub"]
    hmac = registrant.manage("PUT", known, update_of(back, **{method: "client_secret_jwt"})).get_json()
    assert hmac["client_secret"] != back["client_secret"]
    assert [sealed is not None for sealed in _secrets(app, known)] == [True]
    last = registrant.manage("PUT", known, update_of(hmac, **{method: "client_secret_basic"})).get_json()
    assert "client_secret" not in last
    assert _secrets(app, known) == [None]
    assert registrant.relying_party(known | hmac | last).sign_in(browser, people["T02"]).claims["sub"]


def _secrets(app: Flask, known: dict[str, Any]) -> list[str | None]:
    with app.app_context(), db.session.begin():
        client = db.session.scalars(select(Client).where(Client.client_id == known["client_id"])).one()
        return [secret.sealed for secret in client.secrets]


@pytest.mark.spec("RFC 7592", "2.3")
@pytest.mark.rule("D-05")
def test_end(app: Flask, registrant: Partner, case: int, browser: Browser, people: People) -> None:
    """204; tokens and codes die at once, and so does the management token; the identifier stays taken."""
    known = registrant.registered(case, grant_types=["authorization_code", "refresh_token"])
    rp = registrant.relying_party(known)
    request = rp.request()
    page = browser.get(request.url)
    page = browser.log_in(people["T02"]["account"], people["T02"]["password"])
    page = browser.submit("consent-approve")
    token = rp.exchange(rp.code_of(page, request), request).get_json()
    assert rp.userinfo(token["access_token"]).status_code == 200
    code, second = sign_on(rp, browser, people["T02"])
    answer = registrant.manage("DELETE", known)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (204, b"", "no-store")
    assert rp.userinfo(token["access_token"]).status_code == 401
    assert token_error(rp.exchange(code, second)) == "invalid_client"
    for method in ("GET", "PUT", "DELETE"):
        body = update_of(known) if method == "PUT" else None
        refused(registrant.manage(method, known, body), "invalid_token", 401)
    with app.app_context(), db.session.begin():
        client = db.session.scalars(select(Client).where(Client.client_id == known["client_id"])).one()
        assert (client.secrets, client.disabled_at is not None) == ([], True)
    assert registrant.events(case)[-1][0] == "client_disabled"
    assert len(audited(app, "case.client_disabled")) == 1


@pytest.mark.spec("RFC 7592", "2.3")
def test_tokens_of_an_ended_client_with_a_key(
    app: Flask, registrant: Partner, case: int, browser: Browser, people: People
) -> None:
    """A client that still can prove who it is gets nothing either: no token, no pushed request, no answer on a token."""
    keys = Keys.generate("ES256")
    changes: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": keys.jwks()}
    known = registrant.registered(case, **changes, grant_types=["authorization_code", "refresh_token"])
    client = KeyedClient(app, known | {"scopes": known["scope"].split()}, keys)
    request = client.request()
    browser.get(request.url)
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    token = client.exchange(client.code_of(browser.submit("consent-approve"), request), request).get_json()
    code, second = sign_on(client, browser, people["T02"])
    registrant.manage("DELETE", known)
    assert client.exchange(code, second).status_code >= 400
    assert client.refresh(token["refresh_token"]).status_code >= 400
    for kind in ("access_token", "refresh_token"):
        answer = client.call("/oidc/introspect", {"token": token[kind]})
        assert answer.status_code == 401 or answer.get_json() == {"active": False}


@pytest.mark.spec("RFC 7592", "2.3")
@pytest.mark.spec("RFC 6749", "4.4")
def test_a_machine_of_an_ended_client(make_app: MakeApp) -> None:
    """Another worker that has nothing else to do gives it no further token."""
    registrant, other = Partner(make_app()), make_app()
    case = new_case(registrant.app, cooperation=(CooperationItem.REPORTING,))
    keys = Keys.generate("ES256")
    known = registrant.registered(
        case,
        redirect_uris=[],
        grant_types=["client_credentials"],
        resources=["reporting"],
        token_endpoint_auth_method="private_key_jwt",
        jwks=keys.jwks(),
    )
    machine = KeyedClient(other, known | {"redirect_uris": [""], "scopes": []}, keys)
    asked = {"grant_type": "client_credentials"}
    assert machine.call("/oidc/token", asked).status_code == 200
    registrant.manage("DELETE", known)
    assert token_error(machine.call("/oidc/token", asked)) == "unauthorized_client"


@pytest.mark.spec("RFC 7592", "2")
@pytest.mark.rule("D-39")
@pytest.mark.parametrize(("state", "read", "change"), [("suspended", 200, 403), ("terminated", 401, 401)])
def test_the_case_has_the_last_word(
    registrant: Partner, case: int, desk: Desk, state: str, read: int, change: int
) -> None:
    """While suspended nothing can be changed; after the end of the cooperation the token is void."""
    known = registrant.registered(case)
    desk.set_case(known["client_id"], state=state)
    assert registrant.manage("GET", known).status_code == read
    error = "insufficient_scope" if change == 403 else "invalid_token"
    refused(registrant.manage("PUT", known, update_of(known)), error, change)


@pytest.mark.spec("RFC 7592", "2")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_other_methods(registrant: Partner, case: int, method: str) -> None:
    """405, with the methods that there are."""
    answer = registrant.manage(method, registrant.registered(case))
    assert answer.status_code == 405
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
