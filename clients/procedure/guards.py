"""What must hold before a step is taken (DOMAIN §3.4): faults with their codes, none when it may be taken. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clients.form.checks import Fault, Held, faults, scan_faults
from clients.form.reasons import Reason
from clients.form.values import Answers, Problem, day, is_letter_no
from clients.lifecycle import CooperationItem
from clients.procedure import evidence as e
from scopes.items import DataItem

MANDATORY_TESTS = tuple(f"TC-{number}" for number in range(1, 9))
"""D-42: the test cases of roaming. Those of reporting come with its service."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The newest submission: when, of which form, with which letter."""

    at: datetime
    form_hash: str
    letter_date: date


@dataclass(frozen=True, slots=True)
class Amended:
    """The cooperation that a supplementary case adds to (D-40). ``site``: fields of the form that name it."""

    is_over: bool
    site: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a guard knows of a case. ``attachments``: kind → when the newest was added; ``tests``: case → passed."""

    today: date
    answers: Answers
    form_hash: str
    name_taken: bool
    attachments: Mapping[str, datetime]
    items: frozenset[DataItem]
    cooperation: frozenset[CooperationItem]
    dropped: frozenset[DataItem]
    approved: frozenset[DataItem]
    submitted: Submitted | None
    letter_wanted: bool
    tests: Mapping[str, bool]
    amends: Amended | None


Guard = Callable[[Facts, Any], Iterator[Fault]]
_P = Problem


def _eligible(_: Facts, given: e.Eligibility) -> Iterator[Fault]:
    for criterion in e.CRITERIA:
        answer = given.criteria.get(criterion)
        if answer is None or not answer.is_met:
            yield Fault(criterion, _P.MISSING if answer is None else _P.NOT_A_CHOICE, Reason.NOT_ELIGIBLE)
    for unknown in sorted(set(given.criteria) - set(e.CRITERIA)):
        yield Fault(unknown, _P.NOT_A_CHOICE)


def _form(facts: Facts, _: e.Evidence) -> Iterator[Fault]:
    yield from faults(facts.answers, held_of(facts), facts.today)
    if "seal_scan" not in facts.attachments:
        yield Fault("seal_scan", _P.MISSING, Reason.NO_SEAL)


def held_of(facts: Facts) -> Held:
    """Return what the form is judged beside."""
    site = facts.amends.site if facts.amends else {}
    return Held(frozenset(facts.attachments), facts.name_taken, site)


def _running(facts: Facts, _: e.Evidence) -> Iterator[Fault]:
    """D-40: there is nothing to add to a cooperation that is over."""
    if facts.amends is not None and facts.amends.is_over:
        yield Fault("case", _P.TOO_OLD)


def _whole_case(facts: Facts, _: e.Evidence) -> Iterator[Fault]:
    """A supplement ends with its approval; what follows is done in the case that it adds to."""
    if facts.amends is not None:
        yield Fault("case", _P.NOT_A_CHOICE)


def _first_letter(facts: Facts, given: e.Submission) -> Iterator[Fault]:
    if given.letter is None:
        yield Fault("letter_no", _P.MISSING, Reason.LETTER)
    else:
        yield from _letter_to_ministry(facts, given.letter)


def _further_letter(facts: Facts, given: e.Submission) -> Iterator[Fault]:
    if given.letter is not None or facts.letter_wanted:
        yield from _first_letter(facts, given)
    elif facts.submitted is not None:
        yield from scan_faults(facts.answers, facts.submitted.letter_date)


def _letter_to_ministry(facts: Facts, letter: e.LetterFacts) -> Iterator[Fault]:
    """P1-R1, P1-R2; the form was filled in by then, and D-44 is judged once more on the letter's day."""
    yield from _letter(facts, letter)
    filled_on = day(facts.answers, "filled_on")
    if filled_on is not None and letter.letter_date < filled_on:
        yield Fault("filled_on", _P.TOO_NEW, Reason.WRONG_DAY)
    yield from scan_faults(facts.answers, letter.letter_date)


def _letter(facts: Facts, letter: e.LetterFacts) -> Iterator[Fault]:
    if not is_letter_no(letter.letter_no):
        yield Fault("letter_no", _P.NOT_A_LETTER_NO if letter.letter_no else _P.MISSING, Reason.LETTER)
    if letter.letter_date > facts.today:
        yield Fault("letter_date", _P.IN_THE_FUTURE, Reason.LETTER)


