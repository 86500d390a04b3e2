"""One-time codes and recovery codes (D-74, RFC 6238): enrolment, log-in, what is refused, what is told."""

import base64
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from config.database import db
from idp.accounts import totp
from idp.accounts.credentials import RecoveryCode, TotpCredential
from tests.pages import Browser, codes
from tests.rp import RelyingParty
from tests.security.steps import enrol_totp, is_in, later_code, password_step, recovery_codes
from tests.support.office import Office, People


@pytest.mark.no_database
@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_vectors_of_the_rfc(second: int, code: str) -> None:
    """RFC 6238 appendix B, SHA-1, the last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(second, UTC)
    assert totp.matching_step(secret, code, at) == second // 30
    assert totp.matching_step(secret, f"{code[:3]} {code[3:]}", at) == second // 30
    assert totp.matching_step(secret, code, datetime.fromtimestamp(second + 90, UTC)) is None


@pytest.mark.rule("D-74")
def test_enrolment_and_log_in(browser: Browser, people: People, app: Flask, office: Office) -> None:
    """After enrolment the password alone opens nothing; password and code do. Secret and codes are not at rest."""
    browser.log_in(**login(people["T01"]))
    secret, recovery = enrol_totp(browser)
    assert len(set(recovery)) == 10
    other = Browser(app)
    assert password_step(other, people["T01"]).has("otp-submit")
    assert not is_in(other)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp=later_code(secret)).url == "/account"
    with app.app_context(), db.session.begin():
        stored = [row.secret_sealed for row in db.session.scalars(select(TotpCredential))]
        digests = [row.digest for row in db.session.scalars(select(RecoveryCode))]
    assert all(secret not in sealed for sealed in stored)
    assert not set(recovery) & set(digests)
    assert [message.code for message in office.messages(people["T01"])] == ["SEC-TOTP-ADDED"]
    assert office.events("login.succeeded", people["T01"])[-1].detail == {"amr": ["pwd", "otp", "mfa"]}


def login(person: dict[str, str]) -> dict[str, str]:
    """Return what the log-in page wants of a person."""
    return {"account": person["account"], "password": person["password"]}


def test_a_wrong_code_adds_nothing(browser: Browser, people: People, office: Office) -> None:
    """Without a right code nothing is added, and the same secret may be tried again."""
    browser.log_in(**login(people["T01"]))
    secret = browser.get("/account/security/totp").text("totp-secret").replace(" ", "")
    page = browser.submit("totp-submit", otp="000000" if next(codes(secret)) != "000000" else "000001")
    assert page.status == 400
    assert page.text("totp-secret").replace(" ", "") == secret
    assert not browser.get("/account/security").has("totp-on")
    assert office.messages(people["T01"]) == []


def test_a_code_counts_once(browser: Browser, people: People, app: Flask) -> None:
    """RFC 6238 §5.2: the code that enrolled, and the code that logged in, are used up."""
    browser.log_in(**login(people["T01"]))
    secret, _ = enrol_totp(browser)
    other = Browser(app)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp=next(codes(secret))).status == 403
    code = later_code(secret)
    assert other.submit("otp-submit", otp=code).url == "/account"
    third = Browser(app)
    password_step(third, people["T01"])
    assert third.submit("otp-submit", otp=code).status == 403
    assert not is_in(third)


def test_a_recovery_code_counts_once_and_is_told(browser: Browser, people: People, app: Flask, office: Office) -> None:
    """D-74: each recovery code stands in for the second factor once; somebody else's never does."""
    browser.log_in(**login(people["T01"]))
    _, recovery = enrol_totp(browser)
    other = Browser(app)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp=recovery[0].upper().replace("-", " ")).url == "/account"
    assert "9" in other.get("/account/security").text("recovery-left")
    third = Browser(app)
    password_step(third, people["T01"])
    assert third.submit("otp-submit", otp=recovery[0]).status == 403
    stranger = Browser(app)
    stranger.log_in(**login(people["T03"]))
    enrol_totp(stranger)
    another = Browser(app)
    password_step(another, people["T03"])
    assert another.submit("otp-submit", otp=recovery[1]).status == 403
    assert "SEC-RECOVERY-USED" in [message.code for message in office.messages(people["T01"])]


