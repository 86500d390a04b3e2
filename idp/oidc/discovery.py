"""Discovery (OIDC Discovery §3) and JWKS: prepared as bytes, answered without a statement, with ETag."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app, request, url_for

from clients.client_metadata import JWE_ALGS, JWE_ENCS
from clients.profiles import AUTH_METHODS, SIGNING_ALGS
from config.settings import settings
from config.snapshot import snapshots
from idp import acr, keys
from idp.languages import LANGUAGES
from idp.oidc import dpop
from idp.oidc.parameters import PROMPTS
from idp.oidc.responses import MODES
from idp.oidc.server import GRANTS
from scopes.items import ORDER

MAX_AGE = 3600
"""Seconds that partners may keep both; far below the lead with which a new key is published."""
LOGOUT = [f"{channel}channel_logout{part}_supported" for channel in ("back", "front") for part in ("", "_session")]
"""Back-Channel Logout §2.1, Front-Channel Logout §3."""
STALE_SECONDS = 60
"""How far the JWKS of a worker that does nothing else may lag behind; a key is published a day before it signs."""


At = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Document:
    """JSON as bytes."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Document":
        """Freeze."""
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(body, hashlib.sha256(body).hexdigest()[:32])

    def respond(self) -> Response:
        """Answer 200, or 304 to whoever has it."""
        response = Response(self.body, mimetype="application/json")
        response.set_etag(self.etag)
        response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.make_conditional(request)
        return response


def metadata() -> dict[str, Any]:
    """Return the provider's metadata; every member is a registered one."""
    base = settings().issuer

    def at(endpoint: str) -> str:
        return base + url_for(endpoint)

    return {
        "issuer": base,
        "authorization_endpoint": at("oidc.authorize"),
        "token_endpoint": at("oidc.token"),
        "userinfo_endpoint": at("oidc.userinfo"),
        "jwks_uri": at("oidc.jwks"),
        "end_session_endpoint": at("oidc.end_session"),
        "registration_endpoint": at("oidc.register_client"),
        "device_authorization_endpoint": at("oidc.device_authorization"),
        **dict.fromkeys(LOGOUT, True),
        "scopes_supported": ["openid", *(item.scope for item in ORDER if item.scope != "openid")],
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["pairwise", "ephemeral"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "acr", "amr"),
            *(item.claim for item in ORDER if item.claim != "sub"),
        ],
        "acr_values_supported": list(acr.SUPPORTED),
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": sorted(PROMPTS),
        "ui_locales_supported": list(LANGUAGES),
        "claims_parameter_supported": True,
        "authorization_response_iss_parameter_supported": True,
        **_requests(at),
        **_client_authentication(at),
        **_algorithms(),
    }


def _requests(at: At) -> dict[str, Any]:
    """Return what is announced of request objects (RFC 9101) and pushing (RFC 9126): by value, signed, never fetched."""
    return {
        "pushed_authorization_request_endpoint": at("oidc.pushed_authorization_request"),
        "require_pushed_authorization_requests": False,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "require_signed_request_object": False,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGS),
    }


def _client_authentication(at: At) -> dict[str, Any]:
    """Return how clients authenticate, the same at every endpoint that authenticates them."""
    found: dict[str, Any] = {
        "introspection_endpoint": at("oidc.introspect"),
        "revocation_endpoint": at("oidc.revoke"),
    }
    for endpoint in ("token", "introspection", "revocation"):
        methods = AUTH_METHODS - {"none"} if endpoint == "introspection" else AUTH_METHODS
        found[f"{endpoint}_endpoint_auth_methods_supported"] = sorted(methods)
        found[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = [*SIGNING_ALGS, "HS256"]
    return found | {"tls_client_certificate_bound_access_tokens": True} | _mtls_aliases()


def _mtls_aliases() -> dict[str, Any]:
    """RFC 8705 §5: where the endpoints are for whoever has a certificate."""
    base = settings().mtls_base_url
    if base is None:
        return {}
    endpoints = {"token": "token", "userinfo": "userinfo", "introspection": "introspect", "revocation": "revoke"}
    endpoints |= {name: name for name in ("pushed_authorization_request", "device_authorization")}
    return {
        "mtls_endpoint_aliases": {
            f"{name}_endpoint": base + url_for(f"oidc.{endpoint}") for name, endpoint in endpoints.items()
        }
    }


def _algorithms() -> dict[str, Any]:
    """Return what signs and encrypts."""
    signed = ("id_token", "userinfo", "authorization", "introspection")
    found: dict[str, Any] = {f"{name}_signing_alg_values_supported": list(SIGNING_ALGS) for name in signed}
    for name in ("id_token", "userinfo"):
        found[f"{name}_encryption_alg_values_supported"] = list(JWE_ALGS)
        found[f"{name}_encryption_enc_values_supported"] = list(JWE_ENCS)
    return found | {"dpop_signing_alg_values_supported": sorted(dpop.ALGS)}


def init_discovery(app: Flask) -> None:
    """Freeze the discovery document at boot, so that what it announces is what is registered."""
    with app.test_request_context():
        app.extensions["discovery"] = Document.of(metadata())


def discovery() -> Response:
    """Answer ``/.well-known/openid-configuration``."""
    document: Document = current_app.extensions["discovery"]
    return document.respond()


@dataclass(frozen=True, slots=True)
class _PreparedJWKS:
    """The JWKS of one key snapshot while every key keeps its state."""

    keys: tuple[keys.Key, ...]
    states: tuple[str, ...]
    document: Document


def jwks() -> Response:
    """Answer the JWKS; the bytes are made anew only when the key snapshot or a key's state changes."""
    snapshots().refresh_after(STALE_SECONDS)
    now, ring = datetime.now(UTC), keys.ring()
    states = tuple(key.state(now) for key in ring)
    prepared: _PreparedJWKS | None = current_app.extensions.get("jwks")
    if prepared is None or prepared.keys is not ring or prepared.states != states:
        prepared = _PreparedJWKS(ring, states, Document.of(keys.jwks(now)))
        current_app.extensions["jwks"] = prepared
    return prepared.document.respond()
