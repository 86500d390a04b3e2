"""The application for a teacher personal account (Art.4): what is asked, what is wrong with it, and what it makes.

The rules are pure; only `apply` writes, one transaction for account, acceptance of the agreement and stated service.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from sqlalchemy.exc import IntegrityError

from config.database import db
from idp.accounts import service
from idp.accounts.accounts import AccountRefused, NewAccount, fold, is_well_formed, open_account
from idp.accounts.addresses import address_of
from idp.accounts.directory import Directory
from idp.accounts.models import AccountType, AssignmentSource, ServiceAssignment
from idp.accounts.password_rules import PasswordFault, password_fault
from idp.accounts.service import Change
from idp.accounts.typed import find_school
from scopes.roc import parse_day
from scopes.service import AssignmentKind

NAME_MAX = 50


class Fault(Enum):
    """What is wrong with a field."""

    ACCOUNT_FORM = auto()
    ACCOUNT_TAKEN = auto()
    NAME = auto()
    EMAIL = auto()
    PASSWORD_REPEATED = auto()
    SCHOOL = auto()
    TITLE = auto()
    START = auto()
    START_FUTURE = auto()
    AGREEMENT = auto()


Faults = Mapping[str, Fault | PasswordFault]


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as it was typed."""

    username: str
    name: str
    email: str
    password: str
    repeated: str
    school: str
    title: str
    started: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Application:
    """What a faultless form says."""

    account: NewAccount
    school_code: str
    title_code: str
    start_date: date


def read(entered: Entered, known: Directory, day: date) -> Application | Faults:
    """Return the application, or what is wrong by field. Whether the account name is free is not looked at."""
    school, started = school_of(entered.school, known, day), _day(entered.started)
    checks: dict[str, Fault | PasswordFault | None] = {
        "username": None if is_well_formed(fold(entered.username)) else Fault.ACCOUNT_FORM,
        "name": None if _is_name(entered.name.strip()) else Fault.NAME,
        "email": None if address_of(entered.email) else Fault.EMAIL,
        "password": password_fault(entered.password, entered.username, (entered.name, entered.email)),
        "repeated": None if entered.repeated == entered.password else Fault.PASSWORD_REPEATED,
        "school": None if school else Fault.SCHOOL,
        "title": None if entered.title in known.titles else Fault.TITLE,
        "started": Fault.START if started is None else Fault.START_FUTURE if started > day else None,
        "agreed": None if entered.agreed else Fault.AGREEMENT,
    }
    faults = {name: fault for name, fault in checks.items() if fault is not None}
    if faults or school is None or started is None:
        return faults
    account = NewAccount(
        entered.username,
        entered.name.strip(),
        entered.password,
        AccountType.TEACHER,
        agreement_accepted=entered.agreed,
        email=address_of(entered.email),
    )
    return Application(account, school, entered.title, started)


def school_of(typed: str, known: Directory, day: date) -> str | None:
    """Return the code of an open school that was typed as code, as name, or as both, as the list offers it."""
    return find_school(typed, {code: school for code, school in known.schools.items() if school.is_open(day)})


def apply(application: Application, *, now: datetime) -> int | None:
    """Make the account and the service that she states of herself, which nobody has confirmed yet (R-ACC-3, D-17).

    Return the account id, or None where the name is or once was somebody's (D-05).
    """
    try:
        with db.session.begin():
            account = open_account(application.account, actor="applicant", now=now)
            stated = ServiceAssignment(
                account_id=account.id,
                school_code=application.school_code,
                title_code=application.title_code,
                kind=AssignmentKind.PRIMARY,
                start_date=application.start_date,
                source=AssignmentSource.SELF_DECLARED,
            )
            change = Change(f"account:{account.id}", now, "application")
            with service.opening(account.id, change):
                service.add(stated, change)
    except (AccountRefused, IntegrityError):  # the second: somebody applied for the name at this very moment
        return None
    return account.id


def _is_name(name: str) -> bool:
    return 0 < len(name) <= NAME_MAX and name.isprintable()


def _day(text: str) -> date | None:
    try:
        return parse_day(text)
    except ValueError:
        return None
