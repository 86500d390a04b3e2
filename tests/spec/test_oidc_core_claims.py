"""The claims request parameter (OIDC Core §5.5, R-CLM-6), acr and amr (§2, §3.1.2.1)."""

import json
import uuid
from typing import Any

import pytest
from flask import Flask

from tests.pages import Browser
from tests.protocol.wire import PartnerOf, People, add_partner, ask, audited, refused
from tests.rp import RelyingParty, SignedIn

PASSWORD = "urn:inservice:acr:pwd"
NAME, CODE, SCHOOL, TITLE = "name", "inservice_school_code", "inservice_school_name", "inservice_title_name"


def claims(**targets: Any) -> str:
    """Return the parameter."""
    return json.dumps(targets)


def released(signed_in: SignedIn) -> tuple[set[str], set[str]]:
    """Return the items of the ID token and of UserInfo."""
    items = {NAME, CODE, SCHOOL, TITLE, "inservice_title_code"}
    return items & set(signed_in.claims), items & set(signed_in.userinfo)


TARGETS: tuple[tuple[dict[str, Any], set[str], set[str]], ...] = (
    ({"userinfo": {NAME: None}}, set(), {NAME}),
    ({"id_token": {NAME: None}}, {NAME}, set()),
    ({"id_token": {NAME: None, CODE: {}}, "userinfo": {SCHOOL: {"essential": True}}}, {NAME, CODE}, {SCHOOL}),
    ({"id_token": {NAME: {"value": "別人"}}, "userinfo": {NAME: {"values": ["x", "y"]}}}, {NAME}, {NAME}),
    ({"id_token": None, "userinfo": {}}, set(), set()),
    (
        {"verified_claims": {}, "x": 1, "userinfo": {"email": {"essential": True}, "name#en": None, NAME: None}},
        set(),
        {NAME},
    ),
    ({"userinfo": {NAME: {"essential": True, "purpose": "x", "own": [1]}}}, set(), {NAME}),
    ({"id_token": {"auth_time": {"essential": True}, "iss": {"value": "x"}, "sid": None}}, set(), set()),
)


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5", "5.5.1")
@pytest.mark.parametrize(("wish", "in_token", "in_userinfo"), TARGETS, ids=[str(wish)[:60] for wish, _, _ in TARGETS])
def test_items_are_asked_for_per_target(
    dream_n: RelyingParty,
    browser: Browser,
    people: People,
    wish: dict[str, Any],
    in_token: set[str],
    in_userinfo: set[str],
) -> None:
    """ID token and UserInfo each carry what was asked for there; what nobody knows is ignored, values are not matched."""
    signed_in = dream_n.sign_in(browser, people["T02"], scope="openid", claims=claims(**wish))
    assert released(signed_in) == (in_token, in_userinfo)
    assert signed_in.scope == "openid"


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5")
def test_claims_add_to_the_scope(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """What the scope brings comes in both, the claims parameter adds to one of them."""
    wish = claims(userinfo={SCHOOL: None})
    signed_in = dream_n.sign_in(browser, people["T02"], scope="openid profile", claims=wish)
    assert released(signed_in) == ({NAME}, {NAME, SCHOOL})
    assert signed_in.scope == "openid profile"


@pytest.mark.spec("OIDC Core", "5.5")
def test_a_bare_id_token_gets_what_is_asked_for_there(app: Flask, browser: Browser, people: People) -> None:
    """A client that wants no claims in its ID token can still ask for single ones."""
    rp = add_partner(app, claims_in_id_token=False)
    signed_in = rp.sign_in(browser, people["T01"], claims=claims(id_token={CODE: None}))
    assert released(signed_in) == ({CODE}, {NAME, CODE})


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5.1")
def test_the_page_asks_for_claims_like_for_scopes(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """Items of the claims parameter are on the consent page; essential is a wish, and may be declined."""
    wish = claims(userinfo={NAME: {"essential": True}, CODE: None})
    page, request = dream_n.start(browser, people["T01"], scope="openid", claims=wish)
    assert page.has("item-name")
    assert page.has("item-school_code")
    assert not page.has("item-school_name")
    page = browser.submit("consent-approve", untick=("item-name",))
    assert released(dream_n.finish(page, request)) == (set(), {CODE})


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5.1")
def test_what_is_not_approved_is_left_out(app: Flask, partner: PartnerOf, browser: Browser, people: People) -> None:
    """Asked for as essential or not, it is omitted without an error, and the attempt is audited."""
    rp = partner("material-hub")
    wish = claims(id_token={NAME: {"essential": True}}, userinfo={CODE: None, SCHOOL: None})
    page, request = rp.start(browser, people["T01"], scope="openid", claims=wish)
    assert not page.has("item-name")
    signed_in = rp.finish(browser.submit("consent-approve"), request)
    assert released(signed_in) == (set(), {SCHOOL})
    (event,) = audited(app, "scope.over_request")
    assert (event.client_id, event.detail) == ("material-hub", {"items": ["name", "school_code"]})


@pytest.mark.rule("R-CLM-6", "D-53")
@pytest.mark.spec("OIDC Core", "5.5")
def test_asking_silently_for_more_needs_consent(dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A claim that was never consented to is consent_required under prompt=none."""
    dream_n.sign_in(browser, people["T01"], scope="openid")
    request = dream_n.request(prompt="none", scope="openid", claims=claims(userinfo={NAME: None}))
    assert refused(ask(browser, request), request, dream_n)["error"] == "consent_required"


MALFORMED = (
    "{",
    "x",
    "null",
    "[]",
    "1",
    '"userinfo"',
    '{"userinfo": []}',
    '{"userinfo": "name"}',
    '{"id_token": 1}',
    '{"id_token": {"name": true}}',
    '{"userinfo": {"name": "x"}}',
    '{"userinfo": {"name": []}}',
    "[" * 1500,
    '{"userinfo":{"name":null}}x',
)


@pytest.mark.spec("OIDC Core", "5.5")
@pytest.mark.parametrize("text", MALFORMED, ids=lambda text: text[:30])
def test_malformed_claims_are_an_invalid_request(dream_n: RelyingParty, browser: Browser, text: str) -> None:
    """What is not the JSON of §5.5 is refused before anybody logs in."""
    request = dream_n.request(claims=text)
    assert refused(ask(browser, request), request, dream_n)["error"] == "invalid_request"


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5.1", "3.1.2.6")
@pytest.mark.parametrize("target", ["id_token", "userinfo"])
def test_another_persons_sub_is_login_required(
    dream_n: RelyingParty, browser: Browser, people: People, target: str
) -> None:
    """A sub that is not hers gives no code, silently or not; her own does, alone or among several."""
    mine = dream_n.sign_in(browser, people["T02"]).claims["sub"]
    for prompt in ("none", None):
        request = dream_n.request(prompt=prompt, claims=claims(**{target: {"sub": {"value": str(uuid.uuid4())}}}))
        assert refused(ask(browser, request), request, dream_n)["error"] == "login_required"
    for wish in (
        {"value": mine},
        {"values": ["x", mine]},
        {"value": mine, "essential": True},
        None,
        {"essential": True},
    ):
        request = dream_n.request(prompt="none", claims=claims(**{target: {"sub": wish}}))
        assert dream_n.finish(ask(browser, request), request).claims["sub"] == mine


@pytest.mark.rule("R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5.1")
def test_whoever_logs_in_must_be_the_person_meant(
    app: Flask, dream_n: RelyingParty, browser: Browser, people: People
) -> None:
    """Nobody is signed in: the page comes; another than the sub's owner gets login_required, the owner her code."""
    sub = dream_n.sign_in(Browser(app), people["T02"]).claims["sub"]
    wish = claims(id_token={"sub": {"value": sub}})
    page, request = dream_n.start(browser, people["T01"], claims=wish)
    assert refused(page, request, dream_n)["error"] == "login_required"
    assert dream_n.sign_in(Browser(app), people["T02"], claims=wish).claims["sub"] == sub


@pytest.mark.rule("D-49", "R-CLM-6")
@pytest.mark.spec("OIDC Core", "5.5.1")
def test_an_ephemeral_sub_names_its_sign_in(app: Flask, partner: PartnerOf, browser: Browser, people: People) -> None:
    """The sub of an earlier sign-in still means its person, though the new one gets another; a stranger's does not."""
    rp = partner("material-hub")
    first = rp.sign_in(browser, people["T01"]).claims["sub"]
    wish = claims(id_token={"sub": {"value": first}})
    request = rp.request(prompt="none", claims=wish)
    assert rp.finish(ask(browser, request), request).claims["sub"] != first
    page, request = rp.start(Browser(app), people["T02"], claims=wish)
    assert refused(page, request, rp)["error"] == "login_required"


@pytest.mark.spec("OIDC Core", "2", "3.1.2.1")
@pytest.mark.parametrize("wished", [None, PASSWORD, f"urn:mace:incommon:iap:silver {PASSWORD}", "urn:unknown", "0"])
def test_acr_values_are_voluntary(dream_n: RelyingParty, browser: Browser, people: People, wished: str | None) -> None:
    """Whatever is wished, acr and amr tell what the log-in was: a password."""
    signed_in = dream_n.sign_in(browser, people["T02"], acr_values=wished)
    assert (signed_in.claims["acr"], signed_in.claims["amr"]) == (PASSWORD, ["pwd"])
    assert not {"acr", "amr", "auth_time"} & set(signed_in.userinfo)


ACR: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"essential": True, "value": "urn:unknown"}, False),
    ({"essential": True, "values": ["urn:unknown", "0"]}, False),
    ({"essential": True, "values": ["urn:unknown", PASSWORD]}, True),
    ({"essential": True, "value": PASSWORD}, True),
    ({"essential": True}, True),
    ({"essential": False, "value": "urn:unknown"}, True),
    ({"value": "urn:unknown"}, True),
    ({"essential": "true", "value": "urn:unknown"}, True),
)


@pytest.mark.spec("OIDC Core", "5.5.1.1")
@pytest.mark.spec("OIDC Unmet Authentication Requirements", "2")
@pytest.mark.parametrize(("wish", "is_met"), ACR, ids=str)
def test_an_essential_acr_is_met_or_refused(
    dream_n: RelyingParty, browser: Browser, people: People, wish: dict[str, Any], is_met: object
) -> None:
    """What no log-in of ours can be called is unmet_authentication_requirements, before anybody is asked."""
    browser.log_in(people["T02"]["account"], people["T02"]["password"])
    request = dream_n.request(claims=claims(id_token={"acr": wish}))
    page = ask(browser, request)
    if is_met:
        assert dream_n.finish(page, request).claims["acr"] == PASSWORD
    else:
        assert refused(page, request, dream_n)["error"] == "unmet_authentication_requirements"
