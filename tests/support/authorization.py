"""Authorization requests by hand, for partners without software of their own."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

VERIFIER = "a-verifier-of-at-least-forty-three-characters-for-tests"


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorization_url(issuer: str, client: Mapping[str, Any], **changes: str | None) -> str:
    """Return the URL of a request by this partner; ``None`` leaves a parameter out."""
    parameters: dict[str, str | None] = {
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uris"][0],
        "response_type": "code",
        "scope": "openid",
        "state": "state",
        "nonce": "nonce",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    sent = {name: value for name, value in (parameters | changes).items() if value is not None}
    return f"{issuer}/oidc/authorize?{urlencode(sent)}"
