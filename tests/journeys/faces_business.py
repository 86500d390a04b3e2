"""Faces of business accounts: application, its state, the sheet, the console of those who decide."""

import secrets
from datetime import UTC, date, datetime
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select, update

from config.database import db
from idp.accounts.models import Account, BusinessDetail, School
from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press

PASSWORD = "blue-tiger eats 7 noodles"
LONG_REASON = (
    "申請表上的單位印章不清楚，聯絡人的電子郵件也和表上的不同。請更正後重新用印，再傳真一次；有問題請在上班時間來電。"
)


def apply_for_business(visitor: Visitor, kind: str = "subject_centre") -> str:
    """Fill the application in and send it; return the account name."""
    name = f"face{secrets.randbelow(10**7):07}"
    page = visitor.page
    visitor.open("/account/apply/business")
    page.select_option("#kind", kind)
    page.fill("#unit", "英文學科中心（示範）")
    page.select_option("#county", "霧松縣")
    for field, value in (("contact", "范例人"), ("email", "fan@example.edu.tw"), ("username", name)):
        page.fill(f"#{field}", value)
    for field in ("password", "repeated"):
        page.fill(f"#{field}", PASSWORD)
    page.check("#agreed")
    press(page, "#apply-submit")
    expect(page.locator("#application-state")).to_be_visible()
    return name


def put(visitor: Visitor, name: str, **facts: Any) -> int:
    """Set where the application stands, and return the account id."""
    with visitor.demo.database():
        ident = db.session.execute(select(Account.id).where(Account.login_name == name)).scalar_one()
        db.session.execute(update(BusinessDetail).where(BusinessDetail.account_id == ident).values(**facts))
    return ident


def review(visitor: Visitor, staff: str = "rcsouth01", kind: str = "subject_centre", **facts: Any) -> int:
    """Let somebody apply and send a fax, and log in who decides."""
    name = apply_for_business(visitor, kind)
    day = datetime.now(UTC).date()
    ident = put(
        visitor, name, **({"state": "pending_review", "fax_received_on": day, "fax_note": "(08)123-4567"} | facts)
    )
    visitor.sign_in_staff(staff)
    visitor.open(f"/approvals/{ident}")
    return ident


@face()
def apply_business(visitor: Visitor) -> None:
    """The application."""
    visitor.open("/account/apply/business")


@face(400)
def apply_business_with_errors(visitor: Visitor) -> None:
    """Fields that need a change."""
    visitor.open("/account/apply/business")
    visitor.page.fill("#username", "ab")
    visitor.page.fill("#email", "nobody")
    visitor.page.evaluate("() => { document.querySelector('main form').noValidate = true; }")
    press(visitor.page, "#apply-submit")


@face()
def application(visitor: Visitor) -> None:
    """It was sent; now it is to be printed and faxed."""
    apply_for_business(visitor)


@face()
def application_sheet(visitor: Visitor) -> None:
    """What is printed."""
    apply_for_business(visitor)
    press(visitor.page, "#sheet-link")


@face(403)
def login_returned(visitor: Visitor) -> None:
    """A log-in with an application that came back."""
    put(visitor, name := apply_for_business(visitor), decision_reason=LONG_REASON)
    visitor.open("/login")
    visitor.page.fill("#username", name)
    visitor.page.fill("#password", PASSWORD)
    press(visitor.page, "#login-submit")


@face()
def application_returned(visitor: Visitor) -> None:
    """It came back and can be corrected."""
    login_returned(visitor)
    press(visitor.page, "#application-link")


@face()
def application_rejected(visitor: Visitor) -> None:
    """It was refused for good."""
    put(visitor, apply_for_business(visitor), state="rejected", decision_reason=LONG_REASON)
    visitor.page.reload()


@face(400)
def error_application_lost(visitor: Visitor) -> None:
    """A link to an application that is too old or of another browser."""
    visitor.open("/account/application?a=x")


@face()
def account_regional_centre(visitor: Visitor) -> None:
    """The home page of a regional centre."""
    visitor.sign_in_staff("rcsouth01")


@face()
def approvals(visitor: Visitor) -> None:
    """What waits for the fax, with one that was returned."""
    put(visitor, apply_for_business(visitor), decision_reason=LONG_REASON)
    review(visitor)
    visitor.open("/approvals?state=pending_fax")


@face()
def approvals_nothing_found(visitor: Visitor) -> None:
    """A search without a result."""
    visitor.sign_in_staff("rcnorth01")
    visitor.open("/approvals?state=disabled&q=nobody")


@face()
def approval_waiting_for_fax(visitor: Visitor) -> None:
    """The fax is to be recorded."""
    review(visitor, state="pending_fax", fax_received_on=None, fax_note=None)


@face()
def approval(visitor: Visitor) -> None:
    """One to decide on."""
    review(visitor)


@face(400)
def approval_without_reason(visitor: Visitor) -> None:
    """A return without a reason."""
    review(visitor)
    visitor.page.click("#return summary")
    visitor.page.evaluate("() => document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
    press(visitor.page, "#return-submit")


@face()
def approval_done(visitor: Visitor) -> None:
    """It was rejected just now."""
    review(visitor)
    visitor.page.click("#reject summary")
    visitor.page.fill("#rejected-reason", LONG_REASON)
    press(visitor.page, "#reject-submit")


@face()
def approval_of_a_regional_centre(visitor: Visitor) -> None:
    """The national centre gives a new regional centre its counties; one is free, where a school was closed long ago."""
    with visitor.demo.database():
        if db.session.get(School, "995999") is None:
            closed = date(2000, 1, 1)
            school = School(code="995999", name="舊校", county="空縣", kind="junior high", closed_on=closed)
            db.session.add(school)
    review(visitor, "natadm01", "regional_centre")


@face()
def approval_disable(visitor: Visitor) -> None:
    """The national centre may disable an active account."""
    review(visitor, "natadm01", state="active")
    visitor.page.click("#disable summary")


@face()
def approval_elsewhere(visitor: Visitor) -> None:
    """The national centre looks at what a regional centre decides."""
    review(visitor, "natadm01")
