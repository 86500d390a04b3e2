"""The faces of the provider and the partner site: every page that a person can see, and how to get there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Response, expect

from tests.journeys.steps import log_in, sign_in_at_site, sign_in_staff
from tests.support.authorization import authorization_url
from tests.support.demo import Demo


@dataclass
class Visitor:
    """Somebody with a browser in one language."""

    page: Page
    demo: Demo
    language: str

    def open(self, path: str) -> Response | None:
        """Open a page of the provider."""
        return self.page.goto(self.demo.issuer + path)

    def log_in(self, key: str) -> None:
        """Log in at the provider itself, as a teacher (T01 …) or with a business account."""
        self.open("/login")
        self.type_in(key)
        expect(self.page.locator("#logout")).to_be_visible()

    def type_in(self, key: str) -> None:
        """Fill in and send the log-in page that is open."""
        log_in(self.page, self.demo.teacher(key) if key.startswith("T") else self.demo.staff(key))

    def sign_in_staff(self, account: str) -> None:
        """Log in with a business account and what its role demands beside the password."""
        person = self.demo.staff(account)
        if person["totp_secret"]:
            self.demo.renew_codes(account)
        self.open("/login")
        sign_in_staff(self.page, person)

    def request(self, client_id: str, **changes: str | None) -> None:
        """Send an authorization request of a demo partner."""
        self.page.goto(authorization_url(self.demo.issuer, self.demo.client(client_id), **changes))

    def request_as(self, key: str, client_id: str = "dream-n", **changes: str | None) -> None:
        """Send one and log in."""
        self.request(client_id, **changes)
        self.type_in(key)

    def open_site(self, path: str = "/") -> None:
        """Open a page of the partner site in her language."""
        self.page.goto(f"{self.demo.site}/?lang={self.language}")
        if path != "/":
            self.page.goto(self.demo.site + path)

    def sign_in_at_site(self, key: str) -> None:
        """Sign in at the partner site."""
        self.open_site()
        sign_in_at_site(self.page, self.demo, self.demo.teacher(key))


Visit = Callable[[Visitor], None]


@dataclass(frozen=True)
class Face:
    """A page: its name, how to get there, and what it answers."""

    name: str
    visit: Visit
    status: int


FACES: list[Face] = []


def face(status: int = 200) -> Callable[[Visit], Visit]:
    """Note a face under the name of the function that goes there."""

    def note(visit: Visit) -> Visit:
        FACES.append(Face(visit.__name__.replace("_", "-"), visit, status))
        return visit

    return note
