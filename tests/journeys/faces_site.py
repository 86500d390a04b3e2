"""Faces of the partner site."""

from playwright.sync_api import expect

from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press, sign_in_at_site


@face()
def site_home(visitor: Visitor) -> None:
    """What the site is."""
    visitor.open_site()


@face()
def site_member(visitor: Visitor) -> None:
    """Signed in."""
    visitor.sign_in_at_site("T02")


@face()
def site_member_technical(visitor: Visitor) -> None:
    """Signed in, with the technical details open."""
    visitor.sign_in_at_site("T02")
    visitor.page.click("#technical summary")


@face()
def site_refused(visitor: Visitor) -> None:
    """Refused at the provider."""
    visitor.open_site("/login")
    press(visitor.page, "#login-cancel")
    expect(visitor.page.locator("#login-refused")).to_be_visible()


@face(400)
def site_error(visitor: Visitor) -> None:
    """An answer that the site did not ask for."""
    visitor.open_site("/callback?state=unknown&code=x")


@face(400)
def site_error_while_signed_in(visitor: Visitor) -> None:
    """The same, to a member."""
    visitor.open_site()
    sign_in_at_site(visitor.page, visitor.demo, visitor.demo.teacher("T02"))
    visitor.page.goto(f"{visitor.demo.site}/callback?state=unknown&code=x")


@face(404)
def site_not_found(visitor: Visitor) -> None:
    """No such page."""
    visitor.open_site("/no/such/page")


@face()
def site_signed_out(visitor: Visitor) -> None:
    """Signed out here and there."""
    visitor.sign_in_at_site("T02")
    press(visitor.page, "#logout-button")
    expect(visitor.page.locator("#signed-out")).to_be_visible()


@face()
def site_signed_out_here(visitor: Visitor) -> None:
    """Signed out here only."""
    visitor.open_site("/signed-out")


@face()
def site_ended(visitor: Visitor) -> None:
    """Signed out by the provider, as her service ended meanwhile; it is given back to her at once."""
    # Somebody else in each language: what is given back differs from before, and the next sign-in would say so.
    key, account = ("T21", "chang2121") if visitor.language == "en" else ("T17", "lai1717")
    visitor.sign_in_at_site(key)
    visitor.demo.idp("dev", "lock", account)
    for _ in range(20):
        visitor.open_site()
        if visitor.page.locator("#ended").count():
            break
        visitor.page.wait_for_timeout(500)
    visitor.demo.idp("dev", "unlock", account)
    expect(visitor.page.locator("#ended")).to_be_visible()
