"""Who reads an error in the other language is still where she was, with what she came with."""

import html
import re

import pytest
from flask import Flask

from tests.pages import Browser
from tests.security.steps import enrol_totp, later_code, password_step
from tests.support.office import People


def switch(browser: Browser) -> None:
    """Click the other language."""
    found = re.search(r'<a[^>]*href="([^"]+)"[^>]*hreflang="en"', browser.page.html)
    assert found, browser.page.html
    browser.get(html.unescape(found[1]))
    assert browser.page.lang == "en"


def test_a_half_way_log_in_goes_on(browser: Browser, people: People, app: Flask) -> None:
    """A wrong code, the other language, the right code: logged in."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    secret, _ = enrol_totp(browser)
    other = Browser(app)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp="wrong").status == 403
    switch(other)
    assert other.submit("otp-submit", otp=later_code(secret)).url == "/account"


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/account/security/password", "password-submit"),
        ("/account/security/totp", "totp-submit"),
        ("/account/profile", "profile-submit"),
        ("/login/forgot", "forgot-submit"),
    ],
)
def test_the_form_is_there_again(path: str, button: str, browser: Browser, people: People) -> None:
    """After an empty form was refused, the other language shows the same form."""
    browser.log_in(people["T01"]["account"], people["T01"]["password"])
    form = browser.get(path).form_with(button)
    form.fields[:] = [(name, "" if name == "email" else value) for name, value in form.fields]
    assert browser.submit(button).status == 400
    switch(browser)
    assert browser.page.url == path
    assert any(button in form.buttons for form in browser.page.forms)
