"""The forms of the demo partners, as they were sent; and who acts for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from clients.form import agreements
from clients.form.fields import AGREEMENTS, purpose_of, tick_of
from clients.lifecycle import CooperationItem
from clients.models import Case
from clients.procedure.facts import form_hash
from clients.procedure.members import join
from clients.procedure.models import CaseSubmission
from clients.procedure.transitions import Party
from config.database import db
from idp.accounts.models import Account
from scopes.items import DataItem
from scopes.roc import roc_slash

OFFICER = ("unit_head_name", "unit_head_phone", "unit_head_email", "officer_name", "officer_phone", "officer_email")


def answers_of(case: Case, cooperation: Sequence[CooperationItem]) -> dict[str, str]:
    """Return the form that says what the case says."""
    answers = {
        "applicant_unit": case.applicant_unit,
        "operating_unit_name": case.operating_unit,
        **{f"coop_{item}": "yes" for item in cooperation},
        **dict(zip(OFFICER, ("示範主任", "07-7172930 轉 1000", "head@unit.example"), strict=False)),
        **dict(zip(OFFICER[3:], ("示範承辦", "07-7172930 轉 1001", "officer@unit.example"), strict=True)),
        "site_name": case.site_name,
        "site_url": case.site_url,
        "has_test_url": "yes" if case.test_url else "none",
        "test_url": case.test_url or "",
        "audience": case.audience or "在職教師",
        "member_count": str(case.member_count or 0),
        "site_purpose": case.site_purpose,
        "maintenance": "in_house",
        "policy_url": f"{case.site_url}/privacy",
        "scan_target": case.scan_target or "",
        **dict.fromkeys(AGREEMENTS, "yes"),
    }
    for name, day in (("scan_date", case.scan_date), ("filled_on", case.filled_on)):
        answers[name] = roc_slash(day) if day else ""
    for row in case.data_items:
        answers |= {tick_of(DataItem(row.item)): "yes", purpose_of(DataItem(row.item)): row.purpose}
    return answers


def add_submission(case: Case, letter_id: int, now: datetime) -> None:
    """Keep the form as the submission that was approved."""
    submission = CaseSubmission(
        case_id=case.id,
        at=now,
        actor="system",
        answers=dict(case.answers),
        form_hash=form_hash(case.answers),
        agreements_version=agreements.VERSION,
        agreements_hash=agreements.wording_hash(),
        letter_id=letter_id,
    )
    db.session.add(submission)


def add_members(case: Case, people: Iterable[tuple[str, Party]], now: datetime) -> None:
    """Let accounts act for the partner."""
    for login_name, party in people:
        account_id = db.session.scalars(select(Account.id).where(Account.login_name == login_name)).one()
        join(case.id, account_id, party, now)
