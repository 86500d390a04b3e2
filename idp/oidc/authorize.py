"""The authorization endpoint's decision, in the order of DOMAIN §4.8.

The one place that answers an authorization request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from authlib.oauth2.rfc6749.errors import OAuth2Error
from sqlalchemy.engine import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from clients.registry import RegisteredClient
from config.database import hot
from consent.ledger import changed_items
from idp.interactions import Interaction
from idp.oidc import diagnosis, hints, pushed_requests, questions, request_objects
from idp.oidc.addressing import check_redirect_uri, identify, lenient, still_registered
from idp.oidc.claims_parameter import NOTHING, ClaimsRequest, parse_claims
from idp.oidc.code_flow import Permit
from idp.oidc.faults import ProtocolFault
from idp.oidc.parameters import ProtocolRequest, check_authorization, check_openid, check_resource, prompts_of, single
from idp.oidc.recipients import DEVICE, Recipient, recipient_of
from idp.oidc.server import server
from idp.releases import Obstacle, Prospect, assess
from idp.sessions import TOUCH_SECONDS, cookie_digest, touch
from idp.sign_ins import Context, context_by_cookie
from scopes.items import DataItem, ordered, parse_scope
from scopes.roc import taipei_day

ENDPOINT = "authorize"
_ANEW = frozenset({"login", "select_account", "create"})


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request whose client and redirect_uri were checked."""

    parameters: Mapping[str, str]
    first_seen: float
    client: RegisteredClient
    context: Context
    claims: ClaimsRequest
    now: datetime

    @property
    def to(self) -> Recipient:
        """Where the answer goes."""
        return recipient_of(self.client, self.parameters)

    @property
    def prompts(self) -> frozenset[str]:
        """The prompt values."""
        return prompts_of(self.parameters)

    @property
    def items(self) -> frozenset[DataItem]:
        """Every item that is asked for, by scope or by the claims parameter."""
        return parse_scope(self.parameters.get("scope")).items | self.claims.everything

    def interaction(self, error: str = "access_denied") -> Interaction:
        """Return the continuation for our pages."""
        return Interaction(self.parameters, self.first_seen, error)


def answer(values: MultiDict[str, str]) -> Response:
    """Answer a new authorization request."""
    now = datetime.now(UTC)
    with hot() as connection:
        # One SELECT, and it comes first: it also brings the snapshot of clients up to date.
        context = context_by_cookie(connection, cookie_digest(), values.get("client_id", ""))
        client = identify(values)
        try:
            parameters = request_objects.resolve(connection, client, single(values), now)
            parameters.pop(DEVICE, None)
        except ProtocolFault as fault:
            diagnosis.refused(client, values, fault, connection)
            return lenient(client, values).refuse(fault.error, fault.description)
        check_redirect_uri(client, parameters.get("redirect_uri"))
        return _answer(connection, client, context, parameters, now.timestamp(), now)


def resume(interaction: Interaction) -> Response:
    """Go on with a request after the teacher was asked; everything is judged again."""
    now = datetime.now(UTC)
    with hot() as connection:
        context = context_by_cookie(connection, cookie_digest(), interaction.client_id)
        client = still_registered(interaction)
        return _answer(connection, client, context, interaction.parameters, interaction.first_seen, now)


def _answer(
    connection: Connection,
    client: RegisteredClient,
    context: Context,
    parameters: Mapping[str, str],
    first_seen: float,
    now: datetime,
) -> Response:
    asked = Asked(parameters, first_seen, client, context, NOTHING, now)
    try:
        return _decide(asked, connection)
    except OAuth2Error as error:
        diagnosis.refused(client, parameters, error, connection)
        return asked.to.refuse(error.error, error.description or None)


def _decide(asked: Asked, connection: Connection) -> Response:
    """Check the protocol, then the facts; ask, refuse or give the code."""
    if asked.client.is_open(taipei_day(asked.now)):
        asked = _validated(asked)
        prospect = assess(asked.context, asked.client, asked.items, asked.now, at_browser=True)
    else:
        prospect = Prospect.stopped(Obstacle.PARTNER_CLOSED)
    obstacle = _obstacle(asked, prospect, connection)
    if obstacle is not Obstacle.NOT_SIGNED_IN:
        _touch(asked, connection)
    if obstacle is not None:
        return questions.stop(asked, prospect, obstacle, connection)
    if prospect.release is None or asked.context.consent is None:
        raise AssertionError
    changed = changed_items(asked.context.consent.shown, prospect.values, prospect.release.items)
    if changed and "none" not in asked.prompts:
        return questions.inform(asked, changed)
    return _give_code(asked, prospect, connection)


