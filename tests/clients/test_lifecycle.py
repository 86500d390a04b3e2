"""Which state of a case admits sign-ins (DOMAIN §3.3, P1-R3, D-36, D-42)."""

from datetime import date, timedelta
from itertools import product

import pytest

from clients.lifecycle import CaseState, ClientEnvironment, admits_sign_in, state_on

pytestmark = pytest.mark.no_database
DAY = date(2026, 8, 1)


@pytest.mark.rule("P1-R3", "D-42")
@pytest.mark.parametrize("state", list(CaseState))
def test_what_a_state_admits(state: CaseState) -> None:
    """Production is open while live and never else; the test client from testing to live."""
    assert admits_sign_in(ClientEnvironment.PRODUCTION, state) is (state == "live")
    open_for_tests = state in {"testing", "tested", "go_live_agreed", "live"}
    assert admits_sign_in(ClientEnvironment.TEST, state) is open_for_tests


@pytest.mark.rule("D-36")
def test_the_day_decides() -> None:
    """From 00:00 of the agreed day an item is live, not a day before, whatever the case as a whole has reached."""
    for stored, days in product(CaseState, (-400, -1, 0, 1, 400)):
        found = state_on(stored, DAY + timedelta(days=days), DAY)
        if stored in {CaseState.GO_LIVE_AGREED, CaseState.LIVE}:
            assert found is (CaseState.LIVE if days <= 0 else CaseState.GO_LIVE_AGREED)
        else:
            assert found is stored
        assert state_on(stored, None, DAY) is stored
