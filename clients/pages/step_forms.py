"""What the form of each step says, as the evidence that the step takes (`clients.procedure.evidence`). Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from clients.form.reasons import Reason
from clients.lifecycle import CooperationItem
from clients.pages.dates import joined
from clients.pages.lines import lines_of
from clients.procedure.evidence import CRITERIA
from clients.procedure.sheets import evidence_of, metadata

Form = MultiDict[str, str]
Evidence = dict[str, Any]


def eligibility(form: Form) -> Evidence:
    """X2: the six questions; one that is not answered is left out."""
    answered = {name: form.get(f"met_{name}") for name in CRITERIA}
    notes = {name: lines_of(form, f"note_{name}") for name in CRITERIA}
    return {
        "criteria": {
            name: {"is_met": met == "yes", "note": notes[name]} for name, met in answered.items() if met is not None
        }
    }


def submission(form: Form) -> Evidence:
    """X3, X5: the letter; none at all if neither its number nor its day was typed (the sender is filled in for her)."""
    letter = _letter(form)
    return {"letter": letter} if letter["letter_no"] or letter["letter_date"] else {}


def returning(form: Form) -> Evidence:
    """X4: reasons that are ticked, each with its text and perhaps its field."""
    return {"reasons": _reasons(form), "needs_letter": form.get("needs_letter") == "yes"}


def approval(form: Form) -> Evidence:
    """X6."""
    return {
        "letter": _letter(form),
        "items": form.getlist("items"),
        "cooperation": form.getlist("cooperation"),
        "seal_verified": form.get("seal_verified") == "yes",
        "eligibility_checked": form.get("eligibility_checked") == "yes",
    }


def refusal(form: Form) -> Evidence:
    """X7."""
    return {"letter": _letter(form), "reasons": _reasons(form)}


def note(form: Form) -> Evidence:
    """X8, X12, X17, X18."""
    return {"note": lines_of(form, "note")}


def documents(form: Form) -> Evidence:
    """X9."""
    facts = {name: form.get(name, "") for name in ("version", "recipient")}
    return facts | {"provided_on": joined(form, "provided_on")}


def dates(form: Form) -> Evidence:
    """X14."""
    days = {item.value: joined(form, f"day_{item}") for item in CooperationItem}
    return {"days": {item: day for item, day in days.items() if day}, "agreed_by": lines_of(form, "agreed_by")}


def suspension(form: Form) -> Evidence:
    """X16."""
    return note(form) | {"notice": lines_of(form, "notice")}


def narrowing(form: Form) -> Evidence:
    """X19."""
    return {"item": form.get("item", "")}


def _letter(form: Form) -> Evidence:
    facts = {name: form.get(name, "").strip() for name in ("letter_no", "sender")}
    return facts | {"letter_date": joined(form, "letter_date")}


def _reasons(form: Form) -> list[Evidence]:
    ticked = [reason for reason in Reason if form.get(f"reason_{reason.value}") == "yes"]
    return [
        {
            "code": reason.value,
            "text": lines_of(form, f"text_{reason.value}").strip() or reason.label_zh,
            "field": form.get(f"field_{reason.value}") or None,
        }
        for reason in ticked
        if reason is not Reason.OTHER or lines_of(form, f"text_{reason.value}").strip()
    ]


READERS: Mapping[str, Callable[[Form], Evidence]] = {
    "X2": eligibility,
    **dict.fromkeys(("X3", "X5"), submission),
    "X4": returning,
    "X6": approval,
    "X7": refusal,
    **dict.fromkeys(("X8", "X12", "X17", "X18"), note),
    "X9": documents,
    "X14": dates,
    "X16": suspension,
    "X19": narrowing,
}


def read(step: str, form: Form, sheet: Mapping[str, str]) -> Evidence:
    """Return what a form brings; X10 and X13 bring the technical sheet too, X11 nothing."""
    if step == "X10":
        return evidence_of(sheet)
    if step == "X13":
        return dates(form) | {"metadata": metadata(sheet)}
    return READERS[step](form) if step in READERS else {}
