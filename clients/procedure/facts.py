"""Gather what the guards judge; in the caller's transaction."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from clients.form.fields import FIELDS
from clients.form.values import Answers, text
from clients.lifecycle import CaseState, CooperationItem
from clients.models import Case, Letter
from clients.procedure.guards import MANDATORY_TESTS, Amended, Facts, Submitted
from clients.procedure.models import CaseAttachment, CaseSubmission, JointTest
from clients.procedure.transitions import FINAL
from config.database import db
from scopes.items import DataItem
from scopes.roc import taipei_day


def form_hash(answers: Answers) -> str:
    """Return the SHA-256 of a form's content in hexadecimal: the version that paper and record are compared by."""
    content = [[field.id, text(answers, field.id)] for field in FIELDS]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def facts_of(case: Case, now: datetime) -> Facts:
    """Return what there is to know of a case at an instant."""
    approved = {DataItem(row.item): row for row in case.data_items if row.approved_at is not None}
    dropped = frozenset(item for item, row in approved.items() if row.dropped_at is not None)
    return Facts(
        today=taipei_day(now),
        answers=case.answers,
        form_hash=form_hash(case.answers),
        name_taken=_name_taken(case),
        attachments=attachments_of(case.id),
        items=frozenset(DataItem(row.item) for row in case.data_items),
        cooperation=frozenset(CooperationItem(row.item) for row in case.items),
        dropped=dropped,
        approved=frozenset(approved) - dropped,
        submitted=_submitted(case.id),
        letter_wanted=case.letter_wanted,
        tests=tests_of(case.id),
        amends=_amended(case.amends_id),
    )


def _amended(case_id: int | None) -> Amended | None:
    base = db.session.get(Case, case_id) if case_id is not None else None
    if base is None:
        return None
    return Amended(CaseState(base.state) in FINAL, site_of(base))


def site_of(case: Case) -> dict[str, str]:
    """Return by which fields a supplement names the site that it is for."""
    return {"site_name": case.site_name, "site_url": case.site_url, "operating_unit_name": case.operating_unit}


def _name_taken(case: Case) -> bool:
    """Whether another case that is not over has the site's name, but for a case and the supplements that amend it."""
    name, own = text(case.answers, "site_name"), [one for one in (case.id, case.amends_id) if one is not None]
    same = select(Case.id).where(
        *(func.lower(Case.site_name) == name.lower(), Case.state.not_in(FINAL), Case.id.not_in(own)),
        or_(Case.amends_id.is_(None), and_(Case.amends_id.not_in(own), Case.state != CaseState.APPROVED)),
    )
    return bool(name) and db.session.scalar(same.limit(1)) is not None


def attachments_of(case_id: int) -> Mapping[str, datetime]:
    """Return by kind when the newest file was added."""
    newest = select(CaseAttachment.kind, func.max(CaseAttachment.added_at).label("newest")).where(
        CaseAttachment.case_id == case_id
    )
    rows = db.session.execute(newest.group_by(CaseAttachment.kind))
    return {row.kind: row.newest for row in rows}


def results_of(case_id: int) -> dict[str, list[JointTest]]:
    """Return the results by test case, the newest first, in the caller's transaction."""
    found: dict[str, list[JointTest]] = {name: [] for name in MANDATORY_TESTS}
    for row in db.session.scalars(select(JointTest).where(JointTest.case_id == case_id).order_by(JointTest.id.desc())):
        found.setdefault(row.test, []).append(row)
    return found


def tests_of(case_id: int) -> dict[str, bool]:
    """Return by test case whether its newest result is a pass."""
    return {name: rows[0].passed for name, rows in results_of(case_id).items() if rows}


def _submitted(case_id: int) -> Submitted | None:
    query = (
        select(CaseSubmission.at, CaseSubmission.form_hash, Letter.letter_date)
        .join(Letter, Letter.id == CaseSubmission.letter_id)
        .where(CaseSubmission.case_id == case_id)
        .order_by(CaseSubmission.id.desc())
    )
    row = db.session.execute(query.limit(1)).one_or_none()
    return Submitted(row.at, row.form_hash, row.letter_date) if row else None
