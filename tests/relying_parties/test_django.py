"""mozilla-django-oidc in a Django site of a few lines signs teachers in."""

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo import Demo
from tests.support.postgres import free_port
from tests.support.server import run_process
from tests.support.walker import Walker

pytestmark = pytest.mark.xdist_group("relying-parties")
SITE = Path(__file__).resolve().with_name("django_site.py")


@pytest.fixture(scope="module")
def site(demo: Demo) -> Iterator[str]:
    """Run the site and return where it is."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    client = demo.add_partner("django", f"{url}/oidc/callback/", token_endpoint_auth_method="client_secret_post")
    environment = os.environ | {
        "OIDC_ISSUER": demo.issuer,
        "OIDC_CLIENT_ID": client["client_id"],
        "OIDC_CLIENT_SECRET": client["client_secret"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_PORT": str(port),
        "NO_PROXY": "127.0.0.1",
    }
    with run_process([sys.executable, SITE], environment, f"{url}/"):
        yield url


def sign_in(walker: Walker, site: str, person: dict[str, Any]) -> dict[str, Any]:
    """Sign in and return what the site says then."""
    page = walker.sign_in(f"{site}/oidc/authenticate/", person)
    if page.has("refusal-return"):
        page = walker.follow("refusal-return")
    assert page.url.startswith(f"{site}/"), f"{page.status} {page.url}"
    said: dict[str, Any] = page.response.get_json()
    return said


def test_it_signs_in(demo: Demo, walker: Walker, site: str) -> None:
    """PKCE, state, nonce, ID token, UserInfo; the next time she is the same user."""
    first = sign_in(walker, site, demo.teacher("T03"))
    assert (first["user"]["name"], first["failed"]) == ("陳柏睿", False)
    assert sign_in(walker, site, demo.teacher("T03")) == first


def test_a_locked_teacher_is_refused(demo: Demo, walker: Walker, site: str) -> None:
    """She comes back signed out."""
    assert sign_in(walker, site, demo.teacher("T10")) == {"user": None, "failed": True}
