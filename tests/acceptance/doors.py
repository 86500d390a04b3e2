"""Every door at which somebody learns whether a teacher is in service: each is asked, each must say the same."""

from dataclasses import dataclass, field
from typing import Any

from tests.acceptance.wording import STATE
from tests.pages import Browser, Page
from tests.rp import Request
from tests.scopes.test_permissions import TABLE as FUNCTIONS
from tests.spec.device.screen import Screen, approve, confirm
from tests.spec.support import Client
from tests.spec.tokens import Answer, answer_of, introspect

PAGES: dict[str, str | None] = {
    "/account": None,
    "/account/consents": None,
    "/account/corrections": None,
    "/account/profile": "edit_profile",
    "/account/security": None,
    "/account/security/password": "change_password",
    "/account/security/totp": None,
    "/account/sessions": None,
    "/account/sign-ins": None,
}
"""A teacher's pages beside the functions' own: the function of §1.4 that each belongs to, None: D-11 keeps it open."""


def is_open(function: str | None, state: str) -> bool:
    """Whether a function answers in a state (§1.4); what is none is D-11's."""
    if function is None or state == "unlocked":
        return True
    return FUNCTIONS[function][1] if state == "locked" else function != "roaming_login"


def past_notice(browser: Browser, page: Page) -> Page:
    """Go on from the page that tells of a new school or title; it asks for nothing."""
    return browser.submit("changed-continue") if page.has("changed-continue") else page


@dataclass
class Held:
    """What a partner got from one look at an unlocked teacher. One code waits until it is asked for the second time."""

    tokens: Answer
    codes: list[tuple[str, Request]]
    screen: Screen


@dataclass
class Doors:
    """A teacher's browser, a partner with all that we issue, and one whose consent page she never answered.

    ``held`` is what lives, ``dead`` what was issued before a lock, ``seen`` the state in which the pages were asked last.
    """

    partner: Client
    stranger: Client
    person: dict[str, Any]
    sub: str
    browser: Browser = field(init=False)
    held: Held | None = None
    dead: list[Held] = field(default_factory=list)
    seen: str | None = None

    def begin(self) -> None:
        """Come with a new browser, and nothing that was issued."""
        self.browser, self.seen = Browser(self.partner.app), None
        self.forget()

    def forget(self) -> None:
        """What was issued is too old by itself, so it says nothing any more."""
        self.held, self.dead = None, []

    def check(self, state: str, reason: str | None) -> None:
        """Ask at all doors."""
        page, request = self._silently(self.partner)
        if state == "unlocked":
            if self.held is not None:
                self._check_alive(self.held)
            self.check_dead()
            self._check_stranger()
            self.held = self._collect(page, request)
        else:
            self._check_refused(page)
            self.dead += [self.held] if self.held is not None else []
            self.held = None
            self.check_dead()
            self._check_device(state)
        self._check_pages(state, reason)

    def sign_in_afresh(self) -> None:
        """A log-in in a new browser is all it takes: consent is not asked again, and she is who she was (D-49)."""
        browser = Browser(self.partner.app)
        page, request = self.partner.start(browser, self.person)
        assert self.partner.finish(past_notice(browser, page), request).claims["sub"] == self.sub
        self.check_dead()

    def check_dead(self) -> None:
        """§2.4: what was issued before a lock is dead, and stays so after restoration."""
        for old in self.dead:
            tokens = old.tokens
            assert self.partner.userinfo(tokens["access_token"]).status_code == 401
            assert introspect(self.partner, tokens["access_token"]) == {"active": False}
            assert introspect(self.partner, tokens["refresh_token"]) == {"active": False}
            answers = [self.partner.refresh(tokens["refresh_token"]), old.screen.poll()]
            answers += [self.partner.exchange(code, request) for code, request in old.codes[:1]]
            assert [(one.status_code, one.get_json()["error"]) for one in answers] == [(400, "invalid_grant")] * 3
            old.codes.append(old.codes.pop(0))

    def _silently(self, partner: Client) -> tuple[Page, Request]:
        """Ask without any page; log in first where no session is left."""
        request = partner.request(prompt="none")
        page = self.browser.get(request.url)
        if page.answer.get("error") == "login_required":
            self.browser.log_in(self.person["account"], self.person["password"])
            page = self.browser.get(request.url)
        return page, request

    def _collect(self, page: Page, request: Request) -> Held:
        """Take tokens, codes that nobody redeems yet, and an approval for a device."""
        tokens = answer_of(self.partner.exchange(self.partner.code_of(page, request), request))
        codes = []
        for _ in range(2):
            page, request = self._silently(self.partner)
            codes.append((self.partner.code_of(page, request), request))
        screen = Screen(self.partner).begin()
        page = past_notice(self.browser, approve(self.browser, screen.code, self.person))
        assert page.has("device-done")
        return Held(tokens, codes, screen)

    def _check_alive(self, held: Held) -> None:
        """Nothing happened to her: all that was issued works, so that its death elsewhere means something."""
        tokens = held.tokens
        assert self.partner.userinfo(tokens["access_token"]).get_json()["sub"] == self.sub
        for name in ("access_token", "refresh_token"):
            assert introspect(self.partner, tokens[name])["active"] is True
        assert {self.partner.exchange(code, request).status_code for code, request in held.codes} == {200}
        assert [self.partner.refresh(tokens["refresh_token"]).status_code, held.screen.poll().status_code] == [200] * 2

    def _check_refused(self, silent: Page) -> None:
        """Authorize, with consent on record and without, silently and with pages (§2.5, D-18)."""
        strange, _ = self._silently(self.stranger)
        assert [page.answer["error"] for page in (silent, strange)] == ["access_denied"] * 2
        for partner in (self.partner, self.stranger):
            page = self.browser.get(partner.request().url)
            assert (page.status, page.has("refusal-code"), page.has("consent-approve")) == (403, True, False)

    def _check_stranger(self) -> None:
        """An unlocked teacher is asked for consent where she never gave it."""
        assert self._silently(self.stranger)[0].answer["error"] == "consent_required"
        assert self.browser.get(self.stranger.request().url).has("consent-approve")

    def _check_device(self, state: str) -> None:
        """The page at which a device is let in (RFC 8628)."""
        screen = Screen(self.partner).begin()
        page = confirm(self.browser, screen.code, self.person)
        assert (page.status, page.has("refusal-code")) == (403, True), state
        assert screen.poll().get_json()["error"] == "authorization_pending"

    def _check_pages(self, state: str, reason: str | None) -> None:
        """The teacher's own pages: what she reads, and which functions open (§1.4, D-11).

        What is closed is asked after every step, what is open where the state is another than before.
        """
        assert self.browser.get("/account").text("service-state") == STATE[reason or state]
        own = {f"/account/functions/{function}": function for function in FUNCTIONS}
        for path, function in (PAGES | own).items():
            opens = is_open(function, state)
            if opens and state == self.seen:
                continue
            status = self.browser.http.get(path, base_url=self.browser.issuer).status_code
            assert (status in {200, 303}, status == 403) == (opens, not opens), (path, status)
        self.seen = state
