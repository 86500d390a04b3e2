"""The authorization endpoint's decision, in the order of DOMAIN §4.8.

The one place that answers an authorization request.
"""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from authlib.oauth2.rfc6749.errors import InvalidScopeError, OAuth2Error
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clients import registry
from clients.metadata import uri_difference
from clients.registry import RegisteredClient
from config.audit import record
from config.database import hot
from config.settings import settings
from consent.ledger import changed_items
from idp.errors import ErrorPage
from idp.interactions import Interaction
from idp.oidc import questions
from idp.oidc.client import over_requested
from idp.oidc.code_flow import CodeGrant, Permit
from idp.oidc.parameters import ProtocolRequest, check_authorization, check_openid, prompts_of, single
from idp.oidc.responses import Addressee
from idp.oidc.server import server
from idp.releases import Obstacle, Prospect, assess
from idp.sessions import TOUCH_SECONDS, cookie_digest, touch
from idp.sign_ins import Context, context_by_cookie
from scopes.items import ordered, parse_scope
from scopes.roc import taipei_day

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request whose client and redirect_uri were checked."""

    parameters: Mapping[str, str]
    first_seen: float
    client: RegisteredClient
    context: Context
    now: datetime

    @property
    def to(self) -> Addressee:
        """Where the answer goes."""
        return Addressee.of(self.parameters)

    @property
    def prompts(self) -> frozenset[str]:
        """The prompt values."""
        return prompts_of(self.parameters)

    def interaction(self, error: str = "access_denied") -> Interaction:
        """Return the continuation for our pages."""
        return Interaction(self.parameters, self.first_seen, error)


def answer(values: MultiDict[str, str], first_seen: float | None = None) -> Response:
    """Answer an authorization request, new or (with ``first_seen``) resumed."""
    now = datetime.now(UTC)
    with hot() as connection:
        # One SELECT, and it comes first: it also brings the snapshot of clients up to date.
        context = context_by_cookie(connection, cookie_digest(), values.get("client_id", ""))
        client = identify(values)
        try:
            parameters = single(values)
        except OAuth2Error as error:
            return _lenient(values).refuse(error.error, error.description)
        asked = Asked(parameters, first_seen or now.timestamp(), client, context, now)
        try:
            return _decide(asked, connection)
        except OAuth2Error as error:
            _note_refusal(asked, error, connection)
            return _lenient(values).refuse(error.error, error.description or None)


def identify(values: MultiDict[str, str]) -> RegisteredClient:
    """Return the client if it and its redirect_uri are registered; `ErrorPage` otherwise, never a redirect."""
    ids, uris = values.getlist("client_id"), values.getlist("redirect_uri")
    client = registry.find(ids[0]) if len(ids) == 1 and ids[0] else None
    if client is None:
        raise ErrorPage("invalid_client", "unknown_client", received=" ".join(ids) or None)
    if len(uris) != 1 or uris[0] not in client.redirect_uris:
        details: tuple[str, ...] = ()
        if len(uris) == 1 and (client.is_test or not settings().is_production):
            details = tuple(f"{uri} ({uri_difference(uris[0], uri)})" for uri in client.redirect_uris)
        log.info("redirect_uri refused", extra={"fields": {"client_id": client.client_id, "received": uris[:1]}})
        raise ErrorPage("invalid_request", "bad_redirect_uri", received=" ".join(uris) or None, details=details)
    return client


def _lenient(values: MultiDict[str, str]) -> Addressee:
    """Return where errors go when the parameters are faulty: only what came once is believed."""
    state, mode = values.getlist("state"), values.getlist("response_mode")
    is_form = mode == ["form_post"]
    return Addressee(values["redirect_uri"], "form_post" if is_form else "query", state[0] if len(state) == 1 else None)


def _decide(asked: Asked, connection: Connection) -> Response:
    """Check the protocol, then the facts; ask, refuse or give the code."""
    if asked.client.is_open(taipei_day(asked.now)):
        grant = _validated(asked)
        prospect = assess(asked.context, asked.client, parse_scope(grant.request.scope).items, asked.now)
    else:
        grant, prospect = None, Prospect.stopped(Obstacle.PARTNER_CLOSED)
    obstacle = _obstacle(asked, prospect)
    if obstacle is not Obstacle.NOT_SIGNED_IN:
        _touch(asked, connection)
    if obstacle is not None:
        return questions.stop(asked, prospect, obstacle, connection)
    if grant is None or prospect.release is None or asked.context.consent is None:
        raise AssertionError
    changed = changed_items(asked.context.consent.shown, prospect.values, prospect.release.items)
    if changed and "none" not in asked.prompts:
        return questions.inform(asked, changed)
    return _give_code(asked, grant, prospect)


def _validated(asked: Asked) -> CodeGrant:
    """DOMAIN §4.8 rows 3 and 4: what Authlib checks, and what it lacks."""
    check_authorization(asked.parameters)
    grant: CodeGrant = server().get_consent_grant(ProtocolRequest(asked.parameters))
    check_openid(asked.parameters)
    _diagnose(asked)
    return grant


def _diagnose(asked: Asked) -> None:
    """Tell the log what is allowed but unwise or without effect (DOMAIN §4.8 row 3, R-CLM-2)."""
    requested = parse_scope(asked.parameters.get("scope"))
    notes = [f"{name} missing" for name in ("state", "nonce") if name not in asked.parameters]
    notes += [f"scope of a dropped item: {item.scope}" for item in ordered(requested.items & asked.client.dropped)]
    notes += [f"unknown scope: {name[:40]}" for name in requested.unknown]
    if notes:
        log.info("diagnosis", extra={"fields": {"client_id": asked.client.client_id, "notes": notes}})


def _obstacle(asked: Asked, prospect: Prospect) -> Obstacle | None:
    """Return what stands in the way, with what the request itself demands: a fresh log-in, a new consent."""
    found = prospect.obstacle
    if found in {Obstacle.PARTNER_CLOSED, Obstacle.NOT_SIGNED_IN}:
        return found
    if not _is_fresh(asked):
        return Obstacle.NOT_SIGNED_IN
    consent = asked.context.consent
    if found is None and prospect.release is not None and prospect.release.undecided:
        return Obstacle.CONSENT
    if found is None and "consent" in asked.prompts and consent and consent.decided_at.timestamp() < asked.first_seen:
        return Obstacle.CONSENT
    return found


def _is_fresh(asked: Asked) -> bool:
    """OIDC Core §3.1.2.1: ``prompt=login`` wants a log-in of now, ``max_age`` one that is not too old.

    A log-in after the request was first seen satisfies both. ``select_account`` is a log-in too: the page lets the
    person take any account.
    """
    session = asked.context.session
    if session is None:
        return False
    logged_in = session.auth_time.timestamp()
    if logged_in >= asked.first_seen:
        return True
    if asked.prompts & {"login", "select_account"}:
        return False
    max_age = asked.parameters.get("max_age")
    return max_age is None or asked.now.timestamp() - logged_in <= int(max_age)


def _touch(asked: Asked, connection: Connection) -> None:
    session = asked.context.session
    if session is not None and (asked.now - session.seen_at).total_seconds() > TOUCH_SECONDS:
        touch(connection, session.id, asked.now)


def _give_code(asked: Asked, grant: CodeGrant, prospect: Prospect) -> Response:
    """Seal the code; nothing is written (ARCHITECTURE §6)."""
    subject = asked.context.subject if asked.client.is_pairwise else str(uuid.uuid4())
    if subject is None or prospect.release is None:
        raise AssertionError
    grant.request.user = Permit(asked.context, subject, prospect.release.items, asked.now)
    return asked.to.send({"code": grant.generate_authorization_code()})


def _note_refusal(asked: Asked, error: OAuth2Error, connection: Connection) -> None:
    """R-CLM-2: asking for more than was approved is audited; the rest is a diagnosis in the log."""
    fields = {"client_id": asked.client.client_id, "error": error.error, "why": error.description}
    log.info("authorization request refused", extra={"fields": fields})
    over = over_requested(asked.client, parse_scope(asked.parameters.get("scope")))
    if isinstance(error, InvalidScopeError) and over:
        record(
            "scope.over_request",
            actor=f"client:{asked.client.client_id}",
            client_id=asked.client.client_id,
            detail={"items": sorted(over)},
            on=connection,
        )
