"""What is never kept for a partner's engineer: nothing of a teacher, no secret, nothing of a correct client."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from config.database import db, hot
from idp.accounts.models import ServiceAssignment
from idp.oidc.diagnosis import NO_FAULTS
from idp.oidc.faults import FAULTS
from scopes.roc import taipei_day
from scopes.service import EndReason, Reason
from tests.pages import Browser
from tests.protocol.wire import People, audited, leave
from tests.rp import RelyingParty
from tests.spec.device.screen import approve, screen
from tests.spec.support import Keys, client
from tests.spec.tokens import lock, refreshing
from tests.support.diagnoses import codes, kept
from tests.support.office import Office

CODE, TOKEN = "authorization_code", "/oidc/token"


@pytest.mark.rule("D-18")
@pytest.mark.parametrize("where", ["token", "userinfo", "refresh"])
def test_why_a_teacher_was_refused_is_not_told(app: Flask, browser: Browser, people: People, where: str) -> None:
    """Her school says that she left: the engineer learns that code or token do not work, never why or whose."""
    rp = refreshing(app)
    request = rp.request()
    code = rp.code_of(rp.lead(browser, people["T02"], request), request)
    given = rp.exchange(code, request).get_json() if where != "token" else {}
    if where == "userinfo":  # the day on which her service ends comes, and no job has run yet
        ended = {"end_date": taipei_day(datetime.now(UTC)) - timedelta(days=9), "end_reason": EndReason.DEPARTED}
        teacher = Office(app).id_of(people["T02"])
        with app.app_context(), db.session.begin():
            hers = ServiceAssignment.account_id == teacher
            db.session.execute(update(ServiceAssignment).where(hers).values(ended))
    else:
        lock(app, people["T02"])
    if where == "token":
        rp.exchange(code, request)
    elif where == "userinfo":
        rp.userinfo(given["access_token"])
    else:
        rp.refresh(given["refresh_token"])
    (row,) = kept(app)
    assert row.code == {"token": "CODE-01", "userinfo": "USER-05", "refresh": "REF-01"}[where]
    told = json.dumps(row.detail).lower()
    assert not any(word in told for word in ("lock", "unverified", *(reason.value.lower() for reason in Reason)))
    assert people["T02"]["account"] not in told


@pytest.mark.rule("D-18")
def test_refusals_of_people_are_no_faults(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """login_required, consent_required and access_denied are answers, not mistakes of the partner."""
    browser.get(dream_n.request(prompt="none").url)
    browser.get(dream_n.request(prompt="none", claims='{"id_token":{"sub":{"value":"x"}}}').url)
    dream_n.start(browser, people["T02"])
    browser.get(dream_n.request(prompt="none").url)
    browser.get(dream_n.request(prompt="none", claims='{"id_token":{"sub":{"value":"x"}}}').url)
    lock(app, people["T02"])
    assert "access_denied" in str(browser.get(dream_n.request(prompt="none").url).answer)
    assert len(audited(app, "roaming.refused")) == 1
    assert codes(app) == []


def test_a_correct_client_leaves_nothing(app: Flask, dream_n: RelyingParty, browser: Browser, people: People) -> None:
    """A whole sign-in, again, and its end."""
    first = dream_n.sign_in(browser, people["T02"])
    dream_n.sign_in(browser, people["T02"])
    leave(browser, id_token_hint=first.id_token)
    assert kept(app) == []


def test_correct_clients_of_other_kinds_leave_nothing(app: Flask, browser: Browser, people: People) -> None:
    """One that is asked for a DPoP nonce, as RFC 9449 has it; and a device that waits for its teacher."""
    rp = client(app, dpop=Keys.generate("ES256", 9), dpop_bound_access_tokens=True)
    rp.exchange(rp.code_of(rp.lead(browser, people["T02"], request := rp.request()), request), request)
    device = screen(app, client_id="device").begin()
    assert "authorization_pending" in device.poll().get_data(as_text=True)
    approve(browser, device.code, people["T02"])
    assert kept(app) == []


def test_nothing_secret_is_kept(app: Flask, dream_n: RelyingParty, code: tuple[str, Any], people: People) -> None:
    """Every value that was used, put where it belongs and where it does not: none of them stands in the table."""
    sealed, request = code
    token = dream_n.exchange(sealed, request).get_json()
    secret = {
        "secret": dream_n.secret,
        "code": sealed,
        "access_token": token["access_token"],
        "id_token": token["id_token"],
        "verifier": request.verifier,
        "state": request.state,
        "nonce": request.nonce,
        "password": people["T02"]["password"],
    }
    browser = Browser(app)
    for value in secret.values():
        for name in ("scope", "prompt", "response_type", "response_mode", "max_age", "resource", "claims", "request"):
            browser.get(dream_n.request(**{name: f"openid {value}" if name == "scope" else value}).url)
        for uri in (f"https://x.test/{value}", f"https://x.test/?a={value}", f"https://{value}@x.test/", value):
            browser.get(dream_n.request(redirect_uri=uri, request_uri=None).url)
            browser.get(dream_n.request(request_uri=uri).url)
            leave(browser, client_id="dream-n", post_logout_redirect_uri=uri)
        for name in ("code", "redirect_uri", "code_verifier", "grant_type", "client_id", "client_secret", "resource"):
            dream_n.exchange(
                **({"code": sealed, "request": request} | ({"code": value} if name == "code" else {name: value}))
            )
        pair = base64.b64encode(f"{value}:{value}".encode()).decode()
        dream_n.back_channel.post(
            TOKEN, data={"client_id": "dream-n", "grant_type": CODE}, headers={"Authorization": f"Basic {pair}"}
        )
    with app.app_context(), hot() as connection:
        table = str(connection.execute(text("SELECT * FROM client_diagnosis")).all())
    assert len(kept(app)) > 30
    assert [name for name, value in secret.items() if value in table] == []


def test_answers_that_are_no_faults_are_known() -> None:
    """What is left out of the log on purpose is out of the table of faults."""
    assert set(FAULTS) > NO_FAULTS
