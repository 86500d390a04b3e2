"""Discovery (OIDC Discovery §3) and JWKS: prepared as bytes, answered without a statement, with ETag."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, current_app, request, url_for

from config.settings import settings
from config.snapshot import snapshots
from idp import keys
from idp.languages import LANGUAGES
from idp.oidc.parameters import PROMPTS, RESPONSE_MODES
from scopes.items import ORDER

MAX_AGE = 3600
"""Seconds that partners may keep both; far below the lead with which a new key is published."""
STALE_SECONDS = 60
"""How far the JWKS of a worker that does nothing else may lag behind; a key is published a day before it signs."""


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
        "scopes_supported": ["openid", *(item.scope for item in ORDER if item.scope != "openid")],
        "response_types_supported": ["code"],
        "response_modes_supported": sorted(RESPONSE_MODES, reverse=True),
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise", "ephemeral"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid"),
            *(item.claim for item in ORDER if item.claim != "sub"),
        ],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": sorted(PROMPTS),
        "ui_locales_supported": list(LANGUAGES),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "authorization_response_iss_parameter_supported": True,
    }


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
