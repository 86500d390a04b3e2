"""``idp clients``: initial tokens, new secrets, and the list."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from clients.lifecycle import CaseState
from tests.config.conftest import Idp
from tests.protocol.wire import token_error
from tests.rp import RelyingParty
from tests.spec.registration.partner import Partner, new_case
from tests.support.office import Desk


@pytest.mark.spec("RFC 7591", "3")
def test_initial_token(idp_command: Idp, app: Flask) -> None:
    """The token is the only thing on standard output, so that it can be piped; with it the partner registers."""
    case = new_case(app)
    result = idp_command("clients", "initial-token", str(case), "--environment", "production")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert f"ok: registers the production client of case {case} until 20" in result.stderr
    assert Partner(app).register(result.stdout.strip()).status_code == 201


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["999", "--environment", "test"], 1, "there is no case 999"),
        (["1", "--environment", "production"], 1, "case 1 has the production client dream-n"),
        (["1"], 2, "--environment"),
        (["1", "--environment", "staging"], 2, "--environment"),
        (["x", "--environment", "test"], 2, "x"),
        (["0", "--environment", "test"], 2, "0"),
    ],
)
def test_no_initial_token(idp_command: Idp, arguments: list[str], code: int, said: str) -> None:
    """A reason in one line, and nothing on standard output."""
    result = idp_command("clients", "initial-token", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_no_initial_token_for_a_case_under_review(idp_command: Idp, app: Flask) -> None:
    """The state is named."""
    case = new_case(app, CaseState.APPROVED)
    result = idp_command("clients", "initial-token", str(case), "--environment", "test")
    assert (result.exit_code, result.output) == (
        1,
        f"Error: case {case} is approved: no test client may be registered\n",
    )


@pytest.mark.parametrize(("hours", "old_counts"), [([], True), (["--overlap-hours", "0"], False)])
def test_rotate_secret(idp_command: Idp, dream_n: RelyingParty, hours: list[str], *, old_counts: bool) -> None:
    """The new secret is printed, once; the old one counts for the overlap."""
    result = idp_command("clients", "rotate-secret", "dream-n", *hours)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    old, new = dream_n.secret, result.stdout.strip()
    said = {}
    for secret in (old, new):
        dream_n.secret = secret
        said[secret] = token_error(dream_n.exchange("no-code", dream_n.request()))
    assert said == {old: "invalid_grant" if old_counts else "invalid_client", new: "invalid_grant"}
    assert new not in idp_command("clients", "list").output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody"], 1, "there is no client nobody"),
        (["dream-n", "--overlap-hours", "-1"], 2, "--overlap-hours"),
        (["dream-n", "--overlap-hours", "9999"], 2, "--overlap-hours"),
        ([], 2, "CLIENT_ID"),
    ],
)
def test_no_new_secret(idp_command: Idp, arguments: list[str], code: int, said: str) -> None:
    """A reason in one line."""
    result = idp_command("clients", "rotate-secret", *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_list(idp_command: Idp, desk: Desk) -> None:
    """Every client: what it is, of which case, how it authenticates, and whether it is open now."""
    desk.set_client("county-study", disabled_at=datetime.now(UTC))
    desk.set_case("material-hub", state="suspended")
    lines = {line.split()[0]: line for line in idp_command("clients", "list").stdout.splitlines()}
    assert len(lines) == 4
    assert "production  open  case 1 (live)  client_secret_basic  default  1 secrets  夢的N次方" in lines["dream-n"]
    assert "test  open" in lines["sped-learn"]
    assert "  disabled  " in lines["county-study"]
    assert "  closed  case 3 (suspended)  " in lines["material-hub"]
