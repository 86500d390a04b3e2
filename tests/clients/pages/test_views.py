"""What pages work out of what happened."""

from datetime import UTC, datetime

import pytest

from clients.lifecycle import CaseState
from clients.models import CaseEvent
from clients.pages.views import last_moved

OPENED, SENT, LATER = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 5, 9))


@pytest.mark.no_database
def test_since_when_a_case_stands() -> None:
    """Since its state changed last; what happened within a state does not count."""
    opened = CaseEvent(at=OPENED, from_state=None, to_state=CaseState.DRAFT)
    sent = CaseEvent(at=SENT, from_state=CaseState.ELIGIBILITY_CONFIRMED, to_state=CaseState.SUBMITTED)
    later = CaseEvent(at=LATER, from_state=CaseState.SUBMITTED, to_state=CaseState.SUBMITTED)
    assert last_moved([later, sent, opened], OPENED) == SENT
    assert last_moved([opened], LATER) == OPENED
    assert last_moved([later], OPENED) == OPENED
