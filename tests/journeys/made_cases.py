"""Cases at every stage, for faces that show them."""

import secrets
from collections.abc import Callable

from tests.journeys.faces import Visitor
from tests.support.cases import ADMIN, ALL_MET, APPLICANT, APPROVED, Procedure

Make = Callable[[Procedure, dict[str, str]], int]


def visit(visitor: Visitor, account: str, make: Make, path: str = "") -> int:
    """Take a case of its own so far, and open one of its pages as somebody."""
    procedure = Procedure(visitor.demo.application())
    case = make(procedure, {"site_name": f"示範站{secrets.token_hex(4)}"})
    visitor.sign_in_staff(account)
    visitor.open(f"/cases/{case}{path}")
    return case


def draft(procedure: Procedure, changes: dict[str, str]) -> int:
    """A draft with some mistakes."""
    case = procedure.open()
    procedure.step(case, "X2", APPLICANT, ALL_MET)
    procedure.save(case, applicant_unit="示範國教署", officer_email="nobody", filled_on="110/2/29", **changes)
    return case


def new(procedure: Procedure, _: dict[str, str]) -> int:
    """A draft with nothing in it."""
    return procedure.open()


def filled_in(procedure: Procedure, changes: dict[str, str]) -> int:
    """Everything is there."""
    return procedure.filled_in(**changes)


def submitted(procedure: Procedure, changes: dict[str, str]) -> int:
    """It was sent; another name is typed nowhere."""
    return procedure.submitted(**changes)


def returned(procedure: Procedure, changes: dict[str, str]) -> int:
    """It came back, with reasons, and is being corrected."""
    case = procedure.submitted(**changes)
    reasons = [
        {"code": "RT-07", "text": "職稱與目的無關", "field": "purpose_name"},
        {"code": "RT-02", "text": "印章不清楚"},
    ]
    procedure.step(case, "X4", ADMIN, {"reasons": reasons, "needs_letter": True})
    procedure.save(case, member_count="120", audience="國小教師")
    return case


def proposed(procedure: Procedure, changes: dict[str, str]) -> int:
    """One administrator recorded the approval."""
    case = procedure.submitted(**changes)
    procedure.attach(case, "approval_letter", by=ADMIN)
    procedure.step(case, "X6", ADMIN, APPROVED)
    return case


def documents(procedure: Procedure, changes: dict[str, str]) -> int:
    """The technical sheet is to be filled in."""
    case = procedure.approved(APPROVED, **changes)
    procedure.step(case, "X9", ADMIN, {"version": "1.0", "recipient": "陳承辦", "provided_on": "115/11/01"})
    return case


def testing(procedure: Procedure, changes: dict[str, str]) -> int:
    """The test client is there, some tests have results."""
    case = procedure.testing(APPROVED, **changes)
    procedure.pass_tests(case, "TC-3", "TC-6")
    return case


def live(procedure: Procedure, changes: dict[str, str]) -> int:
    """It is live."""
    return procedure.live(APPROVED, **changes)
