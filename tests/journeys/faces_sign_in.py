"""Faces of a sign-in: log-in, agreement, consent, refusals, the answer by form."""

import secrets

from sqlalchemy import select, update

from clients.lifecycle import CaseState
from clients.models import Client
from config.database import db
from config.snapshot import bump
from idp.accounts.models import Account
from tests.journeys.faces import Visitor, face
from tests.journeys.steps import approve, press
from tests.support.authorization import authorization_url

EVERYTHING = "openid profile inservice_school_code inservice_school_name inservice_title_name"


@face()
def index(visitor: Visitor) -> None:
    """The front page."""
    visitor.open("/")


@face()
def login(visitor: Visitor) -> None:
    """Log-in without a partner."""
    visitor.open("/login")


@face()
def login_for_partner(visitor: Visitor) -> None:
    """Log-in on the way to a partner."""
    visitor.request("dream-n")


@face(403)
def login_error(visitor: Visitor) -> None:
    """A wrong password."""
    visitor.request("dream-n")
    visitor.page.fill("#username", "wang0101")
    visitor.page.fill("#password", "wrong")
    press(visitor.page, "#login-submit")


@face(429)
def login_locked_out(visitor: Visitor) -> None:
    """Five failures; a name that nobody has, so that nobody is locked out."""
    visitor.open("/login")
    name = f"nobody{secrets.randbelow(10**5)}"
    for _ in range(6):
        visitor.page.fill("#username", name)
        visitor.page.fill("#password", "wrong")
        press(visitor.page, "#login-submit")


@face(403)
def login_not_approved(visitor: Visitor) -> None:
    """A business account that waits for its regional centre."""
    visitor.open("/login")
    visitor.type_in("sch993501")


@face()
def agreement(visitor: Visitor) -> None:
    """The account-use agreement, on the way to a partner."""
    with visitor.demo.database():
        db.session.execute(update(Account).where(Account.login_name == "liao1616").values(agreement_version=0))
    visitor.request_as("T16")


@face()
def consent(visitor: Visitor) -> None:
    """Consent with one school."""
    visitor.request_as("T01", scope=EVERYTHING, prompt="consent")


@face()
def consent_of_several_schools(visitor: Visitor) -> None:
    """Consent with a choice of school."""
    visitor.request_as("T03", scope=EVERYTHING, prompt="consent")


@face()
def consent_to_nothing(visitor: Visitor) -> None:
    """A partner that asks for no item at all."""
    visitor.request_as("T01", "material-hub", scope="openid")


@face()
def consent_all_optional(visitor: Visitor) -> None:
    """A partner that demands nothing."""
    visitor.request_as("T17", "material-hub", scope="openid inservice_school_name inservice_title_name")


@face()
def changed_values(visitor: Visitor) -> None:
    """Her title changed since the last sign-in."""
    visitor.request_as("T21", scope=EVERYTHING)
    if visitor.page.locator("#changed-continue").count():
        return
    if visitor.page.locator("#consent-approve").count():
        approve(visitor.page)
    visitor.demo.idp("dev", "lock", "chang2121")
    visitor.demo.idp("dev", "unlock", "chang2121")
    visitor.request("dream-n", scope=EVERYTHING)


@face(403)
def refusal_not_in_service(visitor: Visitor) -> None:
    """IS-LOCK-01."""
    visitor.request_as("T04")


@face(403)
def refusal_no_school(visitor: Visitor) -> None:
    """IS-LOCK-02."""
    visitor.request_as("T12")


@face(403)
def refusal_pending(visitor: Visitor) -> None:
    """IS-LOCK-03."""
    visitor.request_as("T09")


@face(403)
def refusal_unverified(visitor: Visitor) -> None:
    """IS-UNV-01."""
    visitor.request_as("T14")


@face(403)
def refusal_business(visitor: Visitor) -> None:
    """IS-BUS-01."""
    visitor.request_as("sch994501")


@face(403)
def refusal_test_site(visitor: Visitor) -> None:
    """IS-SITE-02: a teacher at a partner's test client."""
    visitor.request_as("T01", "sped-learn")


@face(403)
def refusal_test_account(visitor: Visitor) -> None:
    """IS-TEST-01: a test account at a partner in production."""
    visitor.request_as("T22")


@face(403)
def refusal_partner_closed(visitor: Visitor) -> None:
    """IS-SITE-01: the cooperation is suspended."""
    client = visitor.demo.add_partner("faces-closed", "http://127.0.0.1:9/callback")
    with visitor.demo.database():
        found = db.session.scalars(select(Client).where(Client.client_id == client["client_id"])).one()
        found.case.state = CaseState.SUSPENDED
        bump()
    visitor.page.goto(authorization_url(visitor.demo.issuer, client))


@face()
def form_post_button(visitor: Visitor) -> None:
    """The answer by form, before its script has come: the checks need a browser with script."""
    visitor.page.route("**/form-post.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    client = visitor.demo.add_partner("faces-form-post", "http://127.0.0.1:9/callback")
    visitor.page.goto(authorization_url(visitor.demo.issuer, client, response_mode="form_post", prompt="login"))
    press(visitor.page, "#login-cancel")
