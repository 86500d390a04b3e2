"""Finding accounts for staff: by account name, by name, by address; one page at a time, without counting them all."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from config.database import db
from idp.accounts.models import Account, AccountType, BusinessDetail

PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """An account in a list; ``state`` is the service state told last, or the state of a business account."""

    id: int
    login_name: str
    name: str
    type: AccountType
    state: str | None
    reason: str | None
    is_closed: bool


def search(text: str, after: int = 0) -> list[Found]:
    """Return accounts whose name or account name contains the text, or whose address it is, by id beyond ``after``."""
    sought = text.strip()
    query = (
        select(
            *(Account.id, Account.login_name, Account.name, Account.type, Account.service_state),
            *(Account.service_reason, Account.closed_at, BusinessDetail.state),
        )
        .outerjoin(BusinessDetail, BusinessDetail.account_id == Account.id)
        .where(Account.id > after)
    )
    if sought:
        part = f"%{_escaped(sought)}%"
        query = query.where(
            or_(
                Account.login_name.like(_escaped(sought.lower()) + "%", escape="\\"),
                Account.name.like(part, escape="\\"),
                Account.email == sought,
            )
        )
    with db.session.begin():
        rows = db.session.execute(query.order_by(Account.id).limit(PAGE)).all()
    return [
        Found(row[0], row[1], row[2], AccountType(row[3]), row[4] or row[7], row[5], row[6] is not None) for row in rows
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