def _validated(asked: Asked) -> Asked:
    """DOMAIN §4.8 rows 3 and 4; add what the claims parameter asks for."""
    claims = validate(asked.client, asked.parameters)
    diagnosis.unwise(asked.client, asked.parameters)
    return Asked(asked.parameters, asked.first_seen, asked.client, asked.context, claims, asked.now)


def validate(client: RegisteredClient, parameters: Mapping[str, str]) -> ClaimsRequest:
    """Raise the OAuth error of a faulty request, pushed or not: what Authlib checks, and what it lacks."""
    check_authorization(parameters)
    if DEVICE not in parameters:
        server().get_consent_grant(ProtocolRequest(parameters))
    check_openid(parameters)
    check_resource(parameters)
    claims = parse_claims(parameters.get("claims"))
    hints.check(client, parameters, claims)
    return claims


def _obstacle(asked: Asked, prospect: Prospect, connection: Connection) -> Obstacle | None:
    """Return what stands in the way, with what the request itself demands: a fresh log-in, a person, a new consent."""
    found = prospect.obstacle
    if found in {Obstacle.PARTNER_CLOSED, Obstacle.NOT_SIGNED_IN}:
        return found
    if not _is_fresh(asked) or hints.means_another(asked, connection):
        return Obstacle.NOT_SIGNED_IN
    if found in {None, Obstacle.CONSENT} and hints.wants_more(asked):
        return Obstacle.SECOND_FACTOR
    consent = asked.context.consent
    if found is None and prospect.release is not None and prospect.release.undecided:
        return Obstacle.CONSENT
    if found is None and "consent" in asked.prompts and consent and consent.decided_at.timestamp() < asked.first_seen:
        return Obstacle.CONSENT
    return found


def _is_fresh(asked: Asked) -> bool:
    """OIDC Core §3.1.2.1: ``prompt=login`` wants a log-in of now, ``max_age`` one that is not too old.

    A log-in after the request was first seen satisfies both. ``select_account`` is a log-in too: the page lets the
    person take any account; ``create`` ends in a log-in.
    """
    session = asked.context.session
    if session is None:
        return False
    logged_in = session.auth_time.timestamp()
    if logged_in >= asked.first_seen:
        return True
    if asked.prompts & _ANEW:
        return False
    default = asked.client.meta.default_max_age
    max_age = int(asked.parameters["max_age"]) if "max_age" in asked.parameters else default
    return max_age is None or asked.now.timestamp() - logged_in <= max_age


def _touch(asked: Asked, connection: Connection) -> None:
    session = asked.context.session
    if session is not None and (asked.now - session.seen_at).total_seconds() > TOUCH_SECONDS:
        touch(connection, session.id, asked.now)


def _give_code(asked: Asked, prospect: Prospect, connection: Connection) -> Response:
    """Seal the code; nothing is written, but that a pushed request is used up (RFC 9126 §4)."""
    if prospect.release is None:
        raise AssertionError
    items = prospect.release.items
    outside = asked.claims.everything - asked.client.approved
    if outside:
        diagnosis.over_claimed(asked.client, outside, connection)
    wished = {target: [item.value for item in ordered(found & items)] for target, found in asked.claims.items.items()}
    key = asked.parameters.get("dpop_jkt")
    permit = Permit(
        context=asked.context,
        subject=hints.subject_for(asked),
        items=items,
        asked={target: found for target, found in wished.items() if found},
        cnf=f"jkt:{key}" if key else None,
        now=asked.now,
    )
    pushed = asked.parameters.get("request_uri")
    if pushed is not None and not pushed_requests.consume(connection, pushed):
        raise ProtocolFault("PAR-02", received="a request_uri that gave a code before")
    return asked.to.deliver(permit.code(asked.client.client_id, asked.parameters), connection)
