"""Request parameters as Authlib wants them, and the checks that Authlib lacks (ARCHITECTURE §8)."""

import re
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from flask import request
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from config.settings import settings
from idp.oidc.faults import ProtocolFault
from idp.oidc.responses import MODES

TOTAL_MAX = 4000
"""Bytes of all parameters together: they travel sealed in our own URLs while the teacher is asked."""

PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})
_MAY_REPEAT = frozenset({"resource"})  # RFC 8707 §2; a URI has no blank, so a blank joins them
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

    A token request brings its connection, its authenticated client and ``cnf``, what its tokens are bound to.
    """

    client: Any
    connection: Any

    def __init__(self, parameters: Mapping[str, str], connection: Connection | None = None) -> None:
        # The issuer is a setting; Host and X-Forwarded-* never decide what we call ourselves.
        super().__init__(request.method, settings().issuer + request.path, headers=request.headers)
        self.payload = Payload(parameters)
        self.connection = connection
        self.cnf: str | None = None

    @property
    def form(self) -> Mapping[str, str]:
        """What Authlib reads of the token request."""
        data: Mapping[str, str] = self.payload.data
        return data


def single(values: MultiDict[str, str]) -> dict[str, str]:
    """Return the parameters; RFC 6749 §3.1: none more than once, and one without a value counts as omitted."""
    repeated = sorted(name for name, found in values.lists() if len(found) > 1 and name not in _MAY_REPEAT)
    if repeated:
        names = ", ".join(name for name in repeated if re.fullmatch(r"[a-z_]{1,40}", name)) or "a parameter"
        raise ProtocolFault("REQ-01", detail=names)
    return {name: " ".join(found) if name in _MAY_REPEAT else found[0] for name, found in values.lists() if any(found)}


def check_authorization(parameters: Mapping[str, str]) -> None:
    """Raise the OAuth error of a faulty authorization request, as far as Authlib would let it pass."""
    check_size(parameters)
    if "registration" in parameters:
        raise ProtocolFault("REQ-15")
    if "response_type" not in parameters:
        raise ProtocolFault("REQ-03")
    if parameters["response_type"] != "code":
        raise ProtocolFault("REQ-04", received=parameters["response_type"], expected="code")
    if parameters.get("response_mode", "query") not in MODES:
        raise ProtocolFault("REQ-05", received=parameters["response_mode"], expected=" ".join(MODES))
    _check_prompt(parameters)
    if "max_age" in parameters and not _NUMBER.fullmatch(parameters["max_age"]):
        raise ProtocolFault("REQ-08", received=parameters["max_age"])


def check_openid(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: without openid this is no OpenID request, and we serve no other."""
    if "openid" not in parameters.get("scope", "").split(" "):
        raise ProtocolFault("SCOPE-01", received=parameters.get("scope"))


def check_resource(parameters: Mapping[str, str]) -> None:
    """RFC 8707 §2: a sign-in gives access to UserInfo only; machine interfaces need tokens of their own."""
    named = parameters.get("resource", "").split()
    if any(resource.rstrip("/") != settings().issuer for resource in named):
        raise ProtocolFault("RES-01", received=parameters["resource"], expected=settings().issuer)


def _check_prompt(parameters: Mapping[str, str]) -> None:
    """OIDC Core §3.1.2.1: known values only, and none stands alone."""
    prompts = prompts_of(parameters)
    if not prompts <= PROMPTS:
        raise ProtocolFault("REQ-06", received=parameters["prompt"], expected=" ".join(sorted(PROMPTS)))
    if "none" in prompts and len(prompts) > 1:
        raise ProtocolFault("REQ-07", received=parameters["prompt"])


def check_size(parameters: Mapping[str, str]) -> None:
    """Refuse what would not fit into the URLs of our own pages."""
    if sum(len(f"{name}{value}".encode()) for name, value in parameters.items()) > TOTAL_MAX:
        raise ProtocolFault("REQ-02", expected=f"at most {TOTAL_MAX} bytes")


def prompts_of(parameters: Mapping[str, str]) -> frozenset[str]:
    """Return the prompt values."""
    return frozenset(parameters.get("prompt", "").split())
