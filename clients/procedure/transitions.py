"""The transitions X1-X20 of a cooperation case (DOMAIN §3.4) as one table. Pure; the code runs on it, the docs print it."""

from dataclasses import dataclass
from enum import StrEnum

from clients.lifecycle import CaseState
from scopes.permissions import Role


class Party(StrEnum):
    """Who acts in a step."""

    APPLICANT = Role.PARTNER_APPLICANT.value
    OFFICER = Role.PARTNER_OFFICER.value
    ADMIN = Role.IDP_ADMIN.value
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Transition:
    """A row of the table.

    ``needs``: one person for each entry, of one of its parties, and nobody twice; the step is taken when all agree to
    the same evidence. ``target`` None: the case stays where it is.
    """

    id: str
    event: str
    sources: frozenset[CaseState]
    target: CaseState | None
    needs: tuple[frozenset[Party], ...]
    demands: str


_C, _P = CaseState, Party
_APPLICANT, _ADMIN, _SYSTEM = frozenset({_P.APPLICANT}), frozenset({_P.ADMIN}), frozenset({_P.SYSTEM})
_PARTNER = frozenset({_P.APPLICANT, _P.OFFICER})
_BEFORE_APPROVAL = frozenset({_C.DRAFT, _C.ELIGIBILITY_CONFIRMED, _C.SUBMITTED, _C.RETURNED})
_RUNNING = frozenset({_C.APPROVED, _C.DOCS_PROVIDED, _C.TESTING, _C.TESTED, _C.GO_LIVE_AGREED, _C.LIVE, _C.SUSPENDED})
FINAL = frozenset({_C.REJECTED, _C.WITHDRAWN, _C.TERMINATED})


def _row(  # a row has these cells
    ident: str,
    event: str,
    source: CaseState,
    target: CaseState | None,
    needs: tuple[frozenset[Party], ...],
    demands: str,
) -> Transition:
    return Transition(ident, event, frozenset({source}), target, needs, demands)


_TWO_ADMINS = (_ADMIN, _ADMIN)
"""Approval and going live are decided by two persons on our side."""

TRANSITIONS: tuple[Transition, ...] = (
    Transition("X1", "opened", frozenset(), _C.DRAFT, (_APPLICANT,), "–"),
    _row(
        "X2", "eligibility_confirmed", _C.DRAFT, _C.ELIGIBILITY_CONFIRMED, (_APPLICANT,), "all six criteria met (D-37)"
    ),
    _row(
        *("X3", "submitted", _C.ELIGIBILITY_CONFIRMED, _C.SUBMITTED, (_APPLICANT,)),
        "a form without fault, the stamped scan, attachments, the letter to the Ministry",
    ),
    _row("X4", "returned", _C.SUBMITTED, _C.RETURNED, (_ADMIN,), "at least one coded reason with its text"),
    _row(
        *("X5", "resubmitted", _C.RETURNED, _C.SUBMITTED, (_APPLICANT,)),
        "as X3; a newly stamped scan if the form changed, a new letter if the Ministry asked for it",
    ),
    _row(
        *("X6", "approved", _C.SUBMITTED, _C.APPROVED, _TWO_ADMINS),
        "the Ministry's letter with its scan, not older than the application's; items among those applied for; the seal "
        "verified and the eligibility checked again",
    ),
    _row("X7", "rejected", _C.SUBMITTED, _C.REJECTED, (_ADMIN,), "the Ministry's letter with its scan, a coded reason"),
    Transition("X8", "withdrawn", _BEFORE_APPROVAL, _C.WITHDRAWN, (_APPLICANT,), "a note"),
    _row(
        "X9", "docs_provided", _C.APPROVED, _C.DOCS_PROVIDED, (_ADMIN,), "version, recipient and day of the documents"
    ),
    _row("X10", "testing", _C.DOCS_PROVIDED, _C.TESTING, (_ADMIN,), "the technical sheet; makes the test client"),
    _row(
        *("X11", "tested", _C.TESTING, _C.TESTED, (_ADMIN, frozenset({_P.OFFICER}))),
        "every mandatory test case passed, signed by both sides",
    ),
    Transition("X12", "test_failed", frozenset({_C.TESTING}), None, (_PARTNER | _ADMIN,), "the reason"),
    _row(
        *("X13", "go_live_agreed", _C.TESTED, _C.GO_LIVE_AGREED, (_PARTNER, *_TWO_ADMINS)),
        "a day not before the last signature, and how it was agreed; makes the production client",
    ),
    Transition("X14", "date_moved", frozenset({_C.GO_LIVE_AGREED}), None, (_PARTNER, _ADMIN), "the new day"),
    _row("X15", "live", _C.GO_LIVE_AGREED, _C.LIVE, (_SYSTEM,), "00:00 Asia/Taipei of the agreed day"),
    _row("X16", "suspended", _C.LIVE, _C.SUSPENDED, (_ADMIN,), "a reason, and the notice to the officer"),
    _row("X17", "resumed", _C.SUSPENDED, _C.LIVE, (_ADMIN,), "a note"),
    Transition("X18", "terminated", _RUNNING, _C.TERMINATED, (_ADMIN | _APPLICANT,), "a reason"),
    Transition("X19", "narrowed", frozenset({_C.LIVE}), None, (_APPLICANT,), "an approved item"),
    Transition("X20", "supplement_opened", frozenset({_C.LIVE}), None, (_APPLICANT,), "opens a case of its own (D-40)"),
)
BY_ID = {transition.id: transition for transition in TRANSITIONS}


def next_party(transition: Transition, agreed: tuple[Party, ...]) -> tuple[frozenset[Party], ...]:
    """Return which agreements are still wanted after those of ``agreed``, each of which fills one entry."""
    left = list(transition.needs)
    for party in agreed:
        fitting = next((need for need in left if party in need), None)
        if fitting is not None:
            left.remove(fitting)
    return tuple(left)
