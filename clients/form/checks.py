"""What is still wrong with a form (DOMAIN §4.1, §4.2), each fault beside its field. Pure; the same at every door."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from clients.form.fields import AGREEMENTS, FIELDS, Kind, purpose_of
from clients.form.reasons import Reason
from clients.form.values import Answers, Problem, cooperation, day, host, is_ticked, items, problem, text
from clients.lifecycle import CooperationItem
from scopes.items import DataItem
from scopes.roc import years_before


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that is wrong, how, and the coded reason for which a reviewer would return the form."""

    field: str
    problem: Problem
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What else the case holds: kinds of the attachments there, and whether another open case has the site's name.

    ``site``: what a supplementary case must say of the site, since it adds to that one (D-40).
    """

    attachments: frozenset[str] = frozenset()
    name_taken: bool = False
    site: Mapping[str, str] = field(default_factory=dict)


def faults(answers: Answers, held: Held, today: date) -> list[Fault]:
    """Return every fault, in the order of the form; none means that it may be printed, stamped and sent."""
    found = [*_single(answers), *_site(answers, held), *_data_items(answers)]
    found += [*scan_faults(answers, day(answers, "filled_on")), *_attachments(answers, held)]
    found += _signature(answers, today)
    order = {one.id: number for number, one in enumerate(FIELDS)}
    return sorted(found, key=lambda fault: order.get(fault.field, len(order)))


def _single(answers: Answers) -> Iterator[Fault]:
    """Judge each field alone; D-45: every printed blank is required unless conditional."""
    for one in FIELDS:
        typed = text(answers, one.id)
        if one.id in AGREEMENTS:
            if not is_ticked(answers, one.id):
                yield Fault(one.id, Problem.MISSING, Reason.NOT_AGREED)
        elif one.is_required and not typed:
            yield Fault(one.id, Problem.MISSING, Reason.INCOMPLETE)
        elif found := problem(one, typed):
            yield Fault(one.id, found, Reason.WRONG_DAY if one.kind is Kind.DAY else None)


def _site(answers: Answers, held: Held) -> Iterator[Fault]:
    has_test_url, test_url = text(answers, "has_test_url"), text(answers, "test_url")
    if has_test_url == "yes" and not test_url:
        yield Fault("test_url", Problem.MISSING, Reason.INCOMPLETE)
    if has_test_url == "none" and test_url:
        yield Fault("test_url", Problem.NOT_EMPTY)
    if test_url and test_url == text(answers, "site_url"):
        yield Fault("test_url", Problem.SAME_URL)
    if held.name_taken:
        yield Fault("site_name", Problem.TAKEN)
    for name, said in held.site.items():
        if text(answers, name) not in {said, ""}:
            yield Fault(name, Problem.OTHER_SITE)


def _data_items(answers: Answers) -> Iterator[Fault]:
    """A purpose is required iff its item is ticked; roaming needs an item, reporting the identifier (D-47)."""
    wanted, applied = items(answers), cooperation(answers)
    for item in DataItem:
        purpose = text(answers, purpose_of(item))
        if item in wanted and not purpose:
            yield Fault(purpose_of(item), Problem.MISSING, Reason.NO_PURPOSE)
        if item not in wanted and purpose:
            yield Fault(purpose_of(item), Problem.NOT_EMPTY)
    if not applied:
        yield Fault("coop_roaming", Problem.NONE_TICKED, Reason.INCOMPLETE)
    if CooperationItem.ROAMING in applied and not wanted:
        yield Fault("item_name", Problem.NONE_TICKED, Reason.INCOMPLETE)
    if CooperationItem.REPORTING in applied and DataItem.USER_ID not in wanted:
        yield Fault("item_user_id", Problem.MISSING, Reason.NO_USER_ID)


def scan_faults(answers: Answers, applied_on: date | None) -> Iterator[Fault]:
    """D-44: completed within the year before the application, both ends included, on a host of the site.

    Judged on the day of filling, and once more on the day of the letter (X3).
    """
    scanned_on, target = day(answers, "scan_date"), host(text(answers, "scan_target"))
    if scanned_on and applied_on:
        if scanned_on < years_before(applied_on, 1):
            yield Fault("scan_date", Problem.TOO_OLD, Reason.OLD_SCAN)
        elif scanned_on > applied_on:
            yield Fault("scan_date", Problem.TOO_NEW, Reason.OLD_SCAN)
    hosts = {host(text(answers, "site_url")), host(text(answers, "test_url"))} - {""}
    if target and hosts and target not in hosts:
        yield Fault("scan_target", Problem.OTHER_HOST, Reason.OTHER_TARGET)


def _attachments(answers: Answers, held: Held) -> Iterator[Fault]:
    if "scan_report" not in held.attachments:
        yield Fault("scan_report", Problem.MISSING, Reason.NO_SCAN)
    given = text(answers, "policy_url"), text(answers, "policy_text")
    if "privacy_policy" not in held.attachments and not any(given):
        yield Fault("privacy_policy", Problem.MISSING, Reason.NO_POLICY)


def _signature(answers: Answers, today: date) -> Iterator[Fault]:
    filled_on = day(answers, "filled_on")
    if filled_on and filled_on > today:
        yield Fault("filled_on", Problem.IN_THE_FUTURE, Reason.WRONG_DAY)
