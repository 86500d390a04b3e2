"""Settings: validated as a whole, every fault named at once, no value shown (ARCHITECTURE §9)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.environment import Environment
from config.settings import SettingsError, load_settings

pytestmark = pytest.mark.no_database
KEY = "k" * 40
PRODUCTION: dict[str, Any] = {
    "env": "production",
    "issuer": "https://idp.example",
    "database_url": "postgresql+psycopg://idp@db/idp",
    "secret_keys": KEY,
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine plays a part."""
    import os

    for name in list(os.environ):
        if name.startswith("ROAMING_") or name in {"HOST", "PORT", "DEMO_SITE_PORT", "VAR_DIR"}:
            monkeypatch.delenv(name)


def faults(**given: Any) -> list[str]:  # any setting
    """Return the faults of these settings."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**given)
    return caught.value.faults


def test_production_is_the_default_and_demands_everything() -> None:
    """Without any setting the process believes to be in production, and names all that is missing together."""
    text = "\n".join(faults())
    for name in ("ROAMING_ISSUER", "ROAMING_DATABASE_URL", "ROAMING_SECRET_KEYS"):
        assert name in text


def test_good_production_settings() -> None:
    """The strict demands can be met."""
    rules = load_settings(**PRODUCTION)
    assert rules.is_production
    assert rules.secure_cookies
    assert rules.root_keys == (KEY.encode(),)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"issuer": "http://idp.example"}, "ROAMING_ISSUER: production needs https"),
        ({"database_url": "sqlite:////tmp/x"}, "ROAMING_DATABASE_URL: production needs PostgreSQL"),
        ({"secret_keys": ""}, "ROAMING_SECRET_KEYS: production needs at least one key"),
        ({"secret_keys": f"{KEY},short"}, "ROAMING_SECRET_KEYS: every key needs at least 32 characters"),
        ({"login_throttle": False}, "ROAMING_LOGIN_THROTTLE: only development"),
        ({"issuer": "https://idp.example/"}, "ROAMING_ISSUER: scheme, host and port only"),
        ({"issuer": "https://idp.example?x=1"}, "ROAMING_ISSUER: scheme, host and port only"),
        ({"issuer": "https://user@idp.example"}, "ROAMING_ISSUER"),
        ({"issuer": "https://idp.example:port"}, "ROAMING_ISSUER"),
        ({"issuer": "https://[::1"}, "ROAMING_ISSUER"),
        ({"issuer": "ftp://idp.example"}, "ROAMING_ISSUER"),
        ({"database_url": "mysql://x"}, "ROAMING_DATABASE_URL"),
        ({"code_ttl": 61}, "ROAMING_CODE_TTL"),
        ({"access_token_ttl": 601}, "ROAMING_ACCESS_TOKEN_TTL"),
        ({"login_failures": 6}, "ROAMING_LOGIN_FAILURES"),
        ({"login_lockout": 899}, "ROAMING_LOGIN_LOCKOUT"),
        ({"art5_amendment_effective_date": "31.7."}, "ROAMING_ART5_AMENDMENT_EFFECTIVE_DATE"),
        ({"env": "test"}, "ROAMING_ENV"),
        ({"PORT": "70000"}, "PORT"),
    ],
)
def test_one_fault(change: dict[str, Any], name: str) -> None:
    """Each wrong setting is named by its variable, and only that one."""
    found = faults(**(PRODUCTION | change))
    assert len(found) == 1
    assert found[0].startswith(name)


def test_all_faults_at_once() -> None:
    """Every wrong setting is named in one go, whatever kind of check finds it."""
    found = faults(
        env="production", issuer="http://idp.example", database_url="x", secret_keys="short", PORT="0", code_ttl=1
    )
    names = ("ROAMING_ISSUER", "ROAMING_DATABASE_URL", "ROAMING_SECRET_KEYS", "PORT", "ROAMING_CODE_TTL")
    assert [name for name in names if not any(fault.startswith(name) for fault in found)] == []


def test_no_fault_shows_a_value() -> None:
    """Faults name the setting, never what was given: it may be a secret."""
    given = PRODUCTION | {"secret_keys": "very-secret-text", "database_url": "mysql://user:hidden@db/x"}
    text = "\n".join(faults(**given))
    assert "very-secret" not in text
    assert "hidden" not in text


def test_secrets_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """…_FILE: the content counts, without the line end."""
    (tmp_path / "keys").write_text(f"{KEY}\n", encoding="utf-8")
    (tmp_path / "url").write_text("postgresql+psycopg://idp@db/other\n", encoding="utf-8")
    monkeypatch.setenv("ROAMING_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("ROAMING_DATABASE_URL_FILE", str(tmp_path / "url"))
    rules = load_settings(env="production", issuer="https://idp.example")
    assert rules.root_keys == (KEY.encode(),)
    assert rules.database_url == "postgresql+psycopg://idp@db/other"


def test_files_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both missing files are named, and what else is wrong."""
    monkeypatch.setenv("ROAMING_SECRET_KEYS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("ROAMING_DATABASE_URL_FILE", str(tmp_path / "none either"))
    text = "\n".join(faults(env="production", issuer="http://idp.example"))
    names = ("ROAMING_SECRET_KEYS_FILE", "ROAMING_DATABASE_URL_FILE", "ROAMING_ISSUER")
    assert [name for name in names if name not in text] == []


def test_a_file_that_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of random bytes is a fault with a name, not a traceback."""
    (tmp_path / "keys").write_bytes(bytes(range(128, 192)))
    monkeypatch.setenv("ROAMING_SECRET_KEYS_FILE", str(tmp_path / "keys"))
    assert "ROAMING_SECRET_KEYS_FILE" in "\n".join(faults(**{**PRODUCTION, "secret_keys": ""}))


def test_variables_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """ROAMING_… variables are read; the four shared names have no prefix; lists of keys are split."""
    other = "o" * 40
    variables = {
        "ROAMING_ENV": "production",
        "ROAMING_ISSUER": "https://idp.example:8443",
        "ROAMING_DATABASE_URL": "postgresql+psycopg://idp@db/idp",
        "ROAMING_SECRET_KEYS": f" {KEY} , {other},",
        "ROAMING_ART5_AMENDMENT_EFFECTIVE_DATE": "2030-08-01",
        "ROAMING_REQUIRES_CONFIRMED_SERVICE": "false",
        "ROAMING_LOCKED_ALLOWS_PASSWORD_CHANGE": "false",
        "PORT": "8100",
        "VAR_DIR": "/srv/idp",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    rules = load_settings()
    assert rules.root_keys == (KEY.encode(), other.encode())
    assert rules.art5_in_force(date(2030, 8, 1))
    assert not rules.art5_in_force(date(2030, 7, 31))
    assert not rules.requires_confirmed_service
    assert not rules.locked_allows_password_change
    assert (rules.port, rules.var_dir) == (8100, Path("/srv/idp"))


def test_development_needs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Development makes its own key, once, readable for its owner only, and follows HOST, PORT and VAR_DIR."""
    monkeypatch.setenv("ROAMING_ENV", "development")
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    rules = load_settings()
    assert rules.env is Environment.DEVELOPMENT
    assert rules.issuer == "http://127.0.0.1:8123"
    assert not rules.secure_cookies
    assert rules.root_keys == load_settings().root_keys
    assert len(rules.root_keys[0]) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_development_may_switch_the_throttle_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """CONTRACT §3: ROAMING_LOGIN_THROTTLE=off, in development and only there."""
    monkeypatch.setenv("ROAMING_LOGIN_THROTTLE", "off")
    assert not load_settings(env="development").login_throttle
    assert faults(**PRODUCTION)[0].startswith("ROAMING_LOGIN_THROTTLE")


def test_settings_are_frozen() -> None:
    """Nobody changes a setting while the process runs."""
    rules = load_settings(**PRODUCTION)
    with pytest.raises(ValueError, match="frozen"):
        rules.__setattr__("code_ttl", 10)  # what an assignment does; the type checker forbids writing one
