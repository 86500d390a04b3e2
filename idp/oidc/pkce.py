"""PKCE (RFC 7636): S256 for everybody but the holder of a dated waiver."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from clients.registry import RegisteredClient
from idp.oidc.faults import ProtocolFault
from scopes.roc import taipei_day

_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


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
        check_challenge(grant.request.client.registered, grant.request.payload.data)

    def validate_code_verifier(self, grant: AuthorizationCodeGrant, result: object) -> None:  # noqa: ARG002  # hook
        """RFC 7636 §4.6, and RFC 9700 §2.1.1: no verifier without a challenge."""
        challenge = grant.request.authorization_code.code_challenge
        verifier = grant.request.payload.data.get("code_verifier")
        if challenge is None:
            if verifier is not None:
                raise ProtocolFault("PKCE-06")
            return
        if verifier is None:
            raise ProtocolFault("PKCE-05")
        if not _UNRESERVED.fullmatch(verifier):
            raise ProtocolFault("PKCE-07")
        if not self.CODE_CHALLENGE_METHODS["S256"](verifier, challenge):
            raise ProtocolFault("PKCE-04")


def check_challenge(client: RegisteredClient, data: Mapping[str, str]) -> None:
    """Refuse what is no S256 challenge, or none where there is no waiver."""
    challenge, method = data.get("code_challenge"), data.get("code_challenge_method")
    if challenge is None and method is None:
        if client.needs_pkce(taipei_day(datetime.now(UTC))):
            raise ProtocolFault("PKCE-01")
        return
    if challenge is None or not _UNRESERVED.fullmatch(challenge):
        raise ProtocolFault("PKCE-02")
    if method != "S256":
        raise ProtocolFault("PKCE-03", received=method, expected="S256")
