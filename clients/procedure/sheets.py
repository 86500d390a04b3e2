"""The technical sheet (DOMAIN §3.6, D-41): filled in by the partner's engineer, judged at once, brought to X10 and X13."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from clients.lifecycle import CaseState, ClientEnvironment
from clients.models import Case
from clients.procedure.making import metadata_fault
from clients.procedure.members import Actor, acts_as
from clients.procedure.models import CaseSheet
from clients.procedure.steps import StepRefused, Why, locked
from clients.procedure.transitions import Party
from config.audit import record
from config.database import db
from scopes.items import DataItem

LINES = ("redirect_uris", "post_logout_redirect_uris")
SINGLE = ("backchannel_logout_uri", "token_endpoint_auth_method", "jwks_uri")
OURS = ("support_contact", "incident_contact", "organiser_units")
FIELDS = (*LINES, *SINGLE, *OURS, "essential_items")
LONGEST = 4000
WRITABLE = {
    ClientEnvironment.TEST: frozenset({CaseState.APPROVED, CaseState.DOCS_PROVIDED}),
    ClientEnvironment.PRODUCTION: frozenset({CaseState.TESTING, CaseState.TESTED}),
}
"""While a sheet may be filled in; afterwards its client is changed."""

Answers = Mapping[str, str]


def save(case_id: int, environment: ClientEnvironment, actor: Actor, answers: Answers, now: datetime) -> None:
    """Keep what was typed, right or wrong."""
    with db.session.begin():
        case = locked(case_id)
        if actor.party not in {Party.APPLICANT, Party.OFFICER, Party.ADMIN} or not acts_as(case_id, actor):
            raise StepRefused(Why.PARTY, detail=f"the sheet is not for {actor.party}")
        if CaseState(case.state) not in WRITABLE[environment]:
            raise StepRefused(Why.STATE, detail=f"the sheet cannot be changed while the case is {case.state}")
        if set(answers) - set(FIELDS) or any(len(typed) > LONGEST for typed in answers.values()):
            raise StepRefused(Why.EVIDENCE, detail="a field that is unknown or too long")
        sheet = find(case_id, environment)
        if sheet is None:
            sheet = CaseSheet(case_id=case_id, environment=environment)
            db.session.add(sheet)
        sheet.answers, sheet.saved_at, sheet.saved_by = dict(answers), now, actor.actor
        record("case.sheet_saved", actor=actor.actor, subject=f"case:{case_id}", detail={"environment": environment})


def find(case_id: int, environment: ClientEnvironment) -> CaseSheet | None:
    """Return the sheet of a client, in the caller's transaction."""
    mine = (CaseSheet.case_id == case_id, CaseSheet.environment == environment)
    return db.session.scalars(select(CaseSheet).where(*mine)).one_or_none()


def fault(case: Case, environment: ClientEnvironment, answers: Answers) -> str | None:
    """Return what is wrong, with the names of the members; None for a sheet that a client can be made from."""
    missing = [name for name in ("redirect_uris", "support_contact") if not answers.get(name, "").strip()]
    if missing:
        return "; ".join(f"{name}: missing" for name in missing)
    return metadata_fault(case, environment, metadata(answers))


def metadata(answers: Answers) -> dict[str, Any]:
    """Return the client metadata of a sheet (RFC 7591)."""
    made: dict[str, Any] = {name: _lines(answers, name) for name in LINES if _lines(answers, name)}
    made |= {name: answers[name].strip() for name in SINGLE if answers.get(name, "").strip()}
    if "backchannel_logout_uri" in made:
        made["backchannel_logout_session_required"] = True
    return made


def evidence_of(answers: Answers) -> dict[str, Any]:
    """Return what X10 brings."""
    essential = [item.value for item in DataItem if item.value in answers.get("essential_items", "").split()]
    facts = {"metadata": metadata(answers), "support_contact": answers.get("support_contact", "").strip()}
    return facts | ({"essential_items": essential} if essential else {})


def _lines(answers: Answers, name: str) -> list[str]:
    return answers.get(name, "").split()
