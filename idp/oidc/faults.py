"""Every protocol error has a code: what is wrong, what the partner should do, and what goes to the log (never secrets).

The code stands in ``error_description`` in brackets, in the log, and in docs/errors.md, which is written from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from authlib.oauth2.rfc6749.errors import OAuth2Error


@dataclass(frozen=True, slots=True)
class Rule:
    """An error of a specification: its OAuth code, what is wrong (ASCII), what to do about it."""

    error: str
    description: str
    todo: str
    status: int = 400


def _request(description: str, todo: str) -> Rule:
    return Rule("invalid_request", description, todo)


def _grant(description: str, todo: str) -> Rule:
    return Rule("invalid_grant", description, todo)


def _object(description: str, todo: str) -> Rule:
    return Rule("invalid_request_object", description, todo)


def _client(description: str, todo: str) -> Rule:
    return Rule("invalid_client", description, todo, 401)


def _token(description: str, todo: str) -> Rule:
    return Rule("invalid_token", description, todo, 401)


_ONE_ANSWER = "Client authentication failed"
_START_AGAIN = "Start the sign-in again; never redeem a code or refresh token twice."

FAULTS: Mapping[str, Rule] = {
    "REQ-01": _request("A parameter is repeated", "Send every parameter once (RFC 6749 section 3.1)."),
    "REQ-02": _request(
        "The parameters together are too long", "Send fewer or shorter parameters, or push them (RFC 9126)."
    ),
    "REQ-03": _request("Missing response_type", "Send response_type=code."),
    "REQ-04": Rule(
        "unsupported_response_type", "Only response_type code is supported", "Use the authorization code flow."
    ),
    "REQ-05": _request("Unknown response_mode", "Use a response_mode that discovery lists."),
    "REQ-06": _request("Unknown prompt value", "Use a prompt value that discovery lists."),
    "REQ-07": _request("prompt none cannot be combined", "Send prompt=none alone."),
    "REQ-08": _request("max_age must be a number of seconds", "Send max_age as digits."),
    "REQ-09": _request(
        "id_token_hint is not an ID token of ours for this client", "Send an ID token that we issued to you."
    ),
    "REQ-10": _request("Parameters belong into the body", "Send a form body; nothing in the query string."),
    "REQ-11": _request("Missing grant_type", "Send grant_type."),
    "REQ-12": Rule(
        "unsupported_grant_type", "This grant_type is not supported", "Use a grant type that discovery lists."
    ),
    "REQ-13": Rule(
        "unauthorized_client", "This client is not registered for the grant type", "Register the grant type first."
    ),
    "REQ-14": _request("A needed parameter is missing", "Send the parameter that the log names."),
    "REQ-15": Rule("registration_not_supported", "registration is not supported", "Register beforehand."),
    "REQ-16": _request(
        "redirect_uri is not registered for this client", "Send a registered redirect_uri, to the letter."
    ),
    "SCOPE-01": Rule(
        "invalid_scope", "The scope must contain openid", "Ask for openid; we serve OpenID requests only."
    ),
    "SCOPE-02": Rule("invalid_scope", "An item was never approved for this client", "Ask for approved items only."),
    "SCOPE-03": Rule("invalid_scope", "The scope is wider than what was granted", "Ask for the granted scope or less."),
    "SCOPE-04": Rule(
        "invalid_scope", "No scope of the resource may be given to this client", "Ask for the scopes of your case."
    ),
    "CLAIM-01": _request("The claims parameter is not the JSON of OIDC Core section 5.5", "Send a JSON object."),
    "CLAIM-02": Rule(
        "unmet_authentication_requirements",
        "The essential acr cannot be met",
        "Ask for an acr value that discovery lists.",
    ),
    "PKCE-01": _request("code_challenge with method S256 is required", "Use PKCE (RFC 7636)."),
    "PKCE-02": _request(
        "code_challenge must be 43 to 128 unreserved characters", "Send BASE64URL(SHA256(code_verifier))."
    ),
    "PKCE-03": _request("code_challenge_method must be S256", "Send code_challenge_method=S256; plain is refused."),
    "PKCE-04": _grant("code_verifier does not match the code_challenge", "Send the verifier of this very sign-in."),
    "PKCE-05": _request("code_verifier is missing", "Send the code_verifier of the challenge."),
    "PKCE-06": _grant(
        "code_verifier came without a code_challenge", "Send a code_challenge first (RFC 9700 section 2.1.1)."
    ),
    "PKCE-07": _request(
        "code_verifier must be 43 to 128 unreserved characters", "Make it as RFC 7636 section 4.1 says."
    ),
    "PAR-01": _request(
        "This client must push its authorization requests", "Use the pushed authorization request endpoint."
    ),
    "PAR-02": Rule("invalid_request_uri", "request_uri is unknown, used or expired", "Push the request again."),
    "PAR-03": Rule(
        "request_uri_not_supported", "request_uri is accepted from pushed requests only", "Push the request."
    ),
    "PAR-04": _request("request_uri must not be pushed", "Push the parameters themselves (RFC 9126 section 2.1)."),
    "PAR-05": _request(
        "redirect_uri is not registered for this client", "Push a registered redirect_uri, to the letter."
    ),
    "JAR-01": _object("The request object is no signed JWT", "Sign it with an announced algorithm; none is refused."),
    "JAR-02": _object(
        "The request object is not signed by a registered key of this client", "Check jwks, kid and alg."
    ),
    "JAR-03": _object("A claim of the request object is wrong", "Check iss, aud, exp, nbf and client_id."),
    "JAR-04": _request("request and request_uri exclude each other", "Send one of them."),
    "JAR-05": _request("This client must sign its requests", "Send a request object (RFC 9101)."),
    "JAR-06": Rule("request_not_supported", "Unsigned request objects are not supported", "Sign the request object."),
    "CODE-01": _grant("The code is unknown, expired, of another client or void", _START_AGAIN),
    "CODE-02": _grant(
        "redirect_uri differs from that of the authorization request", "Send the very same redirect_uri."
    ),
    "CODE-03": _grant("The code was used before", _START_AGAIN),
    "CODE-04": _grant(
        "The code was bound to another key", "Use the DPoP key that dpop_jkt or the pushed request named."
    ),
    "REF-01": _grant("The refresh token is unknown, expired or void", _START_AGAIN),
    "REF-02": _grant("The refresh token was used before", "Keep the newest refresh token only; " + _START_AGAIN),
    "REF-03": _grant("The refresh token is bound to another key", "Use the key that the token was bound to."),
    "DPOP-01": Rule("invalid_dpop_proof", "A DPoP proof is needed", "Send one DPoP header (RFC 9449)."),
    "DPOP-02": Rule(
        "invalid_dpop_proof", "The DPoP proof is wrong", "Check typ, alg, jwk, htm, htu, iat, jti and ath."
    ),
    "DPOP-03": Rule(
        "use_dpop_nonce", "Authorization server requires nonce in DPoP proof", "Repeat with the DPoP-Nonce."
    ),
    "DPOP-04": Rule("invalid_dpop_proof", "The DPoP proof was used before", "Make a new proof for every request."),
    "TLS-01": _request(
        "A client certificate is needed for tokens of this client", "Call with your client certificate."
    ),
    "AUTH-01": _request("More than one way of client authentication", "Use the one method that you registered."),
    "AUTH-02": _request(
        "client_id differs from that of the authentication", "Send the same client_id, or leave it out."
    ),
    "AUTH-03": _client(_ONE_ANSWER, "Check client_id, registered method and secret; the log names the reason."),
    "AUTH-04": _client(_ONE_ANSWER, "Check the assertion: alg, kid, iss, sub, aud, exp and a new jti."),
    "AUTH-05": _client(_ONE_ANSWER, "Check the client certificate against what you registered."),
    "KEY-01": _request(
        "No registered key fits the encryption that this client registered", "Publish an encryption key in your JWKS."
    ),
    "RES-01": Rule("invalid_target", "The resource is unknown or not yours", "Send a resource that your case has."),
    "TOK-01": _request("token is missing", "Send the token."),
    "USER-01": _request("The access token stands in the query string", "Send it in the Authorization header."),
    "USER-02": _request("More than one access token", "Send it once, in the Authorization header."),
    "USER-03": _token("The access token is unknown, expired or revoked", "Start a new sign-in or refresh."),
    "USER-04": _token("The access token is bound to a key that did not come with it", "Use the key it is bound to."),
    "USER-05": _token("Session, consent, service or case do not admit it any more", _START_AGAIN),
    "DEV-01": Rule("authorization_pending", "The user has not decided yet", "Keep polling at the interval."),
    "DEV-02": Rule("slow_down", "Polling too fast", "Add 5 seconds to the interval."),
    "DEV-03": Rule("expired_token", "The device_code has expired", "Start a new device authorization."),
    "DEV-04": Rule("access_denied", "The end-user could not be authorized for this client.", "Offer to try again."),
    "DEV-05": _grant("The device_code is unknown or was used", "Start a new device authorization."),
    "DEV-06": _request("device_name must be at most 100 printable characters", "Send a shorter, plain device_name."),
    "REG-01": Rule(
        "invalid_token", "The token is unknown, expired or used", "Ask for a new initial access token.", 401
    ),
    "REG-02": Rule(
        "invalid_redirect_uri", "A redirect_uri is wrong or outside the approved case", "Use the hosts of your case."
    ),
    "REG-03": Rule("invalid_client_metadata", "The client metadata is wrong", "See what the answer names."),
    "REG-04": Rule(
        "insufficient_scope", "The case does not admit this now", "Ask us about the state of your case.", 403
    ),
    "OUT-01": _request(
        "post_logout_redirect_uri is not registered for this client",
        "Send a registered post_logout_redirect_uri, to the letter.",
    ),
    "OUT-02": _request(
        "id_token_hint of the logout is not an ID token of ours for this client",
        "Send an ID token that we issued to you.",
    ),
    "OPEN-01": Rule(
        "unauthorized_client", "This client is not open for sign-ins", "Ask us about the state of your case."
    ),
}


class ProtocolFault(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """An OAuth error with its code. ``received`` and ``expected`` hold no secret: the log and the partner get them.

    ``why`` is for our log alone: what the partner may not learn, such as why a teacher was refused (D-18).
    """

    def __init__(
        self, code: str, *, received: object = None, expected: object = None, detail: str = "", why: object = None
    ) -> None:
        rule = FAULTS[code]
        said = f"{rule.description}: {detail}" if detail else rule.description
        # Who fails to authenticate learns no more than that, not even by the code.
        said = said if rule.error == "invalid_client" else f"{said} [{code}]"
        super().__init__(description=said, status_code=rule.status, error=rule.error)
        self.code, self.received, self.expected, self.todo = code, received, expected, rule.todo
        self.detail, self.why = detail, why
