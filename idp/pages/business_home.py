"""What the home page of a business account shows: its unit, and what the account may do (Art.5(3), D-12)."""

from typing import Any

from config.guard import Principal
from idp.accounts.dossiers import of_applicant
from idp.languages import language
from idp.pages.business_words import KINDS
from scopes.business_functions import REACH_LABELS, BusinessFunction, Reach, reach_of


def business_facts(person: Principal) -> dict[str, Any]:
    """Return what fills the page in."""
    own = of_applicant(person.account_id)
    kind = own.kind if own else ""
    return {
        "unit": own.unit if own else None,
        "kind": KINDS[own.kind] if own else None,
        "functions": [_shown(function, reach) for function, reach in reach_of(kind, person.role)],
    }


def _shown(function: BusinessFunction, reach: Reach) -> tuple[str, str, str]:
    """Return id, label and reach in the language of the page."""
    is_english = language() == "en"
    label = function.label_en if is_english else function.label_zh
    return function.id, label, REACH_LABELS[reach][is_english]
