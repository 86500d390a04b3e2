"""Faces of the provider's own pages: account, functions, history, consents, logout, errors."""

from playwright.sync_api import expect

from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press, withdraw
from tests.support.authorization import authorization_url

PRETEND = "document.querySelector('main form').elements.form_token.value = 'stale'"


@face()
def account(visitor: Visitor) -> None:
    """A teacher in service."""
    visitor.log_in("T01")


@face()
def account_of_several_schools(visitor: Visitor) -> None:
    """Two schools."""
    visitor.log_in("T03")


@face()
def account_locked(visitor: Visitor) -> None:
    """A teacher whose service ended, with the message about it."""
    visitor.demo.idp("dev", "unlock", "wu0505a")
    visitor.demo.idp("dev", "lock", "wu0505a")
    visitor.log_in("T05")


@face()
def account_unverified(visitor: Visitor) -> None:
    """A new teacher whose data nobody confirmed yet."""
    visitor.log_in("T14")


@face()
def account_business(visitor: Visitor) -> None:
    """A business account."""
    visitor.log_in("sch994501")


@face()
def records(visitor: Visitor) -> None:
    """Her study records."""
    visitor.log_in("T01")
    visitor.open("/account/functions/view_own_records")


@face()
def function(visitor: Visitor) -> None:
    """A function that another system provides."""
    visitor.log_in("T01")
    visitor.open("/account/functions/subscribe_course_news")


@face(403)
def function_refused(visitor: Visitor) -> None:
    """A suspended function of a locked account."""
    visitor.log_in("T04")
    visitor.open("/account/functions/register_online")


@face(403)
def function_refused_unverified(visitor: Visitor) -> None:
    """Roaming before the data are confirmed."""
    visitor.log_in("T14")
    visitor.open("/account/functions/roaming_login")


@face()
def partners(visitor: Visitor) -> None:
    """Where she may sign in."""
    visitor.log_in("T01")
    visitor.open("/account/functions/roaming_login")


@face()
def sign_ins(visitor: Visitor) -> None:
    """Her sign-ins."""
    visitor.sign_in_at_site("T02")
    visitor.open("/account/sign-ins")


@face()
def sign_ins_empty(visitor: Visitor) -> None:
    """No sign-in yet."""
    visitor.log_in("T04")
    visitor.open("/account/sign-ins")


@face()
def consents(visitor: Visitor) -> None:
    """What she gave to whom, with the question of withdrawal open."""
    visitor.log_in("T02")
    visitor.open("/account/consents")
    visitor.page.click("summary")


@face()
def consents_empty(visitor: Visitor) -> None:
    """No consent yet."""
    visitor.log_in("T04")
    visitor.open("/account/consents")


@face()
def consents_withdrawn(visitor: Visitor) -> None:
    """A consent that was just withdrawn."""
    visitor.sign_in_at_site("T18")
    withdraw(visitor.page, visitor.demo, "dream-n")
    expect(visitor.page.locator("#done")).to_be_visible()


@face()
def logout_question(visitor: Visitor) -> None:
    """A partner asks for a logout without proof."""
    visitor.log_in("T01")
    visitor.open("/oidc/logout?client_id=dream-n")


@face()
def logged_out(visitor: Visitor) -> None:
    """After 登出系統."""
    visitor.log_in("T01")
    press(visitor.page, "#logout")


@face(400)
def error_unknown_client(visitor: Visitor) -> None:
    """No such partner."""
    visitor.open("/oidc/authorize?client_id=nobody-knows-this-client")


@face(400)
def error_redirect_uri(visitor: Visitor) -> None:
    """A redirect_uri that is not registered, with the difference shown."""
    visitor.request("dream-n", redirect_uri=f"{visitor.demo.site}/callback/with-a-long-path-that-nobody-registered")


@face(400)
def error_logout_uri(visitor: Visitor) -> None:
    """Logout to an address that is not registered."""
    visitor.open("/oidc/logout?client_id=dream-n&post_logout_redirect_uri=https://evil.example/")


@face(400)
def error_lost(visitor: Visitor) -> None:
    """A sign-in of another browser."""
    visitor.open("/login?i=nonsense")


@face(403)
def error_stale_form(visitor: Visitor) -> None:
    """A form that is out of date."""
    visitor.open("/login")
    visitor.page.evaluate(PRETEND)
    visitor.type_in("T01")


@face(403)
def error_forbidden(visitor: Visitor) -> None:
    """A page that this account has no right to."""
    visitor.log_in("sch994501")
    visitor.open("/account/consents")


@face(404)
def error_not_found(visitor: Visitor) -> None:
    """No such page."""
    visitor.open("/no/such/page")


@face(405)
def error_method(visitor: Visitor) -> None:
    """A form's address opened by hand."""
    visitor.open("/oidc/logout/answer")


@face(414)
def error_too_large(visitor: Visitor) -> None:
    """An address that is too long."""
    client = visitor.demo.client("dream-n")
    visitor.page.goto(authorization_url(visitor.demo.issuer, client, state="x" * 17_000))
