"""What each step has to bring: validated as a whole, kept with the event as it was given (DOMAIN §3.4)."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from clients.form.reasons import Reason
from clients.lifecycle import CooperationItem
from scopes.items import DataItem
from scopes.roc import parse_day

CRITERIA = ("unit", "audience", "purpose", "attachments", "support", "roles")
"""The six questions of DOMAIN §3.2 (D-37)."""


def _day(given: Any) -> Any:  # noqa: ANN401  # whatever came
    return parse_day(given) if isinstance(given, str) else given


Day = Annotated[date, BeforeValidator(_day)]
"""A day as people write it, ROC or ISO."""
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Evidence(BaseModel):
    """Evidence of a step; unknown members are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(Evidence):
    """A step that brings nothing."""


class Note(Evidence):
    """A note or a reason."""

    note: Text


class Criterion(Evidence):
    """The answer to a question of eligibility."""

    is_met: bool
    note: str = Field("", max_length=500)


class Eligibility(Evidence):
    """X2: the six questions."""

    criteria: dict[str, Criterion]


class LetterFacts(Evidence):
    """An official letter (公文)."""

    letter_no: str = Field(max_length=50)
    letter_date: Day
    sender: str = Field(min_length=1, max_length=100)


class Submission(Evidence):
    """X3, X5: the letter to the Ministry; a resubmission may go without."""

    letter: LetterFacts | None = None


class CodedReason(Evidence):
    """A reason of DOMAIN §3.5 with its words, at a field of the form where it belongs to one."""

    code: Reason
    text: Text
    field: str | None = Field(None, max_length=50)


class Return(Evidence):
    """X4."""

    reasons: tuple[CodedReason, ...]
    needs_letter: bool = False


class Approval(Evidence):
    """X6: what the Ministry approved, perhaps less than was applied for."""

    letter: LetterFacts
    items: tuple[DataItem, ...]
    cooperation: tuple[CooperationItem, ...]
    seal_verified: bool
    eligibility_checked: bool


class Refusal(Evidence):
    """X7."""

    letter: LetterFacts
    reasons: tuple[CodedReason, ...]


class Documents(Evidence):
    """X9: which documents were given to whom, and when."""

    version: str = Field(min_length=1, max_length=50)
    recipient: str = Field(min_length=1, max_length=100)
    provided_on: Day


class Sheet(Evidence):
    """X10, X13: the technical sheet (DOMAIN §3.6)."""

    metadata: dict[str, Any]
    support_contact: str = Field(min_length=1, max_length=300)
    essential_items: tuple[DataItem, ...] = (DataItem.USER_ID,)


class Dates(Evidence):
    """X14: the day of each cooperation item (D-36)."""

    days: dict[CooperationItem, Day] = Field(min_length=1)
    agreed_by: Text


class GoLive(Dates):
    """X13: the days, and the metadata of the production client."""

    metadata: dict[str, Any]


class Suspension(Note):
    """X16: the reason, and how the officer was told."""

    notice: Text


class Narrowing(Evidence):
    """X19."""

    item: DataItem


EVIDENCE: dict[str, type[Evidence]] = {
    **dict.fromkeys(("X1", "X11", "X15", "X20"), Nothing),
    **dict.fromkeys(("X8", "X12", "X17", "X18"), Note),
    **dict.fromkeys(("X3", "X5"), Submission),
    "X2": Eligibility,
    "X4": Return,
    "X6": Approval,
    "X7": Refusal,
    "X9": Documents,
    "X10": Sheet,
    "X13": GoLive,
    "X14": Dates,
    "X16": Suspension,
    "X19": Narrowing,
}
