"""What every page of a case has: where it stands, for whom it waits, what the reader may do, the tabs."""

from datetime import datetime
from typing import Any

from clients.pages import views
from clients.pages.access import Access
from clients.procedure.drafts import WRITABLE
from clients.procedure.transitions import Party


def frame(found: Access, now: datetime) -> dict[str, Any]:
    """Return what the templates need, in the caller's transaction."""
    state, proposal = views.state_now(found.case, now), views.proposal_of(found)
    steps = views.steps_for(found, state)
    return {
        "case": found.case,
        "found": found,
        "state": state,
        "proposal": proposal,
        "waits": views.waits(found.case, state, proposal.asked if proposal else ()),
        "steps": [one for one in steps if proposal is None or one.id != proposal.transition.id or proposal.is_mine],
        "may_write": Party.APPLICANT in found.parties and state in WRITABLE,
    }
