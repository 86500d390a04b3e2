"""Correction requests: a teacher, locked or not, asks her school to put her service data right (D-11, D-31).

She changes nothing herself; the school, its authority or the national centre answers.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from config.audit import record
from config.database import db, locking
from idp.accounts.areas import Area, maintained
from idp.accounts.messages import leave
from idp.accounts.models import Account, CorrectionOutcome, CorrectionRequest, School, ServiceAssignment

OPEN_MAX = 5
"""Open requests of one teacher: enough for every school of hers, too few to bury an office."""
WISH_MAX, ANSWER_MAX, PAGE = 1000, 500, 50
MESSAGE = "MSG-CORRECTION-ANSWER"
_R = CorrectionRequest


class RequestRefused(Exception):
    """The request or the answer is against the rules; the text says which."""


class TooManyOpen(RequestRefused):
    """She has `OPEN_MAX` open requests."""


class AnsweredAlready(RequestRefused):
    """Somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What she asks for: about one of her assignments or none, of which school."""

    assignment_id: int | None
    school_code: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the office sees it."""

    request: CorrectionRequest
    login_name: str
    name: str


def ask(account_id: int, wish: Wish, *, now: datetime) -> int:
    """File a request and return its number."""
    with db.session.begin():
        db.session.execute(locking(select(Account.id).where(Account.id == account_id)))
        _check(account_id, wish)
        row = CorrectionRequest(
            account_id=account_id,
            assignment_id=wish.assignment_id,
            school_code=wish.school_code,
            wish=wish.text,
            created_at=now,
        )
        db.session.add(row)
        db.session.flush()
        _log("asked", row, f"account:{account_id}")
    return row.id


def _check(account_id: int, wish: Wish) -> None:
    """Her own assignments only, a known school, a wish, not too many."""
    if not 0 < len(wish.text.strip()) <= WISH_MAX:
        raise RequestRefused(f"a wish of at most {WISH_MAX} signs")
    if db.session.get(School, wish.school_code) is None:
        raise RequestRefused("no such school")
    if wish.assignment_id is not None:
        owner = select(ServiceAssignment.account_id).where(ServiceAssignment.id == wish.assignment_id)
        if db.session.scalar(owner) != account_id:
            raise RequestRefused("no such assignment of hers")
    is_open = select(func.count()).select_from(_R).where(_R.account_id == account_id, _R.decided_at.is_(None))
    if db.session.execute(is_open).scalar_one() >= OPEN_MAX:
        raise TooManyOpen(f"at most {OPEN_MAX} open requests")


def of_teacher(account_id: int, limit: int = 50) -> list[CorrectionRequest]:
    """Return her requests, the newest first."""
    with db.session.begin():
        return list(
            db.session.scalars(select(_R).where(_R.account_id == account_id).order_by(_R.id.desc()).limit(limit))
        )


def open_in(area: Area, below: int | None = None) -> tuple[list[Asked], int | None]:
    """Return the open requests to schools of an area, the newest first, and where the next page goes on."""
    query = select(_R, Account.login_name, Account.name).join(Account, Account.id == _R.account_id)
    query = query.where(_R.decided_at.is_(None), maintained(area, _R.school_code))
    if below is not None:
        query = query.where(_R.id < below)
    with db.session.begin():
        found = [Asked(*row) for row in db.session.execute(query.order_by(_R.id.desc()).limit(PAGE + 1))]
    return found[:PAGE], found[PAGE - 1].request.id if len(found) > PAGE else None


def find(request_id: int) -> Asked:
    """Return a request that is there."""
    query = select(_R, Account.login_name, Account.name).join(Account, Account.id == _R.account_id)
    with db.session.begin():
        return Asked(*db.session.execute(query.where(_R.id == request_id)).one())


def answer(request_id: int, outcome: CorrectionOutcome, text: str, *, account_id: int, now: datetime) -> None:
    """Answer a request, once; the teacher is told that there is an answer."""
    if not 0 < len(text.strip()) <= ANSWER_MAX:
        raise RequestRefused(f"an answer of at most {ANSWER_MAX} signs")
    with db.session.begin():
        row = db.session.execute(locking(select(_R).where(_R.id == request_id))).scalar_one()
        if row.decided_at is not None:
            raise AnsweredAlready("it was answered already")
        row.outcome, row.answer, row.decided_at, row.decided_by = outcome, text.strip(), now, account_id
        db.session.flush()
        actor = f"account:{account_id}"
        _log("answered", row, actor, outcome=outcome)
        leave(row.account_id, MESSAGE, {"request": row.id}, actor=actor, now=now, once_key=f"{MESSAGE}:{row.id}")


def _log(action: str, row: CorrectionRequest, actor: str, **more: str) -> None:
    """The wish and the answer are the person's words: the log names the request, not its text (DOMAIN §7.4)."""
    detail = {"request": row.id, "assignment": row.assignment_id, "school_code": row.school_code, **more}
    record(f"service.correction.{action}", actor=actor, subject=f"account:{row.account_id}", detail=detail)
