"""What the demo tells: ``demo.json`` for programs, a table for people, and the secrets kept between two starts."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from clients.lifecycle import ClientEnvironment
from config.settings import Settings
from idp.accounts.models import BusinessState
from idp.demo import people, sites
from idp.demo.loader import Secrets
from idp.demo.partners import SITES, Site
from idp.demo.staff import STAFF, Business
from scopes.items import scope_string

ROAM = {"ok": "可漫遊 ok", "refused": "拒絕 refused", "test_only": "限測試站 test site only"}
SITE_HOST = "127.0.0.1"


def site_url(rules: Settings) -> str:
    """Return where the demo partner site is."""
    return f"http://{SITE_HOST}:{rules.demo_site_port}"


def keep(rules: Settings, made: Secrets) -> None:
    """Keep what was generated, for the next start."""
    _write(rules.var_dir / "demo-secrets.json", asdict(made))


def kept(rules: Settings) -> Secrets:
    """Return what an earlier load generated."""
    path = rules.var_dir / "demo-secrets.json"
    if not path.exists():
        raise SystemExit(f"{path} is missing: the data were not loaded by this demo. Start over with: make demo-reset")
    data = json.loads(path.read_text(encoding="utf-8"))
    return Secrets(data["passwords"], data["client_secrets"], data.get("totp_secrets", {}))


def write(rules: Settings, made: Secrets, pids: Mapping[str, int], mail: str) -> None:
    """Write ``demo.json``, mode 0600, in one step: whoever finds it finds it whole."""
    smtp = {"host": rules.smtp_host, "port": rules.smtp_port, "from": rules.mail_from}
    _write(rules.var_dir / "demo.json", facts(rules, made, pids) | {"mailbox": mail, "smtp": smtp})


def facts(rules: Settings, made: Secrets, pids: Mapping[str, int]) -> dict[str, Any]:
    """Return what programs may know of the demo."""
    return {
        "issuer": rules.issuer,
        "demo_site": site_url(rules),
        "pids": dict(pids),
        "teachers": [_teacher(teacher, made) for teacher in people.TEACHERS],
        "staff": [_staff(staff, made) for staff in STAFF if staff.state is BusinessState.ACTIVE],
        "clients": [_client(site, rules, made) for site in SITES],
    }


def _write(path: Path, data: Mapping[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
    new.replace(path)


def _teacher(teacher: people.Teacher, made: Secrets) -> dict[str, Any]:
    return {
        "key": teacher.key,
        "account": teacher.account,
        "password": made.passwords[teacher.account],
        "name": teacher.name,
        "roam": teacher.roam,
        "reason": teacher.reason,
    }


def _staff(staff: Business, made: Secrets) -> dict[str, Any]:
    return {
        "account": staff.account,
        "password": made.passwords[staff.account],
        "role": staff.role,
        "totp_secret": made.totp_secrets.get(staff.account),
    }


def _client(site: Site, rules: Settings, made: Secrets) -> dict[str, Any]:
    waived: date | None = None
    return {
        "client_id": site.client_id,
        "client_secret": made.client_secrets[site.client_id],
        "redirect_uris": [sites.callback(site, site_url(rules))],
        "scopes": scope_string(site.items).split(),
        "token_endpoint_auth_method": site.auth_method,
        "pkce_waived_until": waived,
        "environment": ClientEnvironment(site.environment),
    }


def text(rules: Settings, made: Secrets, mail: str) -> str:
    """Return the table of people to try, and where to click."""
    lines = [
        "",
        f"  示範合作網站 demo partner site   {site_url(rules)}    ← 從這裡開始 start here",
        f"  身分提供者   identity provider   {rules.issuer}",
        f"  示範信箱     demo mailbox        {mail}",
        "",
        _row("", "帳號 account", "密碼 password", "姓名", "結果 result"),
    ]
    lines += [
        _row(teacher.key, teacher.account, made.passwords[teacher.account], teacher.name, _result(teacher))
        for teacher in people.TEACHERS
    ]
    lines.append("")
    lines += [
        _row("", staff.account, made.passwords[staff.account], "", f"業務帳號 {staff.role}, {staff.state}")
        for staff in STAFF
    ]
    lines += ["", "  驗證碼金鑰 one-time codes (add to an authenticator app):"]
    lines += [_row("", account, secret, "", "") for account, secret in made.totp_secrets.items()]
    lines += ["", "  Ctrl-C 結束 stops the demo; make demo-reset 重新載入 starts over.", ""]
    return "\n".join(lines)


def _result(teacher: people.Teacher) -> str:
    return ROAM[teacher.roam] + (f" ({teacher.reason})" if teacher.reason else "")


def _row(*cells: str) -> str:
    widths = (5, 14, 19, 14, 0)
    return "  " + "".join(_pad(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _pad(cell: str, width: int) -> str:
    shown = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in cell)
    return cell + " " * max(width - shown, 0)
