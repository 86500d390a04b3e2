"""Client authentication (RFC 6749 §2.3, RFC 7523, RFC 8705): one method per client, one at a time.

The answer is the same whether the client is unknown or its proof wrong; the log names the reason.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from flask import g, request
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict

from clients import registry
from clients.client_secrets import note_use
from clients.diagnoses import Advice
from clients.profiles import ASSERTION_METHODS, TLS_METHODS
from clients.registry import LiveSecret, RegisteredClient
from config.settings import settings
from config.snapshot import snapshots
from idp.certificates import BadCertificate, certificate_of
from idp.oidc import diagnosis
from idp.oidc.client import OAuthClient
from idp.oidc.client_assertion import check_assertion, client_of_assertion
from idp.oidc.client_keys import doubt, keys_of
from idp.oidc.faults import ProtocolFault
from idp.oidc.unverified import payload_of
from scopes.roc import taipei_day

BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


def authenticate(connection: Connection, body: Mapping[str, str]) -> OAuthClient:
    """Return the client of the request, or raise ``invalid_request`` or ``invalid_client``."""
    now = datetime.now(UTC)
    method, client_id, secret = _presented(body)
    found = registry.find(client_id) if client_id else None
    if found is None:
        raise ProtocolFault("AUTH-03", received="an unknown client")
    g.protocol_client = found.client_id
    try:
        _check(connection, found, (method, secret, body.get("client_assertion", "")), now)
    except ProtocolFault:
        # A secret, key or method may be newer than what this worker knows: no rotation breaks a sign-in.
        snapshots().refresh()
        newer = registry.find(client_id)
        if newer is None or (newer is found and not doubt(found)):
            raise
        found = newer
        _check(connection, found, (method, secret, body.get("client_assertion", "")), now)
    return OAuthClient(found, now)


def _check(connection: Connection, found: RegisteredClient, came: tuple[str, str, str], now: datetime) -> None:
    """Compare what came (method, secret, assertion) with what is registered."""
    method, secret, assertion = came
    if method == NONE and found.auth_method in TLS_METHODS:
        _check_certificate(found, now)
    elif method in ASSERTION_METHODS and found.auth_method in ASSERTION_METHODS:
        check_assertion(connection, found, assertion, now)
    elif found.auth_method != method:
        raise ProtocolFault("AUTH-03", received=method, expected=found.auth_method)
    elif method != NONE:
        note_use(connection, _check_secret(found, secret, now).digest, taipei_day(now))


def _check_secret(client: RegisteredClient, secret: str, now: datetime) -> LiveSecret:
    """Return the secret that it is; refuse a secret that does not count; tell who still uses one that is being replaced."""
    known = client.known_secret(secret) if secret else None
    if known is None:
        raise ProtocolFault("AUTH-03", received="a wrong secret")
    if not known.is_live(now):
        raise ProtocolFault("AUTH-03", received="a secret that has ended", expected=known.expires_at)
    if known.expires_at is not None:
        diagnosis.advise(client, Advice.OLD_SECRET, expected=known.expires_at)
    return known


def _presented(body: Mapping[str, str]) -> tuple[str, str, str]:
    """Return (method, client_id, secret) of what came; more than one way is refused (RFC 6749 §2.3)."""
    authorization = request.headers.get("Authorization")
    ways = [authorization is not None, "client_secret" in body, "client_assertion" in body]
    if sum(ways) > 1:
        raise ProtocolFault("AUTH-01")
    client_id = body.get("client_id", "")
    if authorization is not None:
        return _agreed(BASIC, client_id, *_basic(authorization))
    if "client_assertion" in body:
        return _agreed("private_key_jwt", client_id, client_of_assertion(body), "")
    if "client_secret" in body:
        return POST, client_id, body["client_secret"]
    return NONE, client_id, ""


def _agreed(method: str, claimed: str, client_id: str, secret: str) -> tuple[str, str, str]:
    """A ``client_id`` repeated in the body must be the same; old software repeats it."""
    if claimed and claimed != client_id:
        raise ProtocolFault("AUTH-02", why=f"{claimed[:60]} and {client_id[:60]}")
    return method, client_id, secret


def named(form: MultiDict[str, str]) -> str | None:
    """Return the registered client that a request names without having proved it: good for its log, for nothing else."""
    claimed = form.getlist("client_id")
    try:
        if not claimed and (authorization := request.headers.get("Authorization")):
            claimed = [_basic(authorization)[0]]
        if not claimed and (assertion := form.get("client_assertion")):
            claimed = [str(payload_of(assertion).get("sub"))]
    except ProtocolFault:
        return None
    return claimed[0] if len(claimed) == 1 and claimed[0] in registry.everyone() else None


def _basic(authorization: str) -> tuple[str, str]:
    """Decode the header; both halves are form-encoded (RFC 6749 §2.3.1), which changes nothing in raw ones of ours."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ProtocolFault("AUTH-03", received="another scheme than Basic")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise ProtocolFault("AUTH-03", received="malformed Basic credentials") from error
    client_id, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise ProtocolFault("AUTH-03", received="malformed Basic credentials")
    return unquote_plus(client_id, errors="replace"), unquote_plus(secret, errors="replace")


def _check_certificate(client: RegisteredClient, now: datetime) -> None:
    """RFC 8705 §2: the certificate of the connection is that of the client."""
    try:
        certificate = certificate_of(request.environ)
    except BadCertificate as error:
        raise ProtocolFault("AUTH-05", received="a malformed certificate") from error
    if certificate is None:
        raise ProtocolFault("AUTH-05", received="no certificate")
    if client.auth_method == "self_signed_tls_client_auth":
        if not certificate.has_key_of({"keys": list(keys_of(client))}):
            raise ProtocolFault("AUTH-05", received="another key than the registered ones")
        return
    rules = settings()
    if rules.mtls_ca_file is None or not certificate.is_trusted(rules.mtls_ca_file.read_bytes(), now):
        raise ProtocolFault("AUTH-05", received="a certificate of no authority that we trust")
    if not certificate.matches(client.meta.model_dump()):
        raise ProtocolFault("AUTH-05", received=certificate.subject_dn, expected="the registered subject")
