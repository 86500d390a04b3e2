"""What changed between two forms, field by field. Pure."""

from dataclasses import dataclass

from clients.form.fields import FIELDS, Field
from clients.form.values import Answers, text


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that says something else than before."""

    field: Field
    before: str
    after: str


def differences(before: Answers, after: Answers) -> list[Difference]:
    """Return every field that differs, in the order of the form; space around a text makes no difference."""
    pairs = ((field, text(before, field.id), text(after, field.id)) for field in FIELDS)
    return [Difference(field, old, new) for field, old, new in pairs if old != new]
