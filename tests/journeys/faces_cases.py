"""Faces of an application: the partner's people and what they send."""

from playwright.sync_api import expect

from tests.journeys.faces import Visitor, face
from tests.journeys.made_cases import draft, filled_in, new, returned, submitted, visit
from tests.journeys.steps import press
from tests.support.cases import ADMIN, APPLICANT


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
