"""Authlib's client without a framework signs teachers in; its client for Flask is the demo site's."""

from typing import Any

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = pytest.mark.xdist_group("relying-parties")
CALLBACK = "http://127.0.0.1:9/callback"
NONCE, VERIFIER = "a nonce of the test", "a-verifier-of-forty-three-characters-or-more-in-length"


def sign_in(session: OAuth2Session, provider: dict[str, Any], walker: Walker, demo: Demo) -> tuple[dict[str, Any], Any]:
    """Sign T03 in as Authlib's manual shows it; return her claims, verified, and UserInfo."""
    url, state = session.create_authorization_url(
        provider["authorization_endpoint"], nonce=NONCE, code_verifier=VERIFIER, redirect_uri=CALLBACK
    )
    back = walker.browse(demo.teacher("T03"), CALLBACK)(url)
    token = session.fetch_token(
        provider["token_endpoint"], authorization_response=back, state=state, code_verifier=VERIFIER
    )
    keys = KeySet.import_key_set(session.get(provider["jwks_uri"], withhold_token=True).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    expected = {"iss": provider["issuer"], "aud": session.client_id}
    options = {name: {"essential": True, "value": value} for name, value in expected.items()}
    known = {"nonce": NONCE, "client_id": session.client_id, "access_token": token["access_token"]}
    claims = CodeIDToken(decoded.claims, decoded.header, options, known)
    claims.validate()
    return dict(claims), session.get(provider["userinfo_endpoint"]).json()


def check(demo: Demo, walker: Walker, session: OAuth2Session) -> None:
    """Sign in and compare what came both ways."""
    with session:
        session.trust_env = False  # the provider is on this machine, whatever the environment says of proxies
        metadata = session.get(f"{demo.issuer}/.well-known/openid-configuration", withhold_token=True).json()
        claims, userinfo = sign_in(session, metadata, walker, demo)
    assert claims["name"] == userinfo["name"] == "陳柏睿"
    assert claims["sub"] == userinfo["sub"]


def session_of(client: dict[str, Any], secret: Any) -> OAuth2Session:
    """Make a session as Authlib's manual shows it."""
    return OAuth2Session(
        client["client_id"],
        secret,
        token_endpoint_auth_method=client["token_endpoint_auth_method"],
        scope="openid profile inservice_school_code",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )


@pytest.mark.spec("RFC 6749", "2.3.1")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_it_signs_in_with_a_secret(demo: Demo, walker: Walker, method: str) -> None:
    """Both ways of sending it."""
    client = demo.add_partner(f"authlib-{method}", CALLBACK, token_endpoint_auth_method=method)
    check(demo, walker, session_of(client, client["client_secret"]))


@pytest.mark.spec("RFC 7523", "3")
def test_it_signs_in_with_an_assertion_by_secret(demo: Demo, walker: Walker) -> None:
    """client_secret_jwt; its audience is the token endpoint."""
    client = demo.add_partner("authlib-secret-jwt", CALLBACK, token_endpoint_auth_method="client_secret_jwt")
    session = session_of(client, client["client_secret"])
    session.register_client_auth_method(ClientSecretJWT(f"{demo.issuer}/oidc/token"))
    check(demo, walker, session)


@pytest.mark.spec("RFC 7523", "3")
def test_it_signs_in_with_an_assertion_by_key(demo: Demo, walker: Walker) -> None:
    """private_key_jwt; its audience is the token endpoint."""
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    method = {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None}
    client = demo.add_partner("authlib-key-jwt", CALLBACK, **method, jwks={"keys": [key.as_dict(private=False)]})
    session = session_of(client, key)
    session.register_client_auth_method(PrivateKeyJWT(f"{demo.issuer}/oidc/token"))
    check(demo, walker, session)
