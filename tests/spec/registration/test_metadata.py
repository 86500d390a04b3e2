"""What may be registered: the client's own metadata, within the approved case (RFC 7591 §2, DOMAIN §3.6)."""

from typing import Any

import pytest
from flask import Flask

from clients import registry
from clients.lifecycle import CooperationItem
from scopes.items import DataItem
from tests.spec.registration.partner import ENDPOINT, GOOD, Partner, new_case, refused
from tests.spec.signing import Keys

OUTSIDE = (
    *(
        "https://evil.example/cb",
        "https://rp.example.evil.example/cb",
        "https://evilrp.example/cb",
        "https://rp.example./cb",
    ),
    *("https://example/cb", "http://127.0.0.1/cb", "http://localhost/cb", "https://127.0.0.1/cb"),
    *(
        "https://evil.example\\.rp.example/cb",
        "https://test.rp-lab.example/cb",
        "https://-.evil.example%2f.rp.example/",
    ),
)
INSIDE = ("https://rp.example/cb", "https://RP.example:8443/a?b=c", "https://a.b-1.rp.example/cb")
OTHER_URIS = (
    *("post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri"),
    *("initiate_login_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri"),
)


@pytest.mark.spec("RFC 7591", "2")
@pytest.mark.rule("D-41")
@pytest.mark.parametrize("uri", INSIDE)
def test_hosts_of_the_case(registrant: Partner, case: int, uri: str) -> None:
    """The host of the site and its sub-domains, for every URI."""
    uris: dict[str, Any] = {name: [uri] if name.endswith("uris") else uri for name in ("redirect_uris", *OTHER_URIS)}
    assert registrant.registered(case, **uris).items() >= uris.items()


@pytest.mark.spec("RFC 7591", "3.2.2")
@pytest.mark.rule("D-41")
@pytest.mark.parametrize("uri", OUTSIDE)
def test_hosts_outside_the_case(registrant: Partner, case: int, uri: str) -> None:
    """Any other host is refused with the code that names the member, and the value is not repeated."""
    token = registrant.token(case)
    said = refused(registrant.register(token, redirect_uris=[*INSIDE, uri]), "invalid_redirect_uri")
    assert "redirect_uris" in said
    assert uri not in said
    for name in OTHER_URIS:
        value = [uri] if name.endswith("uris") else uri
        said = refused(registrant.register(token, **{name: value}), "invalid_client_metadata")
        assert name in said
        assert uri not in said


@pytest.mark.rule("D-41", "D-42")
def test_hosts_of_a_test_client(app: Flask, registrant: Partner) -> None:
    """A test client may be at the test site, at the site, or on the developer's own machine over http."""
    case = new_case(app, "testing")
    uris = ["https://test.rp-lab.example/cb", "https://x.rp.example/cb", "http://127.0.0.1:8001/cb", "http://[::1]/cb"]
    uris.append("http://localhost/cb")
    assert registrant.registered(case, "test", redirect_uris=uris)["redirect_uris"] == uris
    case = new_case(app, "testing", test_url=None)
    answer = registrant.register(registrant.token(case, "test"), redirect_uris=uris)
    refused(answer, "invalid_redirect_uri")


def test_a_site_with_a_chinese_host(app: Flask, registrant: Partner) -> None:
    """The form has the host as people write it; URIs have it as machines do (RFC 5890)."""
    case = new_case(app, site_url="https://研習.example/")
    uris = ["https://xn--w8y28n.example/cb"]
    assert registrant.registered(case, redirect_uris=uris)["redirect_uris"] == uris


KEYS = Keys.generate("ES256").jwks()
PRIVATE = {"keys": [Keys.generate("ES256").private.as_dict(private=True)]}


@pytest.mark.spec("RFC 7591", "3.2.2")
@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri", "redirect_uris: at least one"),
        ({"redirect_uris": None}, "invalid_redirect_uri", "redirect_uris: at least one"),
        ({"redirect_uris": "https://rp.example/cb"}, "invalid_redirect_uri", "redirect_uris"),
        ({"redirect_uris": ["https://rp.example/cb#x"]}, "invalid_redirect_uri", "redirect_uris.0: a fragment"),
        (
            {"redirect_uris": ["https://rp.example/夢"]},
            "invalid_redirect_uri",
            "redirect_uris.0: at most 500 printable",
        ),
        ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata", "client_uri: an absolute https URL"),
        ({"response_types": ["token"]}, "invalid_client_metadata", "response_types.0"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata", "grant_types.0"),
        ({"token_endpoint_auth_method": "magic"}, "invalid_client_metadata", "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata", "note of the reviewer (D-41)"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata", "needs jwks or jwks_uri"),
        (
            {"token_endpoint_auth_method": "tls_client_auth"},
            "invalid_client_metadata",
            "exactly one tls_client_auth_...",
        ),
        ({"profile": "fapi2"}, "invalid_client_metadata", "profile fapi2: token_endpoint_auth_method"),
        ({"profile": "none"}, "invalid_client_metadata", "profile"),
        ({"jwks": PRIVATE}, "invalid_client_metadata", "jwks: key 1: it is private or symmetric"),
        ({"jwks": KEYS, "jwks_uri": "https://rp.example/k"}, "invalid_client_metadata", "exclude each other"),
        ({"resources": ["reporting"]}, "invalid_client_metadata", "resources: not among the cooperation items"),
        ({"resources": ["scim"]}, "invalid_client_metadata", "resources: not among the cooperation items"),
        ({"resources": ["x"]}, "invalid_client_metadata", "resources: unknown x"),
        ({"scope": "openid inservice_title_code"}, "invalid_client_metadata", "scope: more than the approved items"),
        ({"scope": "openid scim.read"}, "invalid_client_metadata", "scope: more than"),
        ({"scope": ["openid"]}, "invalid_client_metadata", "scope: must be text"),
        ({"subject_type": "public"}, "invalid_client_metadata", "subject_type"),
        ({"subject_type": "ephemeral"}, "invalid_client_metadata", "subject_type: must be pairwise"),
        ({"contacts": ["x" * 501]}, "invalid_client_metadata", "contacts.0"),
        ({"contacts": ["a\0b"]}, "invalid_client_metadata", "a JSON object is needed"),
        ({"contacts": ["\ud800"]}, "invalid_client_metadata", "JSON is needed"),
        ({"default_max_age": -1}, "invalid_client_metadata", "default_max_age"),
    ],
)
def test_faults(registrant: Partner, case: int, changes: dict[str, Any], error: str, said: str) -> None:
    """Each is named by its member and refused by the code of RFC 7591; the token stays good."""
    token = registrant.token(case)
    assert said in refused(registrant.register(token, **changes), error)
    assert registrant.register(token).status_code == 201


