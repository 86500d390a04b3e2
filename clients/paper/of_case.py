"""The papers of a case, made of what is kept of it. Each reads in a transaction and is set after it, since that takes long."""

from datetime import date, datetime

from sqlalchemy import select

from clients.duties import confirmations, contacts
from clients.duties.confirmation_rules import reply_due
from clients.lifecycle import CooperationItem
from clients.models import Case, CaseEvent
from clients.paper.form import FormFacts, form_pdf
from clients.paper.letter import ConfirmationFacts, confirmation_pdf
from clients.paper.record import Result, Signature, record_pdf
from clients.procedure.agreeing import agreements_of, waiting
from clients.procedure.attachments import newest_files
from clients.procedure.facts import form_hash, results_of
from clients.procedure.names import COOPERATION, PARTIES
from clients.procedure.transitions import Party
from config.database import db
from config.settings import settings
from scopes.items import ORDER
from scopes.roc import taipei_day


def form_of(case_id: int, now: datetime) -> bytes:
    """Return the form as it stands, to be stamped."""
    with db.session.begin():
        answers = dict(db.session.get_one(Case, case_id).answers)
        files = {kind: row.name for kind, row in newest_files(case_id).items()}
    record_url = f"{settings().issuer}/cases/{case_id}/form"
    return form_pdf(answers, FormFacts(case_id, form_hash(answers), record_url, files, now))


def record_of(case_id: int, now: datetime) -> bytes:
    """Return the record of the joint tests, with who has signed."""
    with db.session.begin():
        site, signed = db.session.get_one(Case, case_id).site_name, _signatures(case_id)
        newest = {name: rows[0] if rows else None for name, rows in results_of(case_id).items()}
        results = [
            Result(name, row.passed if row else None, row.note if row else "", row.at if row else None)
            for name, row in newest.items()
        ]
    return record_pdf(case_id, site, results, signed, now)


def _signatures(case_id: int) -> list[Signature]:
    """Return who signed: those whose signing took effect, or who has signed so far."""
    proposal = waiting(case_id)
    if proposal is not None and proposal.transition == "X11":
        return [Signature(PARTIES[Party(one.party)].zh, one.name, one.at) for one in agreements_of(proposal.id)]
    of_case = (CaseEvent.case_id == case_id, CaseEvent.event == "tested")
    event = db.session.scalars(select(CaseEvent).where(*of_case).order_by(CaseEvent.id.desc()).limit(1)).one_or_none()
    return [
        Signature(PARTIES[Party(one["party"])].zh, one["name"], datetime.fromisoformat(one["at"]))
        for one in (event.evidence["agreed"] if event else ())
    ]


def letter_of(case_id: int, now: datetime) -> bytes | None:
    """Return the draft of the letter of confirmation; None for a case that has nothing to confirm."""
    with db.session.begin():
        facts = _to_confirm(db.session.get_one(Case, case_id), taipei_day(now))
    return None if facts is None else confirmation_pdf(facts, now)


def _to_confirm(case: Case, today: date) -> ConfirmationFacts | None:
    if confirmations.of_case(case, today) is None:
        return None
    person = contacts.current(case, today)
    held = {row.item for row in case.held}
    return ConfirmationFacts(
        site=case.site_name,
        unit=case.operating_unit,
        live_since=min(row.go_live_on for row in case.items if row.go_live_on),
        cooperation=[COOPERATION[CooperationItem(row.item)].zh for row in case.items],
        items=[item.label_zh for item in ORDER if item in held],
        contact=f"{person.name}（{person.phone}，{person.email}）",
        due_on=reply_due(today, confirmations.rhythm()),
    )
