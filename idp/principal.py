"""Who is signed in: loaded once per request and only if somebody asks, by one SELECT."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, g
from sqlalchemy import or_, select

from config.database import hot
from config.guard import Principal
from config.snapshot import READ_EPOCH, snapshots
from idp.accounts.models import Account, AccountType, BusinessDetail, BusinessState
from idp.browsers import browser_mark
from idp.sessions import TOUCH_SECONDS, BrowserSession, cookie_digest, is_alive, touch
from scopes.permissions import Role

_S, _A, _B = BrowserSession, Account, BusinessDetail
_QUERY = (
    select(
        _S.id,
        _S.seen_at,
        _S.expires_at,
        _A.id,
        _A.login_name,
        _A.name,
        _A.type,
        _B.role,
        _S.auth_time,
        _S.amr,
        _A.agreement_version,
        _A.must_change_password,
        READ_EPOCH.scalar_subquery(),
    )
    .join(_A, _A.id == _S.account_id)
    .outerjoin(_B, _B.account_id == _A.id)
    .where(_S.ended_at.is_(None), _A.closed_at.is_(None), or_(_B.state.is_(None), _B.state == BusinessState.ACTIVE))
)
"""A business account that is not active is nobody, whatever sessions it has (R-ACC-4, DOMAIN §1.3)."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What a person may have to do before anything else (see ``idp.pages.gates``)."""

    agreement_version: int
    must_change_password: bool


def duties() -> Duties:
    """Return the duties of the signed-in person."""
    find_principal()
    found: Duties = g.duties
    return found


def init_principal(app: Flask) -> None:
    """Give ``config.guard`` its two questions."""
    app.extensions |= {"find_principal": find_principal, "form_bindings": form_bindings}


def find_principal() -> Principal | None:
    """Return the signed-in person; her session's idle time starts anew, written at most once in five minutes."""
    if "principal" not in g:
        g.principal = _load()
    found: Principal | None = g.principal
    return found


def _load() -> Principal | None:
    digest, now = cookie_digest(), datetime.now(UTC)
    if digest is None:
        return None
    with hot() as connection:
        row = connection.execute(_QUERY.where(_S.digest == digest)).first()
        if row is None or not is_alive(seen_at=row[1], expires_at=row[2], now=now):
            return None
        if (now - row[1]).total_seconds() > TOUCH_SECONDS:
            touch(connection, row[0], now)
    snapshots().sync(row[12])  # what the pages show is no staler than a decision
    g.duties = Duties(agreement_version=row[10], must_change_password=row[11])
    role = Role.TEACHER if row[6] == AccountType.TEACHER else Role(row[7])
    return Principal(row[3], row[4], row[5], role, session_id=row[0], auth_time=row[8], amr=tuple(row[9]))


def form_bindings() -> tuple[str, ...]:
    """Return what form tokens may be bound to, the one for new forms first: the session while signed in, the browser.

    A form from before the log-in still counts after it: people log in in one tab while another shows the log-in page.
    """
    found, browser = find_principal(), f"browser:{browser_mark()}"
    return (f"session:{found.session_id}", browser) if found else (browser,)
