"""Load the demo data once, into an empty database."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from clients import registry
from config.audit import record
from config.database import db
from config.snapshot import bump, snapshots
from consent import ledger
from idp.accounts import totp
from idp.accounts.accounts import NewAccount, open_account
from idp.accounts.effects import by_calendar, settle
from idp.accounts.models import Account, AccountType, BusinessDetail, BusinessState, School, ServiceAssignment, Title
from idp.demo import people, sites
from idp.demo.partners import SITES
from idp.demo.staff import STAFF, Business
from idp.demo.studies import add_records
from idp.offers import offers_of
from scopes.permissions import SECOND_FACTOR_ROLES
from scopes.roc import taipei_day


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was generated and is stored nowhere else: passwords and one-time secrets by account, secrets by client_id."""

    passwords: dict[str, str]
    client_secrets: dict[str, str]
    totp_secrets: dict[str, str]


def is_loaded() -> bool:
    """Whether the database has accounts."""
    with db.session.begin():
        return db.session.scalar(select(Account.id).limit(1)) is not None


def load(now: datetime, dream_n_site: str) -> Secrets:
    """Load everything in one transaction, and then T02's consent to dream-n."""
    made = Secrets({}, {}, {})
    with db.session.begin():
        _add_codes(taipei_day(now))
        for teacher in people.TEACHERS:
            _add_teacher(teacher, made, now)
        _add_staff(made, now)
        for site in SITES:
            made.client_secrets[site.client_id] = sites.add(site, dream_n_site, now)
        sites.add_returned_case(now)
        record("demo.loaded", actor="system")
        bump()
    snapshots().refresh()
    _settle(now)
    _add_consent("lin0202", "dream-n", now)
    return made


def _add_codes(loaded_on: date) -> None:
    for code, name, county, kind in people.SCHOOLS:
        closed = people.CLOSED_SCHOOLS.get(code)
        closed_on = None if closed is None else people.resolve(closed, loaded_on)
        db.session.add(School(code=code, name=name, county=county, kind=kind, closed_on=closed_on))
    for code, name, name_en, counts in people.TITLES:
        db.session.add(Title(code=code, name=name, name_en=name_en, counts_as_in_service=counts))
    db.session.flush()


def _open(login_name: str, name: str, kind: AccountType, made: Secrets, now: datetime, *, is_test: bool) -> Account:
    password = made.passwords[login_name] = secrets.token_urlsafe(12)
    new = NewAccount(
        login_name=login_name,
        name=name,
        password=password,
        type=kind,
        agreement_accepted=True,
        is_test_account=is_test,
        email=f"{login_name}@mail.example",
    )
    account = open_account(new, actor="system", now=now)
    account.email_verified_at = now
    return account


def _add_teacher(teacher: people.Teacher, made: Secrets, now: datetime) -> None:
    account = _open(teacher.account, teacher.name, AccountType.TEACHER, made, now, is_test=teacher.is_test)
    day = taipei_day(now)
    add_records(account.id, day)
    for service in teacher.services:
        db.session.add(
            ServiceAssignment(
                account_id=account.id,
                school_code=service.school,
                title_code=service.title,
                kind=service.kind,
                start_date=people.resolve(service.start, day),
                end_date=None if service.end is None else people.resolve(service.end, day),
                end_reason=service.reason,
                suspended_from=None if service.suspended_from is None else people.resolve(service.suspended_from, day),
                confirmed_at=now if service.confirmed else None,
                confirmed_by="system" if service.confirmed else None,
                source=service.source,
                note=service.note,
            )
        )


def _add_staff(made: Secrets, now: datetime) -> None:
    ids: dict[str, int] = {}
    for staff in STAFF:
        account = _open(staff.account, staff.unit, AccountType.BUSINESS, made, now, is_test=False)
        ids[staff.account] = account.id
        db.session.add(
            BusinessDetail(
                account_id=account.id,
                kind=staff.kind,
                unit=staff.unit,
                role=staff.role,
                school_code=staff.school,
                county=staff.county,
                counties=list(staff.counties),
                regional_centre_id=ids.get(staff.centre or ""),
                state=staff.state,
                fax_received_on=_fax_day(staff, taipei_day(now)),
            )
        )
        db.session.flush()
        if staff.state is BusinessState.ACTIVE and staff.role in SECOND_FACTOR_ROLES:
            made.totp_secrets[staff.account] = totp.new_secret()
            totp.store(account.id, made.totp_secrets[staff.account], step=0, now=now)


def _fax_day(staff: Business, day: date) -> date | None:
    """Whoever got past ``pending_fax`` under a regional centre has sent the fax."""
    is_waiting = staff.state is BusinessState.PENDING_FAX or staff.centre is None
    return None if is_waiting else day - timedelta(days=5)


def _settle(now: datetime) -> None:
    """Note everybody's state of today, so that only changes from now on are told."""
    with db.session.begin():
        for account_id in db.session.scalars(select(Account.id).where(Account.type == AccountType.TEACHER)).all():
            settle(account_id, by_calendar(now))


def _add_consent(login_name: str, client_id: str, now: datetime) -> None:
    """Store a teacher's consent to everything that a partner was approved for."""
    client = registry.everyone()[client_id]
    with db.session.begin():
        account_id = db.session.execute(select(Account.id).where(Account.login_name == login_name)).scalar_one()
    offer = offers_of(account_id, now)[0]
    shown = {item: client.purposes[item].version for item in client.approved}
    answer = ledger.Answer(shown, client.approved, None, offer.values)
    ledger.record_decision(account_id, client, answer, now=now)