@pytest.mark.spec("RFC 7591", "3.2.2")
def test_all_faults_at_once(registrant: Partner, case: int) -> None:
    """Whoever registers learns everything in one go; a wrong redirection URI decides the code."""
    changes = {"redirect_uris": ["/cb"], "resources": 7, "token_endpoint_auth_method": "hidden-in-the-wrong-member"}
    said = refused(registrant.register(registrant.token(case), **changes), "invalid_redirect_uri")
    assert all(name in said for name in changes)
    assert "hidden" not in said


@pytest.mark.spec("RFC 7591", "2")
def test_reporting(app: Flask, registrant: Partner) -> None:
    """A case with the reporting item may have its machine interface and the scopes of it; sign-ins it has none."""
    case = new_case(app, cooperation=(CooperationItem.REPORTING,))
    machine = {"grant_types": ["client_credentials"], "resources": ["reporting"], "redirect_uris": []}
    token = registrant.token(case)
    said = refused(registrant.register(token, resources=["reporting"]), "invalid_client_metadata")
    assert "grant_types: the case has no sign-ins" in said
    answer = registrant.register(token, GOOD | machine | {"scope": "reporting.read"})
    assert answer.status_code == 201
    assert "reporting.write" in answer.get_json()["scope"].split()


@pytest.mark.rule("D-49")
def test_an_ephemeral_subject(app: Flask, registrant: Partner) -> None:
    """Without the user identifier ``sub`` is ephemeral, whatever is asked for."""
    case = new_case(app, items=(DataItem.NAME,))
    token = registrant.token(case)
    refused(registrant.register(token, subject_type="pairwise"), "invalid_client_metadata")
    assert registrant.register(token).get_json()["subject_type"] == "ephemeral"


@pytest.mark.rule("D-41")
def test_a_waiver_cannot_be_registered(app: Flask, registrant: Partner, case: int) -> None:
    """Members that only ``idp dev partner`` knows mean nothing here: waivers, identifiers, secrets, items."""
    wanted: dict[str, Any] = {"pkce_waived_until": "2099-01-01", "profile": "legacy", "items": ["title_code"]}
    wanted |= {"client_id": "mine", "client_secret": "chosen-by-the-client-itself", "sector_identifier_uri": "x"}
    known = registrant.registered(case, **wanted)
    assert known["client_id"] != "mine"
    assert known["client_secret"] != "chosen-by-the-client-itself"
    with app.app_context():
        client = registry.find(known["client_id"])
        assert client is not None
        assert (client.pkce_waived_until, client.environment) == (None, "production")
        assert DataItem.TITLE_CODE not in client.approved


@pytest.mark.spec("RFC 7591", "3.1")
@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"[]",
            b"7",
            b'"x"',
            b"null",
            b"{",
            b'{"a":1,"a":2}',
            b'{"a":NaN}',
            b'{"a":' * 5000,
            b"\xff",
            b"9" * 5000,
        ),
        *(b'{"redirect_uris":["https://rp.example/cb"],"redirect_uris":["https://rp.example/2"]}',),
    ],
)
def test_what_is_no_json_object(registrant: Partner, case: int, body: bytes) -> None:
    """Other JSON and no JSON are refused; a member that comes twice could mean either."""
    answer = registrant.call("POST", ENDPOINT, registrant.token(case), data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["error"] in {"invalid_client_metadata", "invalid_request"}


@pytest.mark.spec("RFC 7591", "3.1")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_body_is_json_of_limited_size(registrant: Partner, case: int, method: str) -> None:
    """Another type is 415, more than 32 KiB are 413; both as JSON."""
    path = ENDPOINT if method == "POST" else f"{ENDPOINT}/rp_x"
    token = registrant.token(case)
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/jwt", None):
        answer = registrant.call(method, path, token, data=b"{}", content_type=kind)
        assert (answer.status_code, answer.get_json()) == (415, {"error": "invalid_request"})
    long = registrant.call(method, path, token, json={"contacts": ["x" * 500] * 70})
    assert (long.status_code, long.get_json()) == (413, {"error": "invalid_request"})
