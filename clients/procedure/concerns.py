"""What a reviewer should look at twice; nothing of it stops a case. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto

from clients.form.fields import purpose_of
from clients.form.values import Answers, cooperation, host, items, text
from clients.lifecycle import CooperationItem
from scopes.items import DataItem

SHORT = 6
"""A purpose of fewer characters says hardly what an item is needed for."""


class Notice(StrEnum):
    """What may be wrong."""

    SHORT_PURPOSE = auto()
    SAME_PURPOSE = auto()
    CODE_AND_NAME = auto()
    NO_USER_ID = auto()
    POLICY_HOST = auto()
    OFFICER_HOST = auto()
    NO_TEST_SITE = auto()


@dataclass(frozen=True, slots=True)
class Concern:
    """A notice at a field."""

    notice: Notice
    field: str


def concerns(answers: Answers) -> list[Concern]:
    """Return what to look at, in the order of the form."""
    return [*_items(answers), *_hosts(answers)]


def _items(answers: Answers) -> Iterator[Concern]:
    """A1-§5(4), RT-07: an item without a need of its own."""
    wanted = items(answers)
    said = Counter(text(answers, purpose_of(item)) for item in wanted)
    for item in wanted:
        purpose = text(answers, purpose_of(item))
        if 0 < len(purpose) < SHORT:
            yield Concern(Notice.SHORT_PURPOSE, purpose_of(item))
        elif said[purpose] > 1 and purpose:
            yield Concern(Notice.SAME_PURPOSE, purpose_of(item))
    for code, name in ((DataItem.SCHOOL_CODE, DataItem.SCHOOL_NAME), (DataItem.TITLE_CODE, DataItem.TITLE_NAME)):
        if code in wanted and name in wanted:
            yield Concern(Notice.CODE_AND_NAME, purpose_of(name))
    if CooperationItem.ROAMING in cooperation(answers) and DataItem.USER_ID not in wanted:
        yield Concern(Notice.NO_USER_ID, "item_user_id")


def _hosts(answers: Answers) -> Iterator[Concern]:
    site, policy = host(text(answers, "site_url")), host(text(answers, "policy_url"))
    if site and policy and not _related(site, policy):
        yield Concern(Notice.POLICY_HOST, "policy_url")
    mail = text(answers, "officer_email").rpartition("@")[2].lower()
    if site and mail and not _related(site, mail):
        yield Concern(Notice.OFFICER_HOST, "officer_email")
    if site and text(answers, "has_test_url") == "none":
        yield Concern(Notice.NO_TEST_SITE, "has_test_url")


def _related(one: str, other: str) -> bool:
    """Whether two hosts share their last two labels, or three below a public suffix such as edu.tw."""
    depth = 3 if len(one.rsplit(".", maxsplit=1)[-1]) == 2 else 2
    return one.split(".")[-depth:] == other.split(".")[-depth:]
