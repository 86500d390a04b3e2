"""The states of a cooperation case (DOMAIN §3.3) and what each admits. Pure."""

from datetime import date
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    ELIGIBILITY_CONFIRMED = "eligibility_confirmed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"
    DOCS_PROVIDED = "docs_provided"
    TESTING = "testing"
    TESTED = "tested"
    GO_LIVE_AGREED = "go_live_agreed"
    LIVE = "live"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    WITHDRAWN = "withdrawn"


class CooperationItem(StrEnum):
    """What a case applies for (P1-R4)."""

    ROAMING = "roaming"
    REPORTING = "reporting"


class ClientEnvironment(StrEnum):
    """A case has at most one client of each."""

    PRODUCTION = "production"
    TEST = "test"


TEST_CLIENT_OPEN = frozenset({CaseState.TESTING, CaseState.TESTED, CaseState.GO_LIVE_AGREED, CaseState.LIVE})
MAY_HAVE_CLIENT = TEST_CLIENT_OPEN | {CaseState.SUSPENDED, CaseState.TERMINATED}


def state_on(stored: CaseState, go_live_on: date | None, day: date) -> CaseState:
    """X15: at 00:00 Asia/Taipei of the day agreed for an item it is live; the date decides, no job is needed.

    Each item has a date of its own (D-36): a case that is live with one of them may have the other still ahead.
    """
    if stored in {CaseState.GO_LIVE_AGREED, CaseState.LIVE} and go_live_on is not None:
        return CaseState.LIVE if go_live_on <= day else CaseState.GO_LIVE_AGREED
    return stored


def admits_sign_in(environment: ClientEnvironment, state: CaseState) -> bool:
    """D-42 and P1-R3: production only while live; the test client from ``testing`` to ``live``."""
    if environment is ClientEnvironment.TEST:
        return state in TEST_CLIENT_OPEN
    return state is CaseState.LIVE
