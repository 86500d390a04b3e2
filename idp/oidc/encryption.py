"""Encryption of what we issue to the client's key (JWE, OIDC Core §10.2). Nested: signed first, then encrypted."""

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwe

from clients.client_metadata import JWE_ALGS, JWE_ENCS
from clients.registry import RegisteredClient
from idp.oidc.client_jwt import load_key
from idp.oidc.client_keys import keys_of
from idp.oidc.faults import ProtocolFault

_REGISTRY = jwe.JWERegistry(algorithms=[*JWE_ALGS, *JWE_ENCS])
DEFAULT_ENC = "A128CBC-HS256"


def encrypt(signed: str, client: RegisteredClient, kind: str) -> str:
    """Return the JWT as it is, or encrypted where the client registered ``<kind>_encrypted_response_alg``."""
    alg = getattr(client.meta, f"{kind}_encrypted_response_alg")
    if alg is None:
        return signed
    return _encrypt(signed.encode(), client, alg, getattr(client.meta, f"{kind}_encrypted_response_enc"), cty="JWT")


def encrypt_claims(claims: Mapping[str, Any], client: RegisteredClient, kind: str) -> str:
    """Return claims that are encrypted only, as userinfo may be (OIDC Core §5.3.2)."""
    alg = getattr(client.meta, f"{kind}_encrypted_response_alg")
    enc = getattr(client.meta, f"{kind}_encrypted_response_enc")
    return _encrypt(json.dumps(dict(claims), ensure_ascii=False).encode(), client, alg, enc, cty=None)


def _encrypt(content: bytes, client: RegisteredClient, alg: str, enc: str | None, cty: str | None) -> str:
    key = _key(client, alg)
    header: dict[str, Any] = {"alg": alg, "enc": enc or DEFAULT_ENC, "typ": "JWT"}
    header |= {name: value for name, value in (("cty", cty), ("kid", key.get("kid"))) if value}
    return jwe.encrypt_compact(header, content, load_key(key), registry=_REGISTRY)


def _key(client: RegisteredClient, alg: str) -> Mapping[str, Any]:
    """Return the first key that is meant for encryption, or that says nothing of its use, and fits.

    There may be none: what a ``jwks_uri`` holds is seen only when it is needed.
    """
    kinds = {"RSA"} if alg.startswith("RSA") else {"EC", "OKP"}
    fitting = [
        key
        for key in keys_of(client)
        if key["kty"] in kinds and key.get("crv") != "Ed25519" and key.get("alg", alg) == alg
    ]
    for use in ("enc", None):
        for key in fitting:
            if key.get("use") == use:
                return key
    raise ProtocolFault("KEY-01", expected=alg)
