"""Signing in and out with the teacher network by OpenID Connect: the part that a partner may copy."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from .members import Member
from .settings import Settings


class SignInFailedError(Exception):
    """The sign-in cannot go on. ``code`` is the OAuth error code, or one of ours in the same style."""

    def __init__(self, code: str, status: int = 400) -> None:
        """Keep what the page shows; an address with a novel in it is still answered by a readable page."""
        super().__init__(code)
        self.code, self.status = code[:80], status


@dataclass(frozen=True, slots=True)
class SignIn:
    """The provider as this site knows it."""

    settings: Settings
    client: Any  # Authlib's client is untyped


def init_app(app: Flask, settings: Settings) -> None:
    """Register the provider with the application. Nothing is fetched yet: the provider may start later than we do."""
    client = OAuth(app).register(
        "teacher_network",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": settings.scope, "code_challenge_method": "S256", "default_timeout": 10},
    )
    app.extensions["sign_in"] = SignIn(settings, client)


def ours() -> SignIn:
    """Return the registration of the current application."""
    found: SignIn = current_app.extensions["sign_in"]
    return found


@contextlib.contextmanager
def _provider_talk() -> Iterator[None]:
    """Turn all that a provider can answer wrongly, or not at all, into one error."""
    try:
        yield
    except requests.RequestException as fault:
        if fault.response is not None and fault.response.status_code in {400, 401, 403}:
            raise SignInFailedError("invalid_response") from fault
        raise SignInFailedError("provider_unreachable", 503) from fault
    except JoseError as fault:
        raise SignInFailedError("invalid_id_token") from fault
    except AuthlibBaseError as fault:
        raise SignInFailedError(str(fault.error)) from fault
    except (KeyError, RuntimeError, TypeError, ValueError) as fault:
        raise SignInFailedError("invalid_response") from fault


def _load_metadata() -> None:
    """Fetch the provider's metadata, once. They must name our issuer (OpenID Connect Discovery §4.3)."""
    if ours().client.load_server_metadata()["issuer"] != ours().settings.issuer:
        raise SignInFailedError("issuer_mismatch")


def _forget_attempts(keep: int) -> None:
    """Forget unfinished sign-ins, except the newest: Authlib notes them in the cookie, where room is short."""
    noted = {key: kept["exp"] for key, kept in session.items() if key.startswith("_state_")}
    fresh = sorted((key for key, expires in noted.items() if expires > time.time()), key=noted.__getitem__)
    for key in noted.keys() - set(fresh[-keep:]):
        del session[key]


def redirect_to_provider(language: str | None) -> Response:
    """Send the browser to the provider. Authlib makes and notes state, nonce and PKCE verifier."""
    _forget_attempts(keep=2)
    wishes = {"ui_locales": language} if language else {}
    with _provider_talk():
        _load_metadata()
        there: Response = ours().client.authorize_redirect(f"{ours().settings.site_url}/callback", **wishes)
    return there


def _check_answer() -> None:
    """Check, before Authlib does, that this answers a question of ours, comes from our provider, and is no error."""
    framework, state = ours().client.framework, request.args.get("state", "")
    _forget_attempts(keep=3)
    if "nonce" not in (framework.get_state_data(session, state) or {}):
        raise SignInFailedError("mismatching_state")
    code = request.args.get("error") or ("" if request.args.get("code") else "invalid_response")
    if request.args.get("iss") != ours().settings.issuer:  # RFC 9207: else it may be the answer of another provider
        code = "issuer_mismatch"
    if code:
        framework.clear_state_data(session, state)
        raise SignInFailedError(code)


def member_from_callback() -> Member:
    """Check the provider's answer, exchange the code, verify the ID token, ask for the userinfo."""
    _check_answer()
    settings, client = ours().settings, ours().client
    # Authlib alone believes the metadata about the issuer, and accepts another audience if only azp is ours.
    expected = {"iss": settings.issuer, "aud": settings.client_id}
    options = {name: {"essential": True, "value": value} for name, value in expected.items()}
    with _provider_talk():
        _load_metadata()
        token = client.authorize_access_token(claims_options=options, leeway=60)
        if "id_token" not in token:
            raise SignInFailedError("invalid_id_token")
        payload, userinfo = token["userinfo"], client.userinfo(token=token)
        if userinfo["sub"] != payload["sub"]:  # OpenID Connect Core §5.3.2: else it may speak of somebody else
            raise SignInFailedError("subject_mismatch")
    return Member(token["id_token"], dict(payload), dict(userinfo))


def redirect_to_sign_out(member: Member) -> Response:
    """Send the browser to the provider to sign out there too (OpenID Connect RP-Initiated Logout 1.0)."""
    with _provider_talk():
        _load_metadata()
        there: Response = ours().client.logout_redirect(
            f"{ours().settings.site_url}/signed-out", id_token_hint=member.id_token, client_id=ours().settings.client_id
        )
    return there


def signed_out_at_provider() -> bool:
    """Whether this is the provider's answer to our wish to sign out."""
    with contextlib.suppress(AuthlibBaseError):
        return bool(ours().client.validate_logout_response())
    return False
