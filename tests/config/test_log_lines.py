"""Log lines: JSON with a request id, no secrets, no values (invariant 6, §7.4)."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from config.database import db
from config.logs import JsonFormatter, redact
from idp.accounts.models import Account
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Office, People

SECRET = "s3cr3t-value.with_signs~1"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Collect every log line as it would be written, of every logger at every level."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.no_database
@pytest.mark.parametrize(
    "text",
    [
        "password={}",
        "PASSWORD: {}",
        '{{"client_secret": "{}"}}',
        "{{'client_secret': '{}'}}",
        "GET /cb?code={}&state=x",
        "access_token={}",
        "refresh_token = {}",
        '"id_token":"{}"',
        "code_verifier={};",
        "Authorization: Bearer {}",
        "Authorization: Basic {}",
        "{{'Authorization': 'Bearer {}'}}",
        "Cookie: session={}; theme=dark",
    ],
)
def test_secrets_are_blanked(text: str) -> None:
    """What looks like a secret is blanked, in every spelling in which programs print it; the rest stays."""
    line = redact(f"before {text.format(SECRET)} after")
    assert SECRET not in line
    assert line.startswith("before ")


@pytest.mark.no_database
@pytest.mark.parametrize("text", ["status_code 200", "the code is used", "client_id=dream-n", "error_code"])
def test_harmless_text_stays(text: str) -> None:
    """Nothing else is blanked."""
    assert redact(text) == text


@pytest.mark.no_database
def test_fields_and_exceptions_are_blanked_too(lines: io.StringIO) -> None:
    """Fields, nested ones too, and tracebacks pass the same net; every line is JSON."""
    log = logging.getLogger("tests")
    log.info("x", extra={"fields": {"a": f"code={SECRET}", "b": [f"code={SECRET}"], "c": {"d": f"code={SECRET}"}}})
    log.error("failed", exc_info=ValueError(f"password={SECRET}"))
    for line in lines.getvalue().splitlines():
        assert json.loads(line)["logger"] == "tests"
    assert SECRET not in lines.getvalue()


def test_a_whole_sign_in(lines: io.StringIO, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """At DEBUG, with everything that libraries say: no password, code, token, secret, cookie or value of a claim."""
    browser.log_in(people["T01"]["account"], "a wrong password")
    page, request = dream_n.start(browser, people["T01"])
    code = dream_n.code_of(browser.submit("consent-approve"), request)
    token = dream_n.exchange(code, request).get_json()
    dream_n.userinfo(token["access_token"])
    dream_n.exchange(code, request)
    cookies = browser.cookie_values()
    secrets = [people["T01"]["password"], "a wrong password", code, dream_n.secret, request.verifier, *cookies]
    secrets += [token["access_token"], token["id_token"], "王曉晴", "霧松縣立晨曦國民中學"]
    text = lines.getvalue() + lines.getvalue().encode().decode("unicode-escape", "replace")
    assert page.status == 200
    assert [secret for secret in secrets if secret in text] == []


def test_lines_carry_the_request_id(lines: io.StringIO, browser: Browser, dream_n: RelyingParty) -> None:
    """A line written during a request names it, with the id that the answer carries; the query is not logged."""
    page = browser.get(dream_n.request(redirect_uri="https://evil.test/cb").url)
    found = [json.loads(line) for line in lines.getvalue().splitlines() if "protocol error" in line]
    assert found[0]["request_id"] == page.response.headers["X-Request-Id"]
    assert (found[0]["method"], found[0]["path"]) == ("GET", "/oidc/authorize")


@pytest.mark.parametrize("kind", ["teacher_personal", "no such kind"])
def test_errors_of_the_database_name_no_values(lines: io.StringIO, office: Office, kind: str) -> None:
    """What the database refuses is logged without the values, be it one twice or a whole row: they may be names."""
    values = {"login_name": "wang0101", "type": kind, "name": "某位\n\n老師", "password_hash": "secret-hash"}
    with office.app.app_context(), db.session.begin(), pytest.raises(IntegrityError) as caught:
        db.session.execute(insert(Account).values(created_at=datetime.now(UTC), **values))
    logging.getLogger("tests").error("failed", exc_info=caught.value)
    (line,) = lines.getvalue().splitlines()
    assert "INSERT INTO account" in json.loads(line)["exception"]
    assert [value for value in ("老師", "secret-hash", "wang0101") if value in line] == []