def _new_stamp(facts: Facts, _: e.Evidence) -> Iterator[Fault]:
    """X5: a form that changed is stamped anew; the old paper does not show what is sent now."""
    last, stamped_at = facts.submitted, facts.attachments.get("seal_scan")
    if last and stamped_at and facts.form_hash != last.form_hash and stamped_at <= last.at:
        yield Fault("seal_scan", _P.TOO_OLD, Reason.NO_SEAL)


def _reasons(_: Facts, given: e.Return | e.Refusal) -> Iterator[Fault]:
    if not given.reasons:
        yield Fault("reasons", _P.MISSING)


def _ministry(facts: Facts, given: e.Approval | e.Refusal) -> Iterator[Fault]:
    """X6, X7: the Ministry's answer is not older than the letter that it answers, and its scan is there."""
    yield from _letter(facts, given.letter)
    if facts.submitted and given.letter.letter_date < facts.submitted.letter_date:
        yield Fault("letter_date", _P.TOO_OLD, Reason.LETTER)
    if "approval_letter" not in facts.attachments:
        yield Fault("approval_letter", _P.MISSING, Reason.LETTER)


def _approved(facts: Facts, given: e.Approval) -> Iterator[Fault]:
    """Fewer than were applied for, never more."""
    if not set(given.items) <= facts.items or not set(given.cooperation) <= facts.cooperation:
        yield Fault("items", _P.NOT_A_CHOICE, Reason.TOO_MUCH)
    if not given.cooperation:
        yield Fault("cooperation", _P.NONE_TICKED)
    if CooperationItem.ROAMING in given.cooperation and not given.items:
        yield Fault("items", _P.NONE_TICKED)
    if CooperationItem.REPORTING in given.cooperation and DataItem.USER_ID not in given.items:
        yield Fault("items", _P.MISSING, Reason.NO_USER_ID)
    if not given.seal_verified:
        yield Fault("seal_verified", _P.MISSING, Reason.NO_SEAL)
    if not given.eligibility_checked:
        yield Fault("eligibility_checked", _P.MISSING, Reason.NOT_ELIGIBLE)


def _documents(facts: Facts, given: e.Documents) -> Iterator[Fault]:
    if given.provided_on > facts.today:
        yield Fault("provided_on", _P.IN_THE_FUTURE)


def _essential(facts: Facts, given: e.Sheet) -> Iterator[Fault]:
    """D-51: only what is approved can be essential; the identifier may be named by habit."""
    if not set(given.essential_items) <= facts.approved | {DataItem.USER_ID}:
        yield Fault("essential_items", _P.NOT_A_CHOICE)


def _tests(facts: Facts, _: e.Evidence) -> Iterator[Fault]:
    for case in MANDATORY_TESTS if CooperationItem.ROAMING in facts.cooperation else ():
        if not facts.tests.get(case, False):
            yield Fault(case, _P.MISSING)


def _days(facts: Facts, given: e.Dates) -> Iterator[Fault]:
    """X13, X14: of what the case has, and not in the past, hence not before the last signature either (P1-R3)."""
    for item, agreed in given.days.items():
        if item not in facts.cooperation:
            yield Fault("days", _P.NOT_A_CHOICE)
        if agreed < facts.today:
            yield Fault("days", _P.TOO_OLD)


def _item(facts: Facts, given: e.Narrowing) -> Iterator[Fault]:
    if given.item not in facts.approved:
        yield Fault("item", _P.NOT_A_CHOICE)


GUARDS: Mapping[str, tuple[Guard, ...]] = {
    "X2": (_eligible,),
    "X3": (_running, _form, _first_letter),
    "X4": (_reasons,),
    "X5": (_running, _form, _further_letter, _new_stamp),
    "X6": (_running, _ministry, _approved),
    "X7": (_ministry, _reasons),
    "X9": (_whole_case, _documents),
    "X10": (_essential,),
    "X11": (_tests,),
    "X13": (_days,),
    "X14": (_days,),
    "X18": (_whole_case,),
    "X19": (_item,),
}


def judge(transition: str, facts: Facts, given: e.Evidence) -> list[Fault]:
    """Return every fault of a step; none means that it may be taken."""
    return [fault for guard in GUARDS.get(transition, ()) for fault in guard(facts, given)]
