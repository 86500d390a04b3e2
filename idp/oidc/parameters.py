"""Request parameters as Authlib wants them, and the checks that Authlib lacks (ARCHITECTURE §8)."""

import re
from collections.abc import Mapping

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidScopeError, OAuth2Error
from flask import request
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from config.settings import settings

TOTAL_MAX = 4000
"""Bytes of all parameters together: they travel sealed in our own URLs while the teacher is asked."""

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
RESPONSE_MODES = frozenset({"query", "form_post"})
_UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


class UnsupportedResponseTypeError(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """RFC 6749 §4.1.2.1. Authlib's own repeats what came, and fails where that is not ASCII."""

    error = "unsupported_response_type"
    description = "Only response_type code is supported"


_NUMBER = re.compile(r"[0-9]{1,9}")


class Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib's base is untyped
    """Parameters that were checked to be single."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._data = parameters

    @property
    def data(self) -> Mapping[str, str]:
        """All parameters."""
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        """All parameters as lists of one."""
        return {name: [value] for name, value in self._data.items()}


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # Authlib's base is untyped
    """A request with prepared parameters: from the body, the query or a sealed continuation.

    A token request brings the one connection on which its code is judged and redeemed.
    """

    def __init__(self, parameters: Mapping[str, str], connection: Connection | None = None) -> None:
        # The issuer is a setting; Host and X-Forwarded-* never decide what we call ourselves.
        super().__init__(request.method, settings().issuer + request.path, headers=request.headers)
        self.payload = Payload(parameters)
        self.connection = connection

    @property
    def form(self) -> Mapping[str, str]:
        """What Authlib reads of the token request."""
        data: Mapping[str, str] = self.payload.data
        return data


def single(values: MultiDict[str, str]) -> dict[str, str]:
    """Return the parameters; RFC 6749 §3.1: none more than once, and one without a value counts as omitted."""
    repeated = sorted(name for name, found in values.lists() if len(found) > 1)
    if repeated:
        names = ", ".join(name for name in repeated if re.fullmatch(r"[a-z_]{1,40}", name)) or "a parameter"
        raise InvalidRequestError(f"Repeated: {names}")
    return {name: value for name, value in values.items() if value}


def check_authorization(parameters: Mapping[str, str]) -> None:
    """Raise the OAuth error of a faulty authorization request, as far as Authlib would let it pass."""
    check_size(parameters)
    for name, code in _UNSUPPORTED.items():
        if name in parameters:
            raise OAuth2Error(error=code, description=f"{name} is not supported")
    if "response_type" not in parameters:
        raise InvalidRequestError("Missing response_type")
    if parameters["response_type"] != "code":
        raise UnsupportedResponseTypeError
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise InvalidRequestError("response_mode must be query or form_post")
    _check_prompt(parameters)
    if "max_age" in parameters and not _NUMBER.fullmatch(parameters["max_age"]):
        raise InvalidRequestError("max_age must be a number of seconds")


def check_openid(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: without openid this is no OpenID request, and we serve no other."""
    if "openid" not in parameters.get("scope", "").split(" "):
        raise InvalidScopeError("The scope must contain openid")


def _check_prompt(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: known values only, and none stands alone."""
    prompts = prompts_of(parameters)
    if not prompts <= PROMPTS:
        raise InvalidRequestError("Unknown prompt value")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt none cannot be combined")


def check_size(parameters: Mapping[str, str]) -> None:
    """Refuse what would not fit into the URLs of our own pages."""
    if sum(len(f"{name}{value}".encode()) for name, value in parameters.items()) > TOTAL_MAX:
        raise InvalidRequestError(f"The parameters together are longer than {TOTAL_MAX} bytes")


def prompts_of(parameters: Mapping[str, str]) -> frozenset[str]:
    """Return the prompt values."""
    return frozenset(parameters.get("prompt", "").split())
