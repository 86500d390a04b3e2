"""Faces of the review, of the tests by both sides, and of a running cooperation."""

from playwright.sync_api import expect

from clients.pages import duties
from config import seal
from tests.journeys.faces import Visitor, face
from tests.journeys.made_cases import documents, live, proposed, submitted, testing, visit
from tests.journeys.steps import press
from tests.support.cases import ADMIN, APPLICANT, OFFICER, SECOND_ADMIN


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
    visit(visitor, SECOND_ADMIN, proposed)
    expect(visitor.page.locator("#agree-link")).to_be_visible()


@face()
def case_agreement(visitor: Visitor) -> None:
    """The second administrator looks and decides."""
    visit(visitor, SECOND_ADMIN, proposed, "/steps/X6")


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
