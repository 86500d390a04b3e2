"""A browser without script: follows redirects on the provider's site, reads pages and sends their forms."""

import base64
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

VOID = frozenset({"input", "img", "link", "meta", "br", "hr"})


@dataclass
class Form:
    """A form of a page: its fields as a browser would send them, and its buttons by id."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: dict[str, list[str]] = {}
        self.links: dict[str, str] = {}
        self.lang = ""
        self._open: list[tuple[str, str | None]] = []
        self._in_form = False
        self._area: list[str] | None = None
        self._has_option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, facts.get("id")))
        if ident := facts.get("id"):
            self.texts.setdefault(ident, [])
        if tag == "html":
            self.lang = facts.get("lang", "")
        if tag == "a" and "id" in facts:
            self.links[facts["id"]] = facts.get("href", "")
        if tag == "form":
            self.forms.append(Form(facts.get("action", ""), facts.get("method", "get").upper()))
            self._in_form = True
        elif self._in_form:
            self._field(tag, facts)

    def _field(self, tag: str, facts: dict[str, str]) -> None:
        form = self.forms[-1]
        if tag == "button":
            form.buttons[facts.get("id", "")] = (facts.get("name", ""), facts.get("value", ""))
        elif tag == "input" and facts.get("type") in {"checkbox", "radio"}:
            form.boxes[facts["id"]] = (facts["name"], facts["value"], "checked" in facts)
        elif tag in {"input", "select", "textarea"}:
            form.fields.append((facts.get("name", ""), facts.get("value", "")))
            self._area = [] if tag == "textarea" else None
            self._has_option = tag != "select"  # the first one counts until one is selected; those of a datalist never
        elif tag == "option" and ("selected" in facts or not self._has_option):
            form.fields[-1] = form.fields[-1][0], facts.get("value", "")
            self._has_option = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        if tag == "textarea" and self._area is not None:
            fields, typed = self.forms[-1].fields, "".join(self._area)
            fields[-1] = fields[-1][0], typed.removeprefix("\n")  # the first line break is not part of the text
            self._area = None
        while self._open:
            name, _ = self._open.pop()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)
        for _, ident in self._open:
            if ident:
                self.texts[ident].append(data)


class Page:
    """An answer: a page of the provider, or a redirect that leaves it (``location``)."""

    def __init__(self, response: TestResponse, url: str) -> None:
        self.response, self.url, self.status = response, url, response.status_code
        self.html = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        self._reader = _Reader()
        self._reader.feed(self.html)

    @property
    def location(self) -> str | None:
        """Where a redirect leads that leaves the provider."""
        return self.response.headers.get("Location") if 300 <= self.status < 400 else None

    @property
    def answer(self) -> dict[str, str]:
        """The parameters of a redirect to a partner, or of a form_post page."""
        if self.location is not None:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}
        return dict(self.form_with("answer").fields)

    @property
    def lang(self) -> str:
        """The page's language."""
        return self._reader.lang

    @property
    def forms(self) -> list[Form]:
        """All forms."""
        return self._reader.forms

    def has(self, ident: str) -> bool:
        """Whether an element with this id is there."""
        return ident in self._reader.texts

    def text(self, ident: str) -> str:
        """The text of the element with this id, blanks collapsed."""
        return " ".join("".join(self._reader.texts[ident]).split())

    def link(self, ident: str) -> str:
        """Where the link with this id leads."""
        return self._reader.links[ident]

    def form_with(self, ident: str) -> Form:
        """The form that has a button, a box or a field of this id or name."""
        for form in self.forms:
            names = {*form.buttons, *form.boxes, *(name for name, _ in form.fields)}
            if ident in names or (ident == "answer" and self.has("answer")):
                return form
        raise AssertionError(f"no form with {ident} at {self.url}")


class Browser:
    """Keeps cookies, follows redirects as long as they stay on the provider's site."""

    def __init__(self, app: Flask, **environ: Any) -> None:  # WSGI environment
        self.app = app
        self.issuer: str = app.extensions["settings"].issuer
        self.http = app.test_client()
        self.environ = environ
        self.page: Page

    def cookie_values(self) -> list[str]:
        """Return the values of all cookies that it keeps."""
        kept = self.http._cookies or {}  # the test client has no other way to list them
        return [cookie.value for cookie in kept.values()]

    def get(self, url: str, **options: Any) -> Page:  # of Werkzeug's client
        """Open a URL."""
        return self._follow(self.http.get(url, base_url=self.issuer, environ_overrides=self.environ, **options), url)

    def post(self, url: str, data: Any, **options: Any) -> Page:
        """Send a form by hand."""
        response = self.http.post(url, data=data, base_url=self.issuer, environ_overrides=self.environ, **options)
        return self._follow(response, url)

    def _follow(self, response: TestResponse, url: str) -> Page:
        for _ in range(10):
            location = response.headers.get("Location", "")
            target = urljoin(self.issuer + url, location)
            if not (300 <= response.status_code < 400) or not target.startswith(self.issuer + "/"):
                break
            url = target.removeprefix(self.issuer)
            response = self.http.get(url, base_url=self.issuer, environ_overrides=self.environ)
        self.page = Page(response, url)
        return self.page

    def submit(
        self,
        button: str,
        *,
        untick: tuple[str, ...] = (),
        tick: tuple[str, ...] = (),
        pick: str | None = None,
        **fields: str,
    ) -> Page:
        """Press a button of the current page, after ticking, picking a radio button and filling fields in."""
        form = self.page.form_with(button)
        data = [(name, fields.pop(name, value)) for name, value in form.fields]
        for ident, (name, value, checked) in form.boxes.items():
            chosen = ident == pick if pick and form.boxes.get(pick, ("",))[0] == name else checked
            if (chosen or ident in tick) and ident not in untick:
                data.append((name, value))
        assert set(tick) <= set(form.boxes), f"no such boxes: {set(tick) - set(form.boxes)}"
        name, value = form.buttons[button]
        if name:
            data.append((name, value))
        assert not fields, f"no such fields: {fields}"
        return self.post(form.action, _multi(data))

    def follow(self, link: str) -> Page:
        """Click a link of the current page."""
        return self.get(self.page.link(link))

    def log_in(self, account: str, password: str, totp_secret: str | None = None) -> Page:
        """Fill the log-in form in and send it, and the code if one is asked; opens the log-in page first if need be."""
        if not hasattr(self, "page") or not self.page.has("login-submit"):
            self.get("/login")
        self.submit("login-submit", username=account, password=password)
        for code in codes(totp_secret) if totp_secret else ():
            if self.page.has("otp-submit"):
                self.submit("otp-submit", otp=code)
        return self.page


def _multi(data: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in data:
        found.setdefault(name, []).append(value)
    return found


def codes(secret: str) -> Iterator[str]:
    """Give the one-time codes that count now, this step's first; made by another library than the one that checks."""
    key, at = base64.b32decode(secret), int(time.time()) // 30
    for step in (at, at + 1, at - 1):
        digest = hmac.new(key, step.to_bytes(8, "big"), "sha1").digest()
        start = digest[-1] & 15
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
        yield f"{number % 1_000_000:06}"
