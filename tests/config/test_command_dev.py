"""``idp dev``: partners and teachers without the paper procedure, in development only (CONTRACT §3)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from clients import registry
from tests.config.conftest import Idp
from tests.conftest import Template
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import Office, People

PARTNER: Mapping[str, Any] = {
    "client_id": "rp-1",
    "client_secret": "0123456789abcdef",
    "client_name": "測試合作網站",
    "environment": "production",
    "redirect_uris": ["https://rp.test/cb"],
    "post_logout_redirect_uris": [],
    "backchannel_logout_uri": None,
    "frontchannel_logout_uri": None,
    "token_endpoint_auth_method": "client_secret_basic",
    "jwks": None,
    "jwks_uri": None,
    "id_token_signed_response_alg": "RS256",
    "items": ["name", "school_code", "school_name", "title_code", "title_name", "user_id"],
    "essential": ["user_id"],
    "pkce_waived_until": None,
    "refresh_tokens": False,
    "claims_in_id_token": True,
    "profile": "default",
}
"""The example of CONTRACT §3."""


def known(app: Flask) -> set[str]:
    """Return the clients that the running application knows."""
    with app.app_context():
        registry.find("somebody new")
        return set(registry.everyone())


def test_partner_from_a_file(idp_command: Idp, app: Flask, tmp_path: Path, people: People) -> None:
    """The example of the contract works as it stands: added while the application runs, usable at once."""
    file = tmp_path / "partner.json"
    file.write_text(json.dumps(PARTNER, ensure_ascii=False), encoding="utf-8")
    result = idp_command("dev", "partner", str(file))
    assert (result.exit_code, result.output) == (0, "ok: rp-1 (production)\n")
    partner = RelyingParty(app, {**PARTNER, "scopes": ["openid", "profile"]})
    assert partner.sign_in(Browser(app), people["T01"]).claims["name"] == "王曉晴"


def test_partners_from_standard_input(idp_command: Idp, app: Flask) -> None:
    """FILE may be - and may hold a list; replacing is the same command again."""
    both = [PARTNER, {**PARTNER, "client_id": "rp-2", "environment": "test"}]
    for _ in range(2):
        result = idp_command("dev", "partner", "-", text=json.dumps(both))
        assert (result.exit_code, result.output) == (0, "ok: rp-1 (production)\nok: rp-2 (test)\n")
    assert {"rp-1", "rp-2"} <= known(app)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("not json", "Expecting value"),
        ("", "Expecting value"),
        ('"text"', "partner"),
        ("[1]", "partner"),
        (json.dumps({**PARTNER, "colour": "red"}), "colour"),
        (json.dumps({**PARTNER, "client_secret": "short"}), "client_secret: at least 16 characters"),
        (json.dumps([PARTNER, {**PARTNER, "client_id": "rp 2"}]), "client_id"),
        (json.dumps([PARTNER, {**PARTNER, "environment": "test"}]), "environment of a client never changes"),
        ("[" * 100_000, ""),
    ],
)
def test_wrong_partners(text: str, reason: str, idp_command: Idp, app: Flask) -> None:
    """Exit code 1, a reason without the secret, and nothing is registered, not even the good ones of a list."""
    result = idp_command("dev", "partner", "-", text=text)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert reason in result.output
    assert "0123456789abcdef" not in result.output
    assert "rp-1" not in known(app)


def test_a_missing_file_is_wrong_usage(idp_command: Idp, tmp_path: Path) -> None:
    """Exit code 2 for a file that is not there."""
    assert idp_command("dev", "partner", str(tmp_path / "none.json")).exit_code == 2


def test_a_file_that_is_not_utf8(idp_command: Idp, tmp_path: Path) -> None:
    """Exit code 1 with a reason."""
    (tmp_path / "x.json").write_bytes(b'{"client_id": "\xff"}')
    result = idp_command("dev", "partner", str(tmp_path / "x.json"))
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)


def test_lock_and_unlock_every_teacher(idp_command: Idp, people: People, office: Office, template: Template) -> None:
    """CONTRACT §3: dev lock ends her service as of yesterday, dev unlock gives her a confirmed assignment again."""
    for key, person in people.items():
        for _ in range(2 if key in {"T01", "T12", "T20"} else 1):
            result = idp_command("dev", "lock", person["account"])
            assert result.exit_code == 0, key
            assert f"ok: {person['account']} is locked" in result.output, key
        for _ in range(2 if key in {"T01", "T12", "T20"} else 1):
            result = idp_command("dev", "unlock", person["account"])
            assert (result.exit_code, result.output) == (0, f"ok: {person['account']} is unlocked\n"), key
    dream_n = RelyingParty(office.app, template.clients["dream-n"])
    for key in ("T04", "T05", "T09", "T12", "T13", "T14", "T19", "T20"):
        assert dream_n.sign_in(Browser(office.app), people[key]).claims["name"] == people[key]["name"]


def test_lock_has_every_effect(idp_command: Idp, people: People, office: Office, template: Template) -> None:
    """CONTRACT §3: it goes through the commands of a school: tokens end, the reason is recorded, the message is left."""
    dream_n = RelyingParty(office.app, template.clients["dream-n"])
    token = dream_n.sign_in(Browser(office.app), people["T01"]).access_token
    result = idp_command("dev", "lock", "WANG0101", "--reason", "retired")
    assert result.output == "ok: WANG0101 is locked (not_in_service)\n"
    assert dream_n.userinfo(token).status_code == 401
    assert office.services(people["T01"])[0].end_reason == "retired"
    assert [event.actor for event in office.events("service.lock.begin", people["T01"])] == ["cli"]
    assert len(office.messages(people["T01"])) == 1


@pytest.mark.parametrize("account", ["nobody01", "natadm01", ""])
@pytest.mark.parametrize("command", ["lock", "unlock"])
def test_not_a_teacher(command: str, account: str, idp_command: Idp) -> None:
    """Exit code 1 and a reason for an unknown account or a business account."""
    result = idp_command("dev", command, account)
    assert result.exit_code == 1
    assert "no such teacher account" in result.output


@pytest.mark.parametrize(
    "arguments", [["dev", "partner", "-"], ["dev", "lock", "wang0101"], ["dev", "unlock", "wang0101"]]
)
def test_production_refuses(arguments: list[str], idp_command: Idp, app: Flask) -> None:
    """In production every command of the group refuses with 1, and nothing changes."""
    production = {
        "ROAMING_ENV": "production",
        "ROAMING_ISSUER": "https://idp.example",
        "ROAMING_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    }
    result = idp_command(*arguments, text=json.dumps(PARTNER), **production)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert result.output == "Error: idp dev works only with ROAMING_ENV=development\n"
    assert "rp-1" not in known(app)


def test_a_token_for_conformance_suites(idp_command: Idp, app: Flask) -> None:
    """It registers clients without a case; the command exists in development only."""
    result = idp_command("dev", "initial-token")
    assert result.exit_code == 0
    bearer = {"Authorization": f"Bearer {result.output.strip()}"}
    body = {"redirect_uris": ["https://suite.test/cb"]}
    for _ in range(2):
        answer = app.test_client().post("/oidc/register", json=body, headers=bearer)
        assert answer.status_code == 201
        assert answer.get_json()["client_id"] in known(app)
