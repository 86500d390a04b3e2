"""The application for a business account (Art.3, Art.4, R-ACC-4): what is asked, what is wrong with it, what it makes.

Role and regional centre follow from kind and county (D-08, D-12), a school's name and county from the register. The
account cannot log in before its centre approved it; see ``approvals``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from config.database import db
from idp.accounts.accounts import AccountRefused, NewAccount, fold, is_well_formed, open_account
from idp.accounts.addresses import address_of
from idp.accounts.application import NAME_MAX, Fault, school_of
from idp.accounts.approvals import TRANSITIONS, Event, StepRefused, Why, locked, log_step
from idp.accounts.directory import Directory
from idp.accounts.models import Account, AccountType, BusinessDetail, BusinessKind, BusinessState, School
from idp.accounts.password_rules import PasswordFault, password_fault
from idp.accounts.regions import centre_of
from scopes.permissions import Role

UNIT_MAX = 100

ROLES: Mapping[BusinessKind, Role] = {
    BusinessKind.REGIONAL_CENTRE: Role.REGIONAL_APPROVER,
    BusinessKind.SCHOOL: Role.SCHOOL_STAFF,
    BusinessKind.LEGAL_PERSON: Role.ORGANISER,
    BusinessKind.SUBJECT_CENTRE: Role.ORGANISER,
    BusinessKind.OTHER: Role.AUTHORITY_STAFF,
}
"""The role that a kind asks for (D-12). The national centre's roles are never applied for."""


class UnitFault(Enum):
    """What is wrong with a field that a teacher's application does not have."""

    KIND = auto()
    UNIT = auto()
    COUNTY = auto()
    CONTACT = auto()
    EMAIL = auto()


Faults = Mapping[str, Fault | PasswordFault | UnitFault]


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as it was typed. ``school`` counts for schools only, ``unit`` and ``county`` for all others."""

    kind: str
    school: str
    unit: str
    county: str
    contact: str
    email: str
    username: str
    password: str
    repeated: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Register:
    """What an application is checked against."""

    directory: Directory
    counties_of_schools: Mapping[str, str]

    @property
    def counties(self) -> list[str]:
        """The counties that are offered."""
        return sorted(set(self.counties_of_schools.values()))


@dataclass(frozen=True, slots=True)
class Application:
    """What a faultless form says."""

    account: NewAccount
    email: str
    kind: BusinessKind
    unit: str
    county: str
    school_code: str | None


def register(known: Directory) -> Register:
    """Read the counties, which the snapshot of the school register leaves out."""
    with db.session.begin():
        return Register(known, dict(db.session.execute(select(School.code, School.county)).all()))


def read(entered: Entered, known: Register, day: date) -> Application | Faults:
    """Return the application, or what is wrong by field. Whether the account name is free is not looked at."""
    kind = BusinessKind(entered.kind) if entered.kind in list(BusinessKind) else None
    school = school_of(entered.school, known.directory, day) if kind is BusinessKind.SCHOOL else None
    checks: dict[str, Fault | PasswordFault | UnitFault | None] = {
        "kind": None if kind else UnitFault.KIND,
        **_unit_faults(entered, kind, school, known),
        **contact_faults(entered.contact, entered.email),
        "username": None if is_well_formed(fold(entered.username)) else Fault.ACCOUNT_FORM,
        "password": password_fault(entered.password, entered.username, (entered.contact, entered.email)),
        "repeated": None if entered.repeated == entered.password else Fault.PASSWORD_REPEATED,
        "agreed": None if entered.agreed else Fault.AGREEMENT,
    }
    faults = {name: fault for name, fault in checks.items() if fault is not None}
    if faults or kind is None:
        return faults
    account = NewAccount(
        *(entered.username, entered.contact.strip(), entered.password, AccountType.BUSINESS),
        agreement_accepted=entered.agreed,
    )
    unit, county = entered.unit.strip(), entered.county
    if school is not None:
        unit, county = known.directory.schools[school].name, known.counties_of_schools[school]
    return Application(account, address_of(entered.email) or "", kind, unit, county, school)


def _unit_faults(
    entered: Entered, kind: BusinessKind | None, school: str | None, known: Register
) -> dict[str, Fault | UnitFault | None]:
    """Judge what says which unit it is: a school is one of the register, everybody else names unit and county."""
    if kind is BusinessKind.SCHOOL:
        return {"school": None if school else Fault.SCHOOL}
    return {
        "unit": None if _is_line(entered.unit.strip(), UNIT_MAX) else UnitFault.UNIT,
        "county": None if entered.county in known.counties else UnitFault.COUNTY,
    }


def contact_faults(contact: str, email: str) -> dict[str, UnitFault | None]:
    """Judge the contact person and her mail address; whether the address works is found out by a mail, not here."""
    return {
        "contact": None if _is_line(contact.strip(), NAME_MAX) else UnitFault.CONTACT,
        "email": None if address_of(email) else UnitFault.EMAIL,
    }


def apply(application: Application, *, now: datetime) -> int | None:
    """Make the account in ``pending_fax`` (R-ACC-4).

    Return the account id, or None where the name is or once was somebody's (D-05).
    """
    try:
        with db.session.begin():
            account = open_account(application.account, actor="applicant", now=now)
            account.email = application.email
            db.session.add(_detail(account.id, application))
            state = TRANSITIONS[None, Event.APPLIED][0]
            log_step(Event.APPLIED, account.id, "applicant", {"new": state, "kind": application.kind})
    except (AccountRefused, IntegrityError):  # the second: somebody applied for the name at this very moment
        return None
    return account.id


def _detail(account_id: int, application: Application) -> BusinessDetail:
    kind, county = application.kind, application.county
    return BusinessDetail(
        account_id=account_id,
        kind=kind,
        unit=application.unit,
        role=ROLES[kind],
        school_code=application.school_code,
        county=county,
        counties=[county] if kind is BusinessKind.OTHER else [],  # an authority's area; a centre's is given to it
        regional_centre_id=None if kind is BusinessKind.REGIONAL_CENTRE else centre_of(county),
        state=TRANSITIONS[None, Event.APPLIED][0],
    )


def correct(account_id: int, contact: str, email: str, *, now: datetime) -> None:
    """After a return (D-07) the applicant corrects who is to be asked; kind, unit and name stay (R-ACC-2, D-04)."""
    if any(contact_faults(contact, email).values()):
        raise ValueError(contact)
    with db.session.begin():
        row = locked(account_id)
        old = BusinessState(row.state)
        if (old, Event.CORRECTED) not in TRANSITIONS or row.decision_reason is None:
            raise StepRefused(Why.STATE)
        account = db.session.get_one(Account, account_id, populate_existing=True)
        new = {"name": contact.strip(), "email": address_of(email) or ""}
        changed = [field for field, value in new.items() if getattr(account, field) != value]
        if "email" in changed:
            account.email_verified_at = None
        account.name, account.email, account.changed_at = new["name"], new["email"], now
        log_step(Event.CORRECTED, account_id, f"account:{account_id}", {"old": old, "new": old, "changed": changed})


def _is_line(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isprintable()
