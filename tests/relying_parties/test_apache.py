"""Apache with mod_auth_openidc, as Debian ships it, protects a page by the provider's log-in and learns of log-outs."""

import time
from collections.abc import Iterator

import pytest

from tests.pages import Page
from tests.relying_parties.apache_site import PAGE, apache, callback
from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = [pytest.mark.needs("apache"), pytest.mark.xdist_group("relying-parties")]
SECONDS = 15


@pytest.fixture(scope="module")
def protected(demo: Demo, callable_port: int) -> Iterator[str]:
    """Run the site; return the address of its protected page."""
    there = callback(callable_port)
    client = demo.add_partner("apache", there, backchannel_logout_uri=f"{there}?logout=backchannel")
    with apache(demo.issuer, client, callable_port) as url:
        yield f"{url}/protected/index.html"


def is_signed_in(page: Page) -> bool:
    """Whether the site shows its protected page."""
    return page.status == 200 and page.response.get_data(as_text=True) == PAGE


def signed_in(walker: Walker, protected: str, demo: Demo, key: str) -> Page:
    """Sign a teacher in and return the protected page."""
    page = walker.sign_in(protected, demo.teacher(key))
    assert is_signed_in(page), f"{page.status} {page.url}: {page.html[:2000]}"
    return page


def wait_until_signed_out(walker: Walker, demo: Demo, protected: str) -> None:
    """The site no longer knows her and asks the provider again: within seconds, not when its own session ends."""
    deadline = time.monotonic() + SECONDS
    while is_signed_in(walker.open(protected, stop=demo.issuer)):
        assert time.monotonic() < deadline, "the site still shows its protected page"
        time.sleep(0.1)


def test_it_signs_in(demo: Demo, walker: Walker, protected: str) -> None:
    """Discovery, PKCE, state, nonce, ID token, UserInfo; the site gets her claims as variables of Apache."""
    asked = walker.open(protected, stop=demo.issuer).answer
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    headers = signed_in(walker, protected, demo, "T03").response.headers
    assert headers["X-Name"] == "陳柏睿"
    assert len(headers["X-Sub"]) == 36
    assert len(headers["X-School-Code"]) == 6


def test_a_locked_teacher_is_refused(demo: Demo, walker: Walker, protected: str) -> None:
    """The page stays closed."""
    page = walker.sign_in(protected, demo.teacher("T10"))
    assert page.has("refusal-return")
    assert not is_signed_in(walker.follow("refusal-return"))
    assert not is_signed_in(walker.open(protected, stop=demo.issuer))


@pytest.mark.spec("OIDC Back-Channel Logout 1.0", "2.5")
def test_who_logs_out_at_the_provider_is_logged_out_at_the_site(
    demo: Demo, walker: Walker, other_walker: Walker, protected: str
) -> None:
    """The provider tells the site, whatever the browser does; another teacher stays."""
    signed_in(other_walker, protected, demo, "T15")
    signed_in(walker, protected, demo, "T03")
    walker.open(f"{demo.issuer}/account")
    walker.submit("logout")
    wait_until_signed_out(walker, demo, protected)
    assert is_signed_in(other_walker.open(protected, stop=demo.issuer))


@pytest.mark.spec("OIDC Back-Channel Logout 1.0", "2.5")
def test_who_is_locked_is_logged_out_at_the_site(demo: Demo, walker: Walker, protected: str) -> None:
    """The end of her service reaches the site without her."""
    person = demo.teacher("T16")
    signed_in(walker, protected, demo, "T16")
    demo.idp("dev", "lock", person["account"])
    wait_until_signed_out(walker, demo, protected)
    demo.idp("dev", "unlock", person["account"])
