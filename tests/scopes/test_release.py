"""The release rule on all combinations, against an oracle that is written another way (DOMAIN §4.6)."""

from itertools import product

import pytest

from scopes.items import ORDER, DataItem
from scopes.release import Refusal, Release, claims_of, decide
from scopes.service import Reason, ServiceState, State

pytestmark = pytest.mark.no_database
UNLOCKED = ServiceState(State.UNLOCKED, None, 2, 1)
SUBSETS = [frozenset(item for place, item in enumerate(ORDER) if bits >> place & 1) for bits in range(64)]
EVERYTHING, NOTHING = SUBSETS[-1], SUBSETS[0]


def mask(items: frozenset[DataItem]) -> int:
    """The items as a number, as the oracle sees them."""
    return sum(1 << ORDER.index(item) for item in items)


MASKS = {subset: mask(subset) for subset in SUBSETS}
USER_ID = 1 << ORDER.index(DataItem.USER_ID)


def test_all_combinations_of_approved_requested_given() -> None:
    """64³ combinations: released are exactly approved ∩ requested ∩ given, `openid` being always requested."""
    decisions = [{item: item in subset for item in ORDER} for subset in SUBSETS]
    for approved, requested, number in product(SUBSETS, SUBSETS, range(64)):
        found = decide(
            approved=approved,
            requested=requested,
            essential=NOTHING,
            decisions=decisions[number],
            available=EVERYTHING,
            service=UNLOCKED,
        )
        wanted = SUBSETS[MASKS[approved] & (MASKS[requested] | USER_ID) & number]
        if found.items != wanted or found.undecided or found.refusal:
            pytest.fail(f"{approved} {requested} {number}: {found}")


def test_all_combinations_of_given_declined_and_available() -> None:
    """3⁶ states of decision × 64 available: undecided is what was never decided; what lacks is neither."""
    for states in product((True, False, None), repeat=6):
        decisions = {item: state for item, state in zip(ORDER, states, strict=True) if state is not None}
        for available in SUBSETS:
            found = decide(
                approved=EVERYTHING,
                requested=EVERYTHING,
                essential=NOTHING,
                decisions=decisions,
                available=available,
                service=UNLOCKED,
            )
            said = dict(zip(ORDER, states, strict=True))
            assert found.items == {item for item in available if said[item] is True}
            assert found.undecided == {item for item in available if said[item] is None}
            assert found.refusal is None


@pytest.mark.rule("D-51")
def test_declining_an_essential_item_declines_the_log_in() -> None:
    """All 64³ of essential × declined × asked: refused exactly if they meet; then nothing is released or asked."""
    for essential, declined, asked in product(SUBSETS, SUBSETS, SUBSETS):
        found = decide(
            approved=EVERYTHING,
            requested=asked,
            essential=essential,
            decisions=dict.fromkeys(declined, False),
            available=EVERYTHING,
            service=UNLOCKED,
        )
        refused = bool(MASKS[essential] & MASKS[declined] & (MASKS[asked] | USER_ID))
        if refused != (found.refusal is Refusal.ESSENTIAL_DECLINED) or (refused and (found.items or found.undecided)):
            pytest.fail(f"{essential} {declined} {asked}: {found}")


def test_an_item_that_is_not_approved_cannot_refuse() -> None:
    """Essential, declined, but not approved or without a value: it is not asked for, so it refuses nothing."""
    facts = {"requested": EVERYTHING, "essential": {DataItem.NAME}, "decisions": {DataItem.NAME: False}}
    without = EVERYTHING - {DataItem.NAME}
    assert decide(approved=without, available=EVERYTHING, service=UNLOCKED, **facts).refusal is None  # type: ignore[arg-type]
    assert decide(approved=EVERYTHING, available=without, service=UNLOCKED, **facts).refusal is None  # type: ignore[arg-type]


@pytest.mark.rule("AC-12", "AC-20", "D-17")
@pytest.mark.parametrize("reason", list(Reason))
def test_nothing_is_released_unless_unlocked(reason: Reason) -> None:
    """Locked or unverified: nothing is released and nothing asked, whatever was given."""
    given = dict.fromkeys(ORDER, True)
    facts = {"approved": EVERYTHING, "requested": EVERYTHING, "essential": NOTHING, "available": EVERYTHING}
    locked = ServiceState(State.LOCKED, reason, 6, 1)
    unverified = ServiceState(State.UNLOCKED_UNVERIFIED, None, 3, 1)
    for decisions in (given, {}):
        found = decide(decisions=decisions, service=locked, **facts)
        assert found == Release(NOTHING, NOTHING, Refusal.LOCKED, reason)
        found = decide(decisions=decisions, service=unverified, **facts)
        assert found == Release(NOTHING, NOTHING, Refusal.UNVERIFIED, None)


@pytest.mark.rule("R-CLM-3")
def test_claims_are_those_of_the_released_items() -> None:
    """Missing and empty values are left out; `sub` is never made here; no other value slips in."""
    values = {DataItem.NAME: "王曉晴", DataItem.SCHOOL_CODE: "", DataItem.USER_ID: "x", DataItem.TITLE_CODE: "J40"}
    assert claims_of(EVERYTHING, values) == {"name": "王曉晴", "inservice_title_code": "J40"}
    assert claims_of({DataItem.NAME, DataItem.SCHOOL_NAME}, values) == {"name": "王曉晴"}
    for items in SUBSETS:
        claims = claims_of(items, {item: item.value for item in ORDER})
        assert set(claims) == {item.claim for item in items} - {"sub"}
