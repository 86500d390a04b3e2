"""For whom a case waits. Pure."""

from clients.lifecycle import CaseState
from clients.procedure.transitions import FINAL, Party

_C, _P = CaseState, Party
_WAITS = {
    _C.DRAFT: frozenset({_P.APPLICANT}),
    _C.ELIGIBILITY_CONFIRMED: frozenset({_P.APPLICANT}),
    _C.SUBMITTED: frozenset({_P.ADMIN}),
    _C.RETURNED: frozenset({_P.APPLICANT}),
    _C.APPROVED: frozenset({_P.ADMIN}),
    _C.TESTING: frozenset({_P.OFFICER, _P.ADMIN}),
    _C.TESTED: frozenset({_P.OFFICER, _P.ADMIN}),
    _C.GO_LIVE_AGREED: frozenset({_P.SYSTEM}),
    _C.SUSPENDED: frozenset({_P.ADMIN}),
}


def is_done(state: CaseState, *, is_supplement: bool) -> bool:
    """Whether nothing follows any more; a supplement ends with its approval (D-40)."""
    return state in FINAL or (is_supplement and state is _C.APPROVED)


def waits_for(
    state: CaseState, *, has_sheet: bool, is_supplement: bool = False, asked: tuple[frozenset[Party], ...] = ()
) -> frozenset[Party]:
    """Return who is to do the next thing: who is asked to agree, else by the state; nobody once it is live or over.

    ``has_sheet``: whether the partner's engineer has filled in the technical sheet.
    """
    if asked:
        return frozenset().union(*asked)
    if state is _C.LIVE or is_done(state, is_supplement=is_supplement):
        return frozenset()
    if state is _C.DOCS_PROVIDED:
        return frozenset({_P.ADMIN if has_sheet else _P.OFFICER})
    return _WAITS[state]
