"""The sessions page (D-11): device, address and time of every log-in; ending one, or all others; partners are told."""

import pytest
from flask import Flask

from idp.pages.sessions import device_name
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.security.steps import is_in
from tests.support.office import Office, People

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)


def opened(app: Flask, person: dict[str, str], agent: str, address: str) -> Browser:
    """Log in from a device of some kind, somewhere."""
    browser = Browser(app, HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    browser.log_in(person["account"], person["password"])
    return browser


@pytest.mark.rule("D-11")
@pytest.mark.parametrize("key", ["T01", "T04"])
def test_what_it_shows(key: str, app: Flask, people: People) -> None:
    """Each session with browser, system and address, this one marked; for a locked teacher too."""
    here = opened(app, people[key], FIREFOX, "192.0.2.7")
    opened(app, people[key], IPHONE, "2001:db8::5")
    page = here.get("/account/sessions")
    assert page.status == 200
    for text in ("Firefox", "Linux", "192.0.2.7", "Mobile Safari", "iOS", "2001:db8::5"):
        assert text in page.html
    assert page.html.count("這個裝置") == 1


def test_ending_one(app: Flask, people: People) -> None:
    """The one that was pressed is over, the others go on."""
    here, there, third = (opened(app, people["T01"], FIREFOX, f"192.0.2.{at}") for at in (1, 2, 3))
    here.get("/account/sessions")
    # The list has this device first, then the latest.
    (button, *_) = [
        name for form in here.page.forms for name in form.buttons if name.startswith("end-") and name[4:].isdigit()
    ]
    here.submit(button)
    assert [is_in(one) for one in (here, there, third)] == [True, True, False]


def test_ending_all_others(app: Flask, people: People, dream_n: RelyingParty, office: Office) -> None:
    """All but this one; tokens that came from them are void at once, and the partner's word is queued."""
    here, there = (opened(app, people["T02"], FIREFOX, f"192.0.2.{at}") for at in (1, 2))
    token = dream_n.sign_in(there, people["T02"]).access_token
    assert dream_n.userinfo(token).status_code == 200
    here.get("/account/sessions")
    here.submit("end-others")
    assert [is_in(one) for one in (here, there)] == [True, False]
    assert dream_n.userinfo(token).status_code == 401
    assert len(office.events("session.ended", people["T02"])) == 1


@pytest.mark.parametrize("which", ["", "x", "999999999999999999999999", "-1", "0"])
def test_nonsense(which: str, app: Flask, people: People) -> None:
    """Nothing ends."""
    here, there = (opened(app, people["T01"], FIREFOX, f"192.0.2.{at}") for at in (1, 2))
    here.get("/account/sessions")
    token = dict(here.page.form_with("end-others").fields)["form_token"]
    here.post("/account/sessions/end", {"form_token": token, "session": which})
    assert is_in(here)
    assert is_in(there)


def test_nobody_ends_somebody_elses(app: Flask, people: People) -> None:
    """The number of another person's session ends nothing."""
    mine, hers = opened(app, people["T01"], FIREFOX, "192.0.2.1"), opened(app, people["T03"], FIREFOX, "192.0.2.2")
    mine.get("/account/sessions")
    token = dict(mine.page.form_with("logout").fields)["form_token"]
    for ident in range(1, 20):
        mine.post("/account/sessions/end", {"form_token": token, "session": str(ident)})
    assert is_in(hers)


@pytest.mark.parametrize("agent", ["", "x" * 200, "<script>alert(1)</script>", "curl/8.5.0"])
def test_strange_devices(agent: str, app: Flask) -> None:
    """Whatever a browser calls itself, something is shown, and nothing of it is markup."""
    with app.test_request_context():
        assert device_name(agent)
