"""The blueprint that the pages of cases share, and the words that their templates use."""

from datetime import date
from typing import Any, Protocol

from flask import Blueprint

from clients.duties.ending_words import ending_text
from clients.form.fields import AGREEMENTS, FIELD_BY_ID, Kind, purpose_of, tick_of
from clients.pages import words
from clients.pages.access import require_cases
from clients.pages.happened import event_text
from clients.procedure import names
from clients.procedure.joint_test_names import EXPECTED, TESTS
from scopes.items import ORDER
from scopes.roc import format_roc, roc_slash
from scopes.words import Words

blueprint = Blueprint("cases", __name__, url_prefix="/cases", template_folder="../templates")
blueprint.before_request(require_cases)


class Labelled(Protocol):
    """Something with a name in both languages."""

    label_zh: str
    label_en: str


def label(named: Words | Labelled) -> str:
    """Return a name in the language of the page."""
    if isinstance(named, Words):
        return named.text(words.tongue())
    return named.label_en if words.tongue() == "en" else named.label_zh


def kept_day(text: str) -> str:
    """Return a day or instant of a case's history as the page writes days; text that is none stays as it is."""
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return found.isoformat() if words.tongue() == "en" else format_roc(found)


def vocabulary() -> dict[str, Any]:
    """Return what the templates put into words with."""
    return {
        "label": label,
        "STATES": names.STATES,
        "STEPS": names.STEPS,
        "PARTIES": names.PARTIES,
        "FILES": names.FILES,
        "COOPERATION": names.COOPERATION,
        "SECTIONS": words.SECTIONS,
        "CRITERIA": words.CRITERIA,
        "NOTICES": words.NOTICES,
        "POINTS": words.POINTS,
        "FIELD_BY_ID": FIELD_BY_ID,
        "AGREEMENTS": AGREEMENTS,
        "KIND": Kind,
        "ITEMS": ORDER,
        "tick_of": tick_of,
        "purpose_of": purpose_of,
        "field_label": words.field_label,
        "fault_text": words.fault_text,
        "event_text": event_text,
        "ending_text": lambda one: ending_text(one.ending, one.of),
        "test_text": lambda name: TESTS[name].text(words.tongue()),
        "expected_text": lambda name: EXPECTED[name].text(words.tongue()),
    }


blueprint.context_processor(vocabulary)
blueprint.add_app_template_filter(roc_slash, "roc")
blueprint.add_app_template_filter(kept_day, "kept_day")
