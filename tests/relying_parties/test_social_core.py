"""python-social-auth (social-auth-core), as Django, Flask and many others use it, signs teachers in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from social_core.exceptions import AuthCanceled

from tests.relying_parties.social_site import Site
from tests.support.demo import Demo
from tests.support.walker import Walker

pytestmark = pytest.mark.xdist_group("relying-parties")
CALLBACK = "http://127.0.0.1:9/complete/oidc/"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider is on this machine, whatever the environment says of proxies."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def settings(demo: Demo) -> dict[str, object]:
    """What its manual says to set."""
    client = demo.add_partner("social-core", CALLBACK)
    return {
        "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": demo.issuer,
        "SOCIAL_AUTH_OIDC_KEY": client["client_id"],
        "SOCIAL_AUTH_OIDC_SECRET": client["client_secret"],
        "SOCIAL_AUTH_OIDC_SCOPE": ["inservice_school_code"],
        "SOCIAL_AUTH_OIDC_USE_PKCE": True,
    }


def test_it_signs_in(demo: Demo, walker: Walker, settings: dict[str, object]) -> None:
    """With its default scopes, of which email is none of ours, and PKCE: state, nonce, ID token, at_hash, UserInfo."""
    site = Site(settings)
    url = site.start(CALLBACK)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == ["inservice_school_code", "openid", "profile", "email"]
    user = site.complete(walker.browse(demo.teacher("T03"), CALLBACK)(url))
    assert (user.id, user.details["fullname"]) == (user.claims["sub"], "陳柏睿")
    assert user.userinfo["inservice_school_code"] == user.claims["inservice_school_code"]


def test_she_is_the_same_next_time(demo: Demo, walker: Walker, settings: dict[str, object]) -> None:
    """The identifier by which it keeps its users stays."""
    found = set()
    for _ in range(2):
        site = Site(settings)
        found.add(site.complete(walker.browse(demo.teacher("T15"), CALLBACK)(site.start(CALLBACK))).id)
    assert len(found) == 1


def test_a_locked_teacher_is_refused(demo: Demo, walker: Walker, settings: dict[str, object]) -> None:
    """It learns access_denied and nothing more."""
    site = Site(settings)
    address = walker.browse(demo.teacher("T10"), CALLBACK)(site.start(CALLBACK))
    with pytest.raises(AuthCanceled):
        site.complete(address)
