"""Settings: one frozen object, validated as a whole at boot, so that a failed boot names every wrong setting.

Variables carry the prefix ``ROAMING_``; secrets may be given as ``…_FILE``. Names that other tools share
(``HOST``, ``PORT``, ``DEMO_…_PORT``, ``VAR_DIR``) have no prefix. Every D-nn with a value is a setting here.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator

from config import client_certificates
from config.duty_settings import DutySettings
from config.environment import Environment, in_production
from config.targets import targets

_KEY_LENGTH = 32  # characters; of base64 that is 192 bits
_FILE_VARIABLES = ("secret_keys", "database_url", "mtls_proxy_secret", "smtp_password")


class SettingsError(Exception):
    """One line per wrong setting, ready to be printed."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(DutySettings):
    """All settings. Durations are seconds unless the name says otherwise."""

    access_token_ttl: int = Field(600, ge=60, le=600)
    art5_amendment_effective_date: date | None = None  # D-01: empty = in force
    code_ttl: int = Field(60, ge=10, le=60)
    consent_valid_months: int = Field(12, ge=1, le=60)  # D-52
    database_url: str = ""
    demo_mail_port: int = Field(8002, alias="DEMO_MAIL_PORT", ge=1, le=65535)
    demo_site_port: int = Field(8001, alias="DEMO_SITE_PORT", ge=1, le=65535)
    host: str = Field("127.0.0.1", alias="HOST")
    id_token_ttl: int = Field(600, ge=60, le=600)  # D-27 (b)
    interaction_ttl: int = Field(3600, ge=300, le=86400)
    issuer: str = ""
    key_publish_lead: int = Field(86400, ge=3600)
    locked_allows_password_change: bool = True  # D-11
    login_failures: int = Field(5, ge=1, le=5)
    login_failures_per_address: int = Field(100, ge=10)
    login_lockout: int = Field(900, ge=900)
    login_throttle: bool = True
    mtls_base_url: str | None = None
    mtls_ca_file: Path | None = None
    mtls_proxy_header: Literal["Client-Cert", "X-SSL-Client-Cert"] = "Client-Cert"
    mtls_proxy_secret: SecretStr | None = None
    outbound_allow: str = ""  # host:port,… that may be called although not public or not https; development only
    outbound_ca: Path | None = None  # certificates of more authorities for calls to partners; development only
    port: int = Field(8000, alias="PORT", ge=1, le=65535)
    requires_confirmed_service: bool = Field(default=True, alias="ROAMING_REQUIRES_CONFIRMED_SERVICE")  # D-17
    secret_keys: SecretStr = SecretStr("")
    session_idle: int = Field(1800, ge=1200)  # D-73; longer than an access token lives
    reset_link_ttl: int = Field(1800, ge=300, le=86400)
    recent_login: int = Field(600, ge=60, le=3600)  # how old a log-in may be that changes passwords and factors
    session_lifetime: int = Field(28800, ge=600)
    technical_log_days: int = Field(400, ge=184, le=3660)  # D-73; at least six months (§7.4)
    trusted_proxies: int = Field(0, ge=0, le=5)
    var_dir: Path = Field(Path("var"), alias="VAR_DIR")

    @field_validator("issuer")
    @classmethod
    def _issuer(cls, issuer: str, info: ValidationInfo) -> str:
        """OIDC Discovery §3: an https URL without query or fragment; http only on development machines."""
        if _origin(issuer) is None:
            raise ValueError("an absolute URL such as https://idp.example is needed")
        if issuer != _origin(issuer):
            raise ValueError("scheme, host and port only; no user, path, query, fragment or trailing slash")
        if in_production(info) and not issuer.startswith("https://"):
            raise ValueError("production needs https")
        return issuer

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str, info: ValidationInfo) -> str:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("sqlite:///… or postgresql+psycopg://… is needed")
        if in_production(info) and url.startswith("sqlite"):
            raise ValueError("production needs PostgreSQL")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _keys(cls, given: SecretStr, info: ValidationInfo) -> SecretStr:
        keys = _split(given)
        if in_production(info) and not keys:
            raise ValueError("production needs at least one key of 32 characters or more")
        if any(len(key) < _KEY_LENGTH for key in keys):
            raise ValueError("every key needs at least 32 characters of random text")
        return given

    @field_validator("login_throttle")
    @classmethod
    def _throttle(cls, on: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  # pydantic's signature
        if in_production(info) and not on:
            raise ValueError("only development may switch log-in throttling off")
        return on

    @field_validator("outbound_allow", "outbound_ca")
    @classmethod
    def _outbound(cls, given: str | Path | None, info: ValidationInfo) -> str | Path | None:
        if given and in_production(info):
            raise ValueError("only development may loosen the rules of outbound calls")
        if isinstance(given, str):
            targets(given)
        elif given is not None and not given.is_file():
            raise ValueError("no such file")
        return given

    @field_validator("mtls_base_url", "mtls_ca_file", "mtls_proxy_secret")
    @classmethod
    def _mtls(cls, given: client_certificates.Given) -> client_certificates.Given:
        if fault := client_certificates.fault(given):
            raise ValueError(fault)
        return given

    @property
    def is_production(self) -> bool:
        """Whether the strict demands of production hold."""
        return self.env is Environment.PRODUCTION

    @cached_property
    def root_keys(self) -> tuple[bytes, ...]:
        """The root secrets, newest first; development makes one for itself and keeps it in ``VAR_DIR``."""
        if keys := _split(self.secret_keys):
            return tuple(key.encode() for key in keys)
        return (_development_key(self.var_dir / "secret.key"),)

    @property
    def secure_cookies(self) -> bool:
        """Cookies are ``Secure`` and ``__Host-`` exactly when the issuer is https."""
        return self.issuer.startswith("https://")

    def art5_in_force(self, day: date) -> bool:
        """D-01: before the amendment's day nobody is locked under Art.5(2)."""
        return self.art5_amendment_effective_date is None or day >= self.art5_amendment_effective_date


def _origin(url: str) -> str | None:
    """Return scheme, host and port of an http(s) URL, or None when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _split(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]


def _development_key(path: Path) -> bytes:
    """Make the development secret once; O_EXCL lets one of several processes win."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip().encode()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip().encode()


def load_settings(**given: Any) -> Settings:  # noqa: ANN401  # values of any setting
    """Read the environment, let ``given`` prevail; raise `SettingsError` that names every fault."""
    from_files, unreadable = _files(os.environ)
    given = from_files | given
    if given.get("env", os.environ.get("ROAMING_ENV")) == Environment.DEVELOPMENT:
        given = _development_defaults(os.environ) | given
    faults = list(unreadable.values())
    try:
        found = Settings(**given)
    except ValidationError as error:
        faults += [line for name, line in _faults(error) if name not in unreadable]
    if faults:
        raise SettingsError(faults)
    return found


def _files(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Read the settings that are given as files: (setting → value, setting → fault)."""
    values, unreadable = {}, {}
    for name in _FILE_VARIABLES:
        variable = f"ROAMING_{name.upper()}_FILE"
        if not (file := environ.get(variable)):
            continue
        try:
            values[name] = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            unreadable[name] = f"{variable}: {error.strerror}: {file}"
        except UnicodeDecodeError:
            unreadable[name] = f"{variable}: not text in UTF-8: {file}"
    return values, unreadable


def _development_defaults(environ: Mapping[str, str]) -> dict[str, Any]:
    """Development needs no settings: issuer and SQLite file follow HOST, PORT and VAR_DIR unless they are given."""
    host, port = environ.get("HOST", "127.0.0.1"), environ.get("PORT", "8000")
    reached = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # only compared
    var_dir = Path(environ.get("VAR_DIR", "var")).resolve()
    defaults = {
        "issuer": f"http://{reached}:{port}",
        "database_url": f"sqlite:///{var_dir / 'roaming.sqlite'}",
    }
    return {name: value for name, value in defaults.items() if f"ROAMING_{name.upper()}" not in environ}


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield (setting, line) per fault, without the values (they may be secrets)."""
    for fault in error.errors(include_input=False, include_url=False):
        name = str(fault["loc"][0])
        variable = name if name.isupper() else "ROAMING_" + name.upper().removeprefix("ROAMING_")
        yield name, f"{variable}: {fault['msg'].removeprefix('Value error, ')}"


def settings() -> Settings:
    """Return the settings of the running application."""
    found: Settings = current_app.extensions["settings"]
    return found