def test_another_generator_leaves_the_recovery_codes(browser: Browser, people: People, app: Flask) -> None:
    """They come with the first factor; who wrote them down keeps them when she takes a new telephone."""
    browser.log_in(**login(people["T01"]))
    _, kept = enrol_totp(browser)
    assert enrol_totp(browser)[1] == []
    other = Browser(app)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp=kept[0]).url == "/account"


def test_new_recovery_codes_replace_the_old(browser: Browser, people: People, app: Flask) -> None:
    """Ten new ones, the old ones are void."""
    browser.log_in(**login(people["T01"]))
    _, old = enrol_totp(browser)
    browser.get("/account/security")
    new = recovery_codes(browser.submit("recovery-renew"))
    assert len(set(new) - set(old)) == 10
    other = Browser(app)
    password_step(other, people["T01"])
    assert other.submit("otp-submit", otp=old[0]).status == 403
    assert other.submit("otp-submit", otp=new[0]).url == "/account"


@pytest.mark.rule("D-33")
def test_five_wrong_codes(browser: Browser, people: People, app: Flask, office: Office) -> None:
    """Five failures and the account waits, the right code does not help; the password's counter is another."""
    browser.log_in(**login(people["T01"]))
    secret, _ = enrol_totp(browser)
    other = Browser(app)
    password_step(other, people["T01"])
    for _ in range(5):
        assert other.submit("otp-submit", otp="wrong-code-xxx").status == 403
    assert other.submit("otp-submit", otp=later_code(secret)).status == 429
    assert password_step(Browser(app), people["T01"]).has("otp-submit")
    assert len(office.events("login.second_factor_failed", people["T01"])) == 5


def test_a_half_way_log_in_is_bound_to_its_browser(browser: Browser, people: People, app: Flask) -> None:
    """The sealed state of the first step opens nothing in another browser, and none that was made up."""
    browser.log_in(**login(people["T01"]))
    secret, _ = enrol_totp(browser)
    first = Browser(app)
    url = password_step(first, people["T01"]).url
    thief = Browser(app)
    thief.get("/login")
    assert not thief.get(url).has("otp-submit")
    assert not thief.get("/login/second-factor?s=made-up").has("otp-submit")
    token = dict(first.page.form_with("otp-submit").fields)["s"]
    thief.get("/login")
    forged = dict(thief.page.form_with("login-submit").fields)
    answer = thief.post("/login/second-factor", {**forged, "s": token, "otp": later_code(secret)})
    assert answer.status == 400
    assert not is_in(thief)


def test_removal(browser: Browser, people: People, app: Flask, office: Office) -> None:
    """A teacher may take the factor away; the recovery codes go with it, and she is told."""
    browser.log_in(**login(people["T01"]))
    enrol_totp(browser)
    browser.get("/account/security")
    assert not browser.submit("totp-remove").has("totp-on")
    assert Browser(app).log_in(**login(people["T01"])).url == "/account"
    assert [message.code for message in office.messages(people["T01"])] == ["SEC-TOTP-ADDED", "SEC-TOTP-REMOVED"]
    with app.app_context(), db.session.begin():
        ident = office.id_of(people["T01"])
        assert db.session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == ident)).all() == []


def test_the_way_to_a_partner(browser: Browser, people: People, dream_n: RelyingParty, app: Flask) -> None:
    """The second step keeps the sign-in that led there; the ID token tells of both factors."""
    browser.log_in(**login(people["T02"]))
    secret, _ = enrol_totp(browser)
    other, request = Browser(app), dream_n.request()
    other.get(request.url)
    other.submit("login-submit", username=people["T02"]["account"], password=people["T02"]["password"])
    page = other.submit("otp-submit", otp=later_code(secret))
    claims = dream_n.finish(page, request).claims
    assert (claims["acr"], claims["amr"]) == ("urn:inservice:acr:mfa", ["pwd", "otp", "mfa"])
