"""Faces of what a partner's engineer sees of its own sign-ins and errors."""

from playwright.sync_api import expect

from tests.journeys.faces import Visitor, face

LOG = "/partners/dream-n/log"


def troubled(visitor: Visitor) -> None:
    """A site that works, and makes the mistakes that are made most."""
    visitor.sign_in_at_site("T01")
    visitor.page.context.clear_cookies()
    visitor.request("dream-n", redirect_uri="http://127.0.0.1:8001/oidc/callback/?state=abc")
    visitor.request("dream-n", scope="openid inservice_title_code")
    visitor.request("dream-n", nonce=None, state=None)
    body: dict[str, str | float | bool] = {
        "grant_type": "authorization_code",
        "code": "none",
        "client_id": "dream-n",
        "client_secret": "wrong",
    }
    for _ in range(2):
        visitor.page.request.post(f"{visitor.demo.issuer}/oidc/token", form=body)
        visitor.page.wait_for_timeout(1100)


def open_log(visitor: Visitor, query: str = "") -> None:
    """Open the log of the demo's site as the national centre."""
    visitor.sign_in_staff("natadm01")
    visitor.open(LOG + query)


@face()
def partner_logs(visitor: Visitor) -> None:
    """All clients."""
    visitor.sign_in_staff("natadm01")
    visitor.open("/admin/partners")
    expect(visitor.page.locator("#log-dream-n")).to_be_visible()


@face()
def partner_log(visitor: Visitor) -> None:
    """Charts, numbers, and faults in words."""
    troubled(visitor)
    open_log(visitor)
    visitor.page.locator("#numbers summary").click()
    for seen in ("#chart-good", "#chart-bad", "#lines", "#latest", "#numbers table"):
        expect(visitor.page.locator(seen)).to_be_visible()


@face()
def partner_log_filtered(visitor: Visitor) -> None:
    """One code, and a day that is none."""
    open_log(visitor, "?code=REQ-16&day=yesterday")
    expect(visitor.page.locator("#day-error")).to_be_visible()


@face(403)
def partner_log_refused(visitor: Visitor) -> None:
    """Somebody without the permission."""
    visitor.sign_in_staff("rcsouth01")
    visitor.open(LOG)
