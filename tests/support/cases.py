"""Takes a case through the real procedure, step by step, with the people of the demo."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from clients.lifecycle import CaseState
from clients.models import Case
from clients.procedure import drafts
from clients.procedure.attachment_kinds import AttachmentKind
from clients.procedure.guards import MANDATORY_TESTS
from clients.procedure.members import Actor, add_officer
from clients.procedure.steps import Outcome, settle_all, take
from clients.procedure.transitions import Party
from config.database import db
from config.uploads.kinds import File
from idp.accounts.models import Account
from scopes.roc import taipei_day
from tests.support.forms import filled
from tests.support.papers import pdf

APPLICANT, OFFICER, ADMIN, SECOND_ADMIN = "wsedu001", "sch994501", "natadm01", "natadm02"
PARTIES = {APPLICANT: Party.APPLICANT, OFFICER: Party.OFFICER, ADMIN: Party.ADMIN, SECOND_ADMIN: Party.ADMIN}
FILE = pdf()
LETTER = {"letter_no": "示範教字第1090000101號", "letter_date": "109/07/03", "sender": "示範國教署"}
ANSWER = {"letter_no": "臺教師(三)字第1090000202號", "letter_date": "109/07/24", "sender": "教育部"}
SHEET = {
    "metadata": {"redirect_uris": ["https://site.example/callback"]},
    "support_contact": "https://site.example/help",
}
ALL_MET = {
    "criteria": {name: {"is_met": True} for name in ("unit", "audience", "purpose", "attachments", "support", "roles")}
}
APPROVED = {
    "letter": ANSWER,
    "items": ["name", "school_code", "school_name", "user_id"],
    "cooperation": ["roaming", "reporting"],
    "seal_verified": True,
    "eligibility_checked": True,
}


@dataclass(frozen=True)
class Procedure:
    """The procedure of one application."""

    app: Flask

    def actor(self, account: str) -> Actor:
        """Return somebody of the demo in her capacity."""
        with self.app.app_context():
            found = db.session.scalars(select(Account).where(Account.login_name == account)).one()
            return Actor(found.id, found.name, PARTIES[account])

    def open(self) -> int:
        """Open a case with an applicant and an officer."""
        by = self.actor(APPLICANT)
        with self.app.app_context():
            case = drafts.open_case(by, datetime.now(UTC))
            assert add_officer(case, by, self.actor(OFFICER).account_id, datetime.now(UTC))
        return case

    def save(self, case: int, **answers: str) -> None:
        """Write into the form."""
        with self.app.app_context():
            drafts.save(case, self.actor(APPLICANT), answers)

    def attach(self, case: int, *kinds: str, by: str = APPLICANT) -> None:
        """Add files."""
        with self.app.app_context():
            for kind in kinds:
                now = datetime.now(UTC)
                drafts.attach(case, self.actor(by), AttachmentKind(kind), File(f"{kind}.pdf", FILE), now)

    def step(self, case: int, step: str, by: str, given: Mapping[str, Any] | None = None, **when: Any) -> Outcome:
        """Take a step, now or ``when``."""
        with self.app.app_context():
            return take(case, step, self.actor(by), given or {}, when.get("now", datetime.now(UTC)))

    def pass_tests(self, case: int, *left_out: str) -> None:
        """Note every mandatory test as passed."""
        with self.app.app_context():
            for test in set(MANDATORY_TESTS) - set(left_out):
                now = datetime.now(UTC)
                drafts.record_test(case, self.actor(ADMIN), test, passed=True, note="ok", now=now)

    def state(self, case: int) -> CaseState:
        """Return the state as it is stored."""
        with self.app.app_context(), db.session.begin():
            return CaseState(db.session.get_one(Case, case).state)

    def filled_in(self, **changes: str) -> int:
        """Return a case that may be submitted."""
        case = self.open()
        self.step(case, "X2", APPLICANT, ALL_MET)
        self.save(case, **(filled() | changes))
        self.attach(case, "scan_report", "seal_scan", "application_letter")
        return case

    def submitted(self, **changes: str) -> int:
        """Return a case that waits for the Ministry."""
        case = self.filled_in(**changes)
        self.step(case, "X3", APPLICANT, {"letter": LETTER})
        return case

    def approved(self, given: Mapping[str, Any] = APPROVED, **changes: str) -> int:
        """Return a case that the Ministry approved."""
        case = self.submitted(**changes)
        self.approve(case, given)
        return case

    def approve(self, case: int, given: Mapping[str, Any] = APPROVED) -> None:
        """Record the Ministry's letter, by two persons."""
        self.attach(case, "approval_letter", by=ADMIN)
        self.step(case, "X6", ADMIN, given)
        self.step(case, "X6", SECOND_ADMIN, given)

    def start_tests(self, case: int) -> None:
        """Hand over the documents and make the test client."""
        today = taipei_day(datetime.now(UTC)).isoformat()
        self.step(case, "X9", ADMIN, {"version": "1.0", "recipient": "陳承辦", "provided_on": today})
        self.step(case, "X10", ADMIN, SHEET)

    def sign(self, case: int) -> None:
        """Pass the tests and sign their record, by both sides."""
        self.pass_tests(case)
        self.step(case, "X11", ADMIN)
        self.step(case, "X11", OFFICER)

    def agree(self, case: int, days_ahead: int = 0) -> None:
        """Agree on a day to go live on, in so many days."""
        for by in (OFFICER, ADMIN, SECOND_ADMIN):
            self.step(case, "X13", by, go_live(days_ahead))

    def testing(self, given: Mapping[str, Any] = APPROVED, **changes: str) -> int:
        """Return a case with a test client."""
        case = self.approved(given, **changes)
        self.start_tests(case)
        return case

    def tested(self, given: Mapping[str, Any] = APPROVED, **changes: str) -> int:
        """Return a case whose tests both sides signed."""
        case = self.testing(given, **changes)
        self.sign(case)
        return case

    def agreed(self, days_ahead: int = 0, given: Mapping[str, Any] = APPROVED, **changes: str) -> int:
        """Return a case with a day to go live on, in so many days."""
        case = self.tested(given, **changes)
        self.agree(case, days_ahead)
        return case

    def live(self, given: Mapping[str, Any] = APPROVED, **changes: str) -> int:
        """Return a case that is live."""
        case = self.agreed(0, given, **changes)
        with self.app.app_context():
            assert settle_all(datetime.now(UTC)) >= 1
        return case


def go_live(days_ahead: int) -> dict[str, Any]:
    """Return the evidence of X13."""
    day = taipei_day(datetime.now(UTC)) + timedelta(days=days_ahead)
    days = {"roaming": day.isoformat(), "reporting": day.isoformat()}
    return {"days": days, "agreed_by": "會議紀錄", "metadata": SHEET["metadata"]}
