"""How request objects are sent, and what they bring."""

from tests.pages import Browser, Page
from tests.protocol.wire import ask, refused
from tests.rp import Request
from tests.spec.support import Client

BAD_OBJECT = "invalid_request_object"


def send(rp: Client, browser: Browser, request: Request, token: str, **beside: str) -> Page:
    """Send a request object; what stands beside it tells where an error may go."""
    beside = {"redirect_uri": rp.redirect_uri, "state": request.state} | beside
    by_value = rp.by_value(request, **beside)
    by_value.parameters["request"] = token
    return ask(browser, by_value)


def error(rp: Client, browser: Browser, request: Request, token: str) -> str:
    """Return the error that an object brings."""
    return refused(send(rp, browser, request, token), request, rp)["error"]


def is_good(rp: Client, browser: Browser, token: str) -> bool:
    """Whether an object leads to the log-in page."""
    location = send(rp, browser, rp.request(), token).location
    assert location is not None
    return location.startswith("/login?")
