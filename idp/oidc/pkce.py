"""PKCE (RFC 7636): S256 for everybody but the holder of a dated waiver."""

import re
from datetime import UTC, datetime

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from idp.oidc.client import OAuthClient
from scopes.roc import taipei_day

_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class RequireS256(CodeChallenge):  # type: ignore[misc]  # Authlib's base is untyped
    """PKCE with S256 for everyone but the holder of a dated waiver (RFC 7636, RFC 9700 §2.1.1, D-41)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}  # noqa: RUF012  # Authlib reads it

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Check the challenge before the scopes (DOMAIN §4.8 row 3 before row 4)."""
        grant.register_hook("before_validate_authorization_request_payload", self.validate_code_challenge)
        grant.register_hook("after_validate_token_request", self.validate_code_verifier)

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:  # noqa: ARG002  # hook
        """RFC 7636 §4.4.1: refuse a request without a proper S256 challenge."""
        data = grant.request.payload.data
        challenge, method = data.get("code_challenge"), data.get("code_challenge_method")
        if challenge is None and method is None:
            client: OAuthClient = grant.request.client
            if client.registered.needs_pkce(taipei_day(datetime.now(UTC))):
                raise InvalidRequestError("code_challenge with method S256 is required")
            return
        if challenge is None or not _CHALLENGE.fullmatch(challenge):
            raise InvalidRequestError("code_challenge must be 43 to 128 unreserved characters")
        if method != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
