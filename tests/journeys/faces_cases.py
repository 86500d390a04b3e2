"""Faces of cooperation cases: the partner's people, the national centre, the public register."""

import secrets
from collections.abc import Callable

from playwright.sync_api import expect

from clients.pages import duties
from config import seal
from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press
from tests.support.cases import ADMIN, ALL_MET, APPLICANT, APPROVED, OFFICER, Procedure

SECOND = "natadm02"
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


@face()
def cases_mine(visitor: Visitor) -> None:
    """A partner's own cases."""
    visitor.sign_in_staff(APPLICANT)
    visitor.open("/cases")


@face()
def case_draft(visitor: Visitor) -> None:
    """What is missing, and where."""
    visit(visitor, APPLICANT, draft)
    expect(visitor.page.locator("#checklist li")).not_to_have_count(0)


@face()
def case_eligibility(visitor: Visitor) -> None:
    """The six questions."""
    visit(visitor, APPLICANT, new, "/steps/X2")


@face(400)
def case_eligibility_refused(visitor: Visitor) -> None:
    """Sent without answers."""
    visit(visitor, APPLICANT, new, "/steps/X2")
    press(visitor.page, "#step-submit")


@face()
def case_section_with_errors(visitor: Visitor) -> None:
    """Fields that need a change after saving."""
    visit(visitor, APPLICANT, draft, "/form/unit")
    press(visitor.page, "#save")
    expect(visitor.page.locator("#saved")).to_be_visible()


@face()
def case_site_section(visitor: Visitor) -> None:
    """Choices, numbers, long texts."""
    visit(visitor, APPLICANT, filled_in, "/form/site")


@face()
def case_items_section(visitor: Visitor) -> None:
    """Items with purposes."""
    visit(visitor, APPLICANT, filled_in, "/form/data_items")


@face()
def case_attachments_section(visitor: Visitor) -> None:
    """Days in three boxes, the policy."""
    visit(visitor, APPLICANT, filled_in, "/form/attachments")


@face()
def case_agreements_section(visitor: Visitor) -> None:
    """The four points."""
    visit(visitor, APPLICANT, draft, "/form/agreements")
    press(visitor.page, "#save")


@face()
def case_signature_section(visitor: Visitor) -> None:
    """A day that does not exist."""
    visit(visitor, APPLICANT, draft, "/form/signature")
    press(visitor.page, "#save")


@face()
def case_files(visitor: Visitor) -> None:
    """What was handed in, and what may be."""
    visit(visitor, APPLICANT, filled_in, "/files")


@face()
def case_letter(visitor: Visitor) -> None:
    """X3: the letter."""
    visit(visitor, APPLICANT, filled_in, "/steps/X3")


@face(400)
def case_letter_refused(visitor: Visitor) -> None:
    """The letter and more are missing."""
    visit(visitor, APPLICANT, draft, "/steps/X3")
    press(visitor.page, "#step-submit")
    expect(visitor.page.locator("#refusal li")).not_to_have_count(0)


@face()
def case_returned(visitor: Visitor) -> None:
    """Why it came back."""
    visit(visitor, APPLICANT, returned)
    expect(visitor.page.locator("#reasons")).to_be_visible()


@face()
def case_form_changed(visitor: Visitor) -> None:
    """What changed since it was sent, as the reviewer sees it."""
    visit(visitor, ADMIN, returned, "/form")
    expect(visitor.page.locator("#changes tr")).to_have_count(3)


@face()
def case_conversation(visitor: Visitor) -> None:
    """Questions and answers."""
    visit(visitor, APPLICANT, submitted, "/messages?field=site_purpose")
    visitor.page.fill("#text", "網站的目的是否包含研習？")
    press(visitor.page, "#send")
    expect(visitor.page.locator("#last")).to_be_visible()


@face()
def case_invitation(visitor: Visitor) -> None:
    """A link for the officer."""
    visit(visitor, APPLICANT, draft)
    press(visitor.page, "#invite")


@face()
def case_join(visitor: Visitor) -> None:
    """The officer opens it."""
    visit(visitor, APPLICANT, draft)
    press(visitor.page, "#invite")
    link = visitor.page.inner_text("#link")
    visitor.page.context.clear_cookies()
    visitor.sign_in_staff("ptnoff01")
    visitor.page.goto(link)


@face(404)
def case_join_gone(visitor: Visitor) -> None:
    """A link that is none."""
    visitor.sign_in_staff("ptnoff01")
    visitor.open("/cases/join?t=none")


