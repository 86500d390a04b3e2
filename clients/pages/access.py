"""Who sees which case, and in which capacity she acts there."""

from dataclasses import dataclass

from flask import abort

from clients.models import Case
from clients.procedure.members import Actor, parties_of
from clients.procedure.transitions import Party
from config.database import db
from config.guard import Principal, require_principal
from scopes.permissions import PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Access:
    """A person at a case. ``parties``: as what she may act; none for somebody who only reads."""

    case: Case
    person: Principal
    parties: frozenset[Party]
    may_review: bool

    @property
    def is_partner(self) -> bool:
        """Whether she acts for the partner."""
        return bool(self.parties & {Party.APPLICANT, Party.OFFICER})

    def acting(self, wanted: frozenset[Party]) -> Actor:
        """Return her in one of the wanted capacities, or stop with 403."""
        mine = sorted(self.parties & wanted) or abort(403)
        return Actor(self.person.account_id, self.person.name, mine[0])


def may(permission: Permission) -> bool:
    """Whether the signed-in person holds a permission."""
    return permission in PERMISSIONS[require_principal().role]


def require_cases() -> None:
    """Admit to the pages of cases who may have one or read them."""
    if not (may(Permission.OWN_CASES) or may(Permission.CASES_READ)):
        abort(403)


def access(case_id: int) -> Access:
    """Return the case for somebody who may see it, in the caller's transaction; for all others there is none (404)."""
    person = require_principal()
    case = db.session.get(Case, case_id)
    if case is None:
        abort(404)
    mine = parties_of(case_id, person.account_id) if may(Permission.OWN_CASES) else frozenset()
    if not mine and not may(Permission.CASES_READ):
        abort(404)
    ours = frozenset({Party.ADMIN}) if may(Permission.CASES_DECIDE) and not mine else frozenset()
    return Access(case, person, mine | ours, may_review=may(Permission.CASES_REVIEW) and not mine)
