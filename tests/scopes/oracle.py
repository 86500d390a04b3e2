"""DOMAIN §2.4 written a second time, from the text, for comparison with `scopes.service`."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from scopes.service import Assignment, AssignmentKind, EndReason, School, Title

DAY = date(2024, 2, 29)
SCHOOLS = {
    "open": School("open", "Open", None, None),
    "gone": School("gone", "Gone", None, DAY - timedelta(days=2)),
    "going": School("going", "Going", None, DAY + timedelta(days=2)),
    "new": School("new", "New", DAY + timedelta(days=1), None),
}
TITLES = {"yes": Title("yes", "Teacher", "Teacher", True), "no": Title("no", "Staff", "Staff", False)}

near = st.integers(-4, 4).map(lambda shift: DAY + timedelta(days=shift))


@st.composite
def assignments(draw: st.DrawFn) -> Assignment:
    """Assignments around `DAY`, tidy and untidy."""
    start = draw(st.none() | near)
    end = draw(st.none() | near)
    since = draw(st.none() | st.none() | near)
    return Assignment(
        id=draw(st.integers(1, 10**6)),
        school_code=draw(st.sampled_from(["open", "open", "gone", "going", "new", None])),
        title_code=draw(st.sampled_from(["yes", "yes", "no", None])),
        kind=draw(st.sampled_from(AssignmentKind)),
        start_date=start,
        end_date=end,
        end_reason=EndReason.DEPARTED if end else None,
        suspended_from=since,
        suspended_until=draw(st.none() | near) if since else None,
        confirmed=draw(st.booleans()),
        refused=draw(st.sampled_from([False, False, False, True])),
    )


def row(entries: Sequence[Assignment], day: date) -> int:
    """Return the number of the first row that holds."""
    mine = [entry for entry in entries if not entry.refused]

    def ended(entry: Assignment) -> bool:
        return entry.end_date is not None and day > entry.end_date

    def suspended(entry: Assignment) -> bool:
        first, last = entry.suspended_from, entry.suspended_until or date.max
        return first is not None and first <= day <= last

    def active(entry: Assignment) -> bool:
        begun = entry.start_date is None or day >= entry.start_date
        return begun and not ended(entry) and not suspended(entry)

    def school(entry: Assignment) -> str:
        known = SCHOOLS.get(entry.school_code or "")
        if known is None or (known.opened_on and day < known.opened_on):
            return "missing"
        return "closed" if known.closed_on and day >= known.closed_on else "open"

    def complete(entry: Assignment) -> bool:
        counts = entry.title_code == "yes"
        return school(entry) == "open" and counts and entry.start_date is not None

    working = [entry for entry in mine if active(entry)]
    if any(entry.kind == "primary" and suspended(entry) and not ended(entry) for entry in mine):
        return 1
    if any(complete(entry) and entry.confirmed for entry in working):
        return 2
    if not any(entry.confirmed for entry in mine) and any(complete(entry) for entry in working):
        return 3
    if working and not any(school(entry) != "closed" for entry in working):
        return 4
    if any(entry.title_code != "no" for entry in working):
        return 5
    if any(ended(entry) or suspended(entry) or (active(entry) and entry.title_code == "no") for entry in mine):
        return 6
    return 7