@face(404)
def case_of_others(visitor: Visitor) -> None:
    """Somebody who is not of the case."""
    visit(visitor, "ptnoff01", new)


@face()
def case_queue(visitor: Visitor) -> None:
    """What waits for whom, and how long."""
    visitor.sign_in_staff(ADMIN)
    visitor.open("/cases")


@face()
def case_return(visitor: Visitor) -> None:
    """X4: coded reasons."""
    visit(visitor, ADMIN, submitted, "/steps/X4")


@face()
def case_approval(visitor: Visitor) -> None:
    """X6: the Ministry's letter."""
    visit(visitor, ADMIN, submitted, "/steps/X6")


@face()
def case_waits_for_agreement(visitor: Visitor) -> None:
    """One agreed, another is asked."""
    visit(visitor, SECOND, proposed)
    expect(visitor.page.locator("#agree-link")).to_be_visible()


@face()
def case_agreement(visitor: Visitor) -> None:
    """The second administrator looks and decides."""
    visit(visitor, SECOND, proposed, "/steps/X6")


@face()
def case_review(visitor: Visitor) -> None:
    """The form beside its files, for a reviewer."""
    visit(visitor, "natrev01", submitted, "/form")


@face()
def case_sheet(visitor: Visitor) -> None:
    """The technical sheet with mistakes."""
    visit(visitor, OFFICER, documents, "/technical/test")
    visitor.page.fill("#redirect_uris", "https://elsewhere.example/callback")
    press(visitor.page, "#sheet-save")


@face()
def case_technical_empty(visitor: Visitor) -> None:
    """Nothing yet."""
    visit(visitor, OFFICER, documents, "/technical")


@face()
def case_client_without_sheet(visitor: Visitor) -> None:
    """X10 before the engineer filled the sheet in."""
    visit(visitor, ADMIN, documents, "/steps/X10")


@face()
def case_joint_tests(visitor: Visitor) -> None:
    """Results so far."""
    visit(visitor, OFFICER, testing, "/tests")


@face()
def case_live(visitor: Visitor) -> None:
    """A running cooperation."""
    visit(visitor, APPLICANT, live)


@face()
def case_new_secret(visitor: Visitor) -> None:
    """A secret, shown once."""
    visit(visitor, OFFICER, live, "/technical")
    press(visitor.page, "#secret-production")
    expect(visitor.page.locator("#secret")).to_be_visible()


@face()
def case_duties(visitor: Visitor) -> None:
    """Contact, confirmation, what ends."""
    visit(visitor, ADMIN, live, "/duties")
    visitor.page.locator("#change-contact").click()


@face(400)
def case_contact_refused(visitor: Visitor) -> None:
    """A contact with a wrong address and no day."""
    visit(visitor, APPLICANT, live, "/duties")
    visitor.page.locator("#change-contact").click()
    visitor.page.fill("#officer_email", "nobody")
    press(visitor.page, "#contact-submit")


@face()
def case_history(visitor: Visitor) -> None:
    """Everything that happened."""
    visit(visitor, APPLICANT, live, "/history")


@face()
def case_narrowing(visitor: Visitor) -> None:
    """X19: drop an item."""
    visit(visitor, APPLICANT, live, "/steps/X19")


@face()
def case_suspension(visitor: Visitor) -> None:
    """X16."""
    visit(visitor, ADMIN, live, "/steps/X16")


@face()
def case_calendar(visitor: Visitor) -> None:
    """What ends, of all."""
    visitor.sign_in_staff(ADMIN)
    visitor.open("/cases/calendar")


@face()
def integration(visitor: Visitor) -> None:
    """Values and snippets of one's own client."""
    visitor.sign_in_staff("ptnoff01")
    visitor.open("/partners/dream-n/integration")


@face()
def button_kit(visitor: Visitor) -> None:
    """Buttons and their rules."""
    visitor.open("/kit")


@face()
def public_register(visitor: Visitor) -> None:
    """Who gets which data for what."""
    visitor.open("/partners")


@face()
def contact_asked(visitor: Visitor) -> None:
    """The link of the mail."""
    with visitor.demo.application().app_context():
        blob = seal.seal(duties.PURPOSE, {"contact": 1})
    visitor.open(f"/partners/contact?t={blob}")


@face(404)
def contact_gone(visitor: Visitor) -> None:
    """A link that is none."""
    visitor.open("/partners/contact?t=none")
