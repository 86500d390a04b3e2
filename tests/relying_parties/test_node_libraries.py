"""Stock libraries of npm, unmodified and with every check on, sign teachers in at the running provider."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.relying_parties.node import stock
from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = [pytest.mark.needs("node", "node-packages"), pytest.mark.xdist_group("relying-parties")]
CALLBACK = "http://127.0.0.1:9/callback"  # nobody listens: the browser is stopped before
RequestOf = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def request_of(demo: Demo) -> RequestOf:
    """Give what a relying party is told that authenticates by this method."""

    @cache
    def client(method: str) -> dict[str, Any]:
        return demo.add_partner(f"node-{method}", CALLBACK, token_endpoint_auth_method=method)

    def request(method: str) -> dict[str, str]:
        facts = {"issuer": demo.issuer, "redirect_uri": CALLBACK, "scope": "openid profile inservice_school_code"}
        return facts | {
            "token_endpoint_auth_method": method,
            "client_id": client(method)["client_id"],
            "client_secret": client(method)["client_secret"],
        }

    return request


@pytest.mark.spec("OIDC Core", "3.1.3.7")
@pytest.mark.parametrize(
    ("library", "method"),
    [
        *((library, "client_secret_basic") for library in stock.LIBRARIES),
        (stock.OPENID_CLIENT_6, "client_secret_post"),
        (stock.OPENID_CLIENT_5, "client_secret_jwt"),
        (stock.OAUTH4WEBAPI, "client_secret_jwt"),
    ],
)
def test_it_signs_in(demo: Demo, walker: Walker, request_of: RequestOf, library: str, method: str) -> None:
    """Discovery, request with PKCE, log-in and consent, code exchange, ID token, UserInfo."""
    request = request_of(method)
    answer = stock.sign_in(request, walker.browse(demo.teacher("T03"), CALLBACK), library)
    assert "error" not in answer, answer
    claims = answer["claims"]
    assert (claims["iss"], claims["aud"], claims["name"]) == (demo.issuer, request["client_id"], "陳柏睿")
    assert answer["userinfo"] == {
        "sub": claims["sub"],
        "name": "陳柏睿",
        "inservice_school_code": claims["inservice_school_code"],
    }


@pytest.mark.spec("RFC 9207", "2")
@pytest.mark.parametrize("library", stock.LIBRARIES)
def test_a_locked_teacher_is_refused(demo: Demo, walker: Walker, request_of: RequestOf, library: str) -> None:
    """T10 is not in service: it learns access_denied, with state and iss checked by the library, and nothing more."""
    request = request_of("client_secret_basic")
    answer = stock.sign_in(request, walker.browse(demo.teacher("T10"), CALLBACK), library)
    assert answer["error"]["error"] == "access_denied"
    assert "service" not in str(answer["error"]["error_description"])
