"""Bring the facts of a context before the one release rule (`scopes.release.decide`), at every door alike.

Authorize, token and userinfo call `assess`; nothing else selects items or judges whether a sign-in may go on.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from clients.registry import RegisteredClient
from config.settings import settings
from consent.decisions import counting
from idp.accounts import accounts
from idp.accounts.directory import directory, service_values
from idp.sessions import is_alive
from idp.sign_ins import Context
from scopes.items import DataItem
from scopes.release import Refusal, Release, decide
from scopes.roc import taipei_day
from scopes.service import (
    Assignment,
    ServiceState,
    effective_state,
    evaluate_service_state,
    released_assignment,
)


class Obstacle(Enum):
    """Why a sign-in cannot go on. Order is that of DOMAIN §4.8."""

    PARTNER_CLOSED = auto()
    NOT_SIGNED_IN = auto()
    SECOND_FACTOR = auto()
    AGREEMENT = auto()
    NOT_TEACHER = auto()
    NOT_TEST_ACCOUNT = auto()
    TEST_ACCOUNT = auto()
    LOCKED = auto()
    UNVERIFIED = auto()
    CONSENT = auto()


@dataclass(frozen=True, slots=True)
class Prospect:
    """What would be released now, and what stands in the way."""

    obstacle: Obstacle | None
    service: ServiceState | None
    assignment: Assignment | None
    values: dict[DataItem, str]
    release: Release | None

    @classmethod
    def stopped(cls, obstacle: Obstacle) -> "Prospect":
        """Return the prospect of a sign-in that ends before the person's service matters."""
        return cls(obstacle, None, None, {}, None)


def assess(
    context: Context,
    client: RegisteredClient,
    requested: frozenset[DataItem],
    now: datetime,
    *,
    at_browser: bool = False,
) -> Prospect:
    """Judge a context for a client that asks for items.

    Idle time counts ``at_browser`` alone: a partner may refresh while the teacher does nothing here, until the session
    ends or reaches its absolute limit.
    """
    if (before := _before_service(context, client, now, at_browser=at_browser)) is not None:
        return Prospect.stopped(before)
    known, day, rules = directory(), taipei_day(now), settings()
    account, consent = context.account, context.consent
    if account is None:
        raise AssertionError
    service = effective_state(
        evaluate_service_state(context.assignments, known.schools, known.titles, day),
        in_force=rules.art5_in_force(day),
        requires_confirmed=rules.requires_confirmed_service,
    )
    choice = consent.assignment_choice if consent else None
    assignment = released_assignment(context.assignments, known.schools, known.titles, day, choice)
    values = {DataItem.NAME: account.name, **service_values(assignment)}
    release = decide(
        approved=client.approved,
        requested=requested,
        essential=client.essential,
        decisions=counting(consent.decisions, client.purposes, now, rules.consent_valid_months) if consent else {},
        available=frozenset(item for item, value in values.items() if value) | {DataItem.USER_ID},
        service=service,
    )
    return Prospect(_obstacle(release, context, client), service, assignment, values, release)


def _before_service(context: Context, client: RegisteredClient, now: datetime, *, at_browser: bool) -> Obstacle | None:
    """Return what stands in the way before the person's service matters (DOMAIN §4.8 rows 2, 5, 6)."""
    session, account = context.session, context.account
    if not client.is_open(taipei_day(now)):
        return Obstacle.PARTNER_CLOSED
    if session is None or account is None:
        return Obstacle.NOT_SIGNED_IN
    seen_at = session.seen_at if at_browser else now
    if not is_alive(seen_at=seen_at, expires_at=session.expires_at, now=now):
        return Obstacle.NOT_SIGNED_IN
    if account.agreement_version < accounts.AGREEMENT_VERSION:
        return Obstacle.AGREEMENT
    if not account.is_teacher:
        return Obstacle.NOT_TEACHER
    if client.is_test and not account.is_test_account:
        return Obstacle.NOT_TEST_ACCOUNT
    if account.is_test_account and not client.is_test:
        return Obstacle.TEST_ACCOUNT
    return None


def _obstacle(release: Release, context: Context, client: RegisteredClient) -> Obstacle | None:
    """Return what the release rule and the consent say."""
    if release.refusal is Refusal.LOCKED:
        return Obstacle.LOCKED
    if release.refusal is Refusal.UNVERIFIED:
        return Obstacle.UNVERIFIED
    if context.consent is None or release.refusal is Refusal.ESSENTIAL_DECLINED:
        return Obstacle.CONSENT
    if client.is_pairwise and context.subject is None:
        return Obstacle.CONSENT
    return None
