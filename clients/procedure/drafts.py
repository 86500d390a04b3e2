"""What is written and handed in between the steps: a case is opened, its form saved, files and test results added."""

from collections.abc import Mapping
from datetime import datetime

from clients.cases import log_event
from clients.form.checks import Fault, faults
from clients.form.fields import FIELD_BY_ID
from clients.form.values import Problem, text, unknown
from clients.lifecycle import CaseState
from clients.models import Case
from clients.procedure.agreeing import close_proposals
from clients.procedure.attachment_kinds import BY_ADMIN, BY_PARTNER, AttachmentKind
from clients.procedure.facts import facts_of
from clients.procedure.guards import MANDATORY_TESTS, held_of
from clients.procedure.members import Actor, acts_as, join
from clients.procedure.models import CaseAttachment, JointTest
from clients.procedure.steps import StepRefused, Why, locked, settle
from clients.procedure.supplements import supplement_form
from clients.procedure.transitions import Party
from config.audit import record
from config.database import db
from config.files import keep
from config.uploads.kinds import File

WRITABLE = frozenset({CaseState.DRAFT, CaseState.ELIGIBILITY_CONFIRMED, CaseState.RETURNED})
SAVED_MAX = 60_000
"""How long a field may be while it is typed; longer is refused and nothing of it cut."""
_ENDED = frozenset({CaseState.REJECTED, CaseState.WITHDRAWN, CaseState.TERMINATED})


def open_case(actor: Actor, now: datetime) -> int:
    """X1: open a draft; who opens it is its applicant."""
    with db.session.begin():
        return _open(actor, {}, None, now).id


def open_supplement(case_id: int, actor: Actor, now: datetime) -> int:
    """X20: open a case that adds to a live one, its form filled in as things stand (D-40)."""
    with db.session.begin():
        base = locked(case_id)
        settle(base, now)
        if CaseState(base.state) is not CaseState.LIVE or base.amends_id is not None:
            raise StepRefused(Why.STATE, detail=f"X20 is not possible while the case is {base.state}")
        if actor.party is not Party.APPLICANT or not acts_as(case_id, actor):
            raise StepRefused(Why.PARTY, detail=f"X20 is not for {actor.party}")
        made = _open(actor, supplement_form(base), case_id, now)
        log_event(base, "supplement_opened", base.state, actor=actor.actor, now=now, evidence={"case": made.id})
        return made.id


def _open(actor: Actor, answers: Mapping[str, str], amends_id: int | None, now: datetime) -> Case:
    case = Case(state=CaseState.DRAFT, created_at=now, amends_id=amends_id)
    _write(case, answers)
    db.session.add(case)
    db.session.flush()
    join(case.id, actor.account_id, Party.APPLICANT, now)
    log_event(case, "opened", None, actor=actor.actor, now=now, evidence={"step": "X1"})
    record("case.opened", actor=actor.actor, subject=f"case:{case.id}", detail={"amends": amends_id})
    return case


def save(case_id: int, actor: Actor, answers: Mapping[str, str]) -> None:
    """Keep what was typed into some fields, right or wrong; the others stay as they were."""
    with db.session.begin():
        case = locked(case_id)
        _partner_may(case, actor)
        if CaseState(case.state) not in WRITABLE:
            raise StepRefused(Why.STATE, detail=f"the form cannot be changed while the case is {case.state}")
        if wrong := [*unknown(answers), *(name for name, typed in answers.items() if len(typed) > SAVED_MAX)]:
            found = tuple(
                Fault(name, Problem.TOO_LONG if name in FIELD_BY_ID else Problem.NOT_A_CHOICE) for name in wrong
            )
            raise StepRefused(Why.GUARD, found)
        before = case.answers
        _write(case, {**before, **answers})
        changed = sorted(name for name in answers if before.get(name, "") != answers[name])
        record("case.form_saved", actor=actor.actor, subject=f"case:{case_id}", detail={"fields": changed})


def _write(case: Case, answers: Mapping[str, str]) -> None:
    case.answers = dict(answers)
    case.site_name, case.site_url = text(answers, "site_name")[:100], text(answers, "site_url")[:500]
    case.applicant_unit = text(answers, "applicant_unit")[:100]
    case.operating_unit = text(answers, "operating_unit_name")[:100]


def missing(case_id: int, now: datetime) -> list[Fault]:
    """Return what is still wrong with the form of a case: the checklist that is shown at all times."""
    with db.session.begin():
        case = locked(case_id)
        facts = facts_of(case, now)
        return faults(facts.answers, held_of(facts), facts.today)


def attach(case_id: int, actor: Actor, kind: AttachmentKind, file: File, now: datetime) -> None:
    """Add a file that was read and judged before; the newest of its kind counts."""
    with db.session.begin():
        case = locked(case_id)
        is_admin = actor.party is Party.ADMIN
        if not acts_as(case_id, actor) or kind not in (BY_ADMIN if is_admin else BY_PARTNER):
            raise StepRefused(Why.PARTY, detail=f"{kind} is not for {actor.party}")
        if not may_attach(kind, CaseState(case.state)):
            raise StepRefused(Why.STATE, detail=f"{kind} cannot be added while the case is {case.state}")
        if kind is AttachmentKind.APPROVAL_LETTER:
            close_proposals(case_id, now, "X6")  # who agreed to the approval had seen another letter
        stored = keep(file.content, actor=actor.actor, now=now)
        facts = {"kind": kind, "name": file.name[:200], "file_id": stored.id, "added_at": now, "added_by": actor.actor}
        facts["media_type"] = file.media_type
        db.session.add(CaseAttachment(case_id=case_id, **facts))
        detail = {"kind": kind.value, "sha256": stored.sha256}
        record("case.file_added", actor=actor.actor, subject=f"case:{case_id}", detail=detail)


def may_attach(kind: AttachmentKind, state: str) -> bool:
    """Whether a file of this kind is taken: those of the form while that is written, others until the case ends."""
    form_files = BY_PARTNER - {AttachmentKind.EVIDENCE}
    return CaseState(state) not in _ENDED and (kind not in form_files or CaseState(state) in WRITABLE)


def record_test(case_id: int, actor: Actor, test: str, *, passed: bool, note: str, now: datetime) -> None:
    """Note the result of a joint test (D-42); the newest of each test case counts."""
    with db.session.begin():
        case = locked(case_id)
        if actor.party not in {Party.ADMIN, Party.OFFICER} or not acts_as(case_id, actor):
            raise StepRefused(Why.PARTY, detail=f"test results are not for {actor.party}")
        if CaseState(case.state) is not CaseState.TESTING:
            raise StepRefused(Why.STATE, detail=f"there are no tests while the case is {case.state}")
        if test not in MANDATORY_TESTS or not note.strip() or len(note) > 2000:
            raise StepRefused(Why.EVIDENCE, detail=f"one of {', '.join(MANDATORY_TESTS)} and a note are needed")
        facts = {"test": test, "passed": passed, "note": note.strip(), "at": now, "actor": actor.actor}
        db.session.add(JointTest(case_id=case_id, **facts))
        close_proposals(case_id, now, "X11")  # who signed the record had signed another one
        record(
            "case.test_recorded", actor=actor.actor, subject=f"case:{case_id}", detail={"test": test, "passed": passed}
        )


def _partner_may(case: Case, actor: Actor) -> None:
    if actor.party is not Party.APPLICANT or not acts_as(case.id, actor):
        raise StepRefused(Why.PARTY, detail=f"the form is not for {actor.party}")
