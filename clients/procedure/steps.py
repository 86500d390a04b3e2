"""Take a step of the procedure: one command for the whole table, one transaction each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import select

from clients.cases import log_event
from clients.form.checks import Fault
from clients.form.values import Problem
from clients.lifecycle import CaseState, ClientEnvironment, state_on
from clients.models import Case
from clients.procedure.agreeing import agree, close_proposals
from clients.procedure.effects import EFFECTS, Change
from clients.procedure.evidence import EVIDENCE, Evidence
from clients.procedure.facts import facts_of
from clients.procedure.guards import judge
from clients.procedure.making import metadata_fault
from clients.procedure.members import Actor, acts_as
from clients.procedure.transitions import BY_ID, Party, Transition
from clients.signals import case_told
from config.audit import record
from config.database import db, locking
from config.snapshot import bump
from scopes.roc import taipei_day

_SHEETS = {"X10": ClientEnvironment.TEST, "X13": ClientEnvironment.PRODUCTION}
_OPENING = frozenset({"X1", "X20"})


class Why(StrEnum):
    """Why a step is refused."""

    NO_CASE = auto()
    STATE = auto()
    PARTY = auto()
    EVIDENCE = auto()
    GUARD = auto()


class StepRefused(Exception):
    """The step changes nothing; ``faults`` are those of its guards, ``detail`` names wrong members of the evidence."""

    def __init__(self, why: Why, faults: tuple[Fault, ...] = (), detail: str = "") -> None:
        codes = [f"{one.field} {one.problem}" + (f" {one.reason.value}" if one.reason else "") for one in faults]
        super().__init__(": ".join(filter(None, [why.value, detail or "; ".join(codes)])))
        self.why, self.faults, self.detail = why, faults, detail


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the step was taken, and whose agreement is still wanted if not."""

    state: CaseState
    waits_for: tuple[frozenset[Party], ...] = ()


def take(case_id: int, step: str, actor: Actor, given: Mapping[str, Any], now: datetime) -> Outcome:
    """Take a step, or agree to it where it needs several persons; `StepRefused` if it may not be."""
    transition = BY_ID[step]
    with db.session.begin():
        case = locked(case_id)
        settle(case, now)
        _admit(case, transition, actor)
        evidence = _evidence(step, given)
        _judge(case, step, evidence, now)
        kept = evidence.model_dump(mode="json")
        waits_for, agreed = agree(case, transition, actor, kept, now)
        if waits_for:
            record(
                f"case.{transition.event}.agreed", actor=actor.actor, subject=f"case:{case_id}", detail={"step": step}
            )
            case_told.send(case_id, code="CASE-AGREE", facts={"step": step, "by": actor.name}, now=now)
            return Outcome(CaseState(case.state), waits_for)
        if step in EFFECTS:
            EFFECTS[step](Change(case, evidence, actor.actor, now))
        _move(case, transition, actor.actor, now, kept | ({"agreed": agreed} if agreed else {}))
        return Outcome(CaseState(case.state))


def locked(case_id: int) -> Case:
    """Return a case that nobody else changes until the transaction ends."""
    case = db.session.scalars(locking(select(Case).where(Case.id == case_id))).one_or_none()
    if case is None:
        raise StepRefused(Why.NO_CASE)
    return case


def settle(case: Case, now: datetime) -> bool:
    """X15: note that the agreed day has begun; the date alone decides who may sign in, this only tells."""
    days = [row.go_live_on for row in case.items if row.go_live_on]
    stored, day = CaseState(case.state), taipei_day(now)
    if stored is not CaseState.GO_LIVE_AGREED or not any(state_on(stored, one, day) is CaseState.LIVE for one in days):
        return False
    _move(case, BY_ID["X15"], "system", now, {"day": min(days).isoformat()})
    bump()
    return True


def settle_all(now: datetime) -> int:
    """Settle every case, each in a transaction of its own; return how many went live."""
    with db.session.begin():
        waiting = db.session.scalars(select(Case.id).where(Case.state == CaseState.GO_LIVE_AGREED)).all()
    count = 0
    for case_id in waiting:
        with db.session.begin():
            count += settle(locked(case_id), now)
    return count


def _admit(case: Case, transition: Transition, actor: Actor) -> None:
    if CaseState(case.state) not in transition.sources or transition.id in _OPENING:
        raise StepRefused(Why.STATE, detail=f"{transition.id} is not possible while the case is {case.state}")
    is_wanted = any(actor.party in need for need in transition.needs)
    if not is_wanted or not acts_as(case.id, actor):
        raise StepRefused(Why.PARTY, detail=f"{transition.id} is not for {actor.party}")


def _evidence(step: str, given: Mapping[str, Any]) -> Evidence:
    try:
        return EVIDENCE[step].model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        said = (f"{_place(one)}: {one['msg'].removeprefix('Value error, ')}" for one in faults)
        raise StepRefused(Why.EVIDENCE, tuple(_fault(one) for one in faults), "; ".join(said)) from error


def _place(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"])


def _fault(error: ErrorDetails) -> Fault:
    """Return a fault of evidence as one of a form: at the last member that has a name."""
    names = [str(part) for part in error["loc"] if isinstance(part, str)]
    name = "days" if names[:1] == ["days"] else names[-1]
    kinds = {"missing": Problem.MISSING, "string_too_short": Problem.MISSING, "string_too_long": Problem.TOO_LONG}
    is_day = error["type"] == "value_error" and (name in {"days", "letter_date"} or name.endswith("_on"))
    return Fault(name, Problem.NOT_A_DAY if is_day else kinds.get(error["type"], Problem.NOT_A_CHOICE))


def _judge(case: Case, step: str, evidence: Evidence, now: datetime) -> None:
    if faults := judge(step, facts_of(case, now), evidence):
        raise StepRefused(Why.GUARD, tuple(faults))
    if step in _SHEETS:
        body: Mapping[str, Any] = getattr(evidence, "metadata")  # noqa: B009  # only sheets have it
        if fault := metadata_fault(case, _SHEETS[step], body):
            raise StepRefused(Why.EVIDENCE, detail=fault)


def _move(case: Case, transition: Transition, actor: str, now: datetime, evidence: dict[str, Any]) -> None:
    before = case.state
    case.state = transition.target or case.state
    close_proposals(case.id, now)
    log_event(case, transition.event, before, actor=actor, now=now, evidence=evidence | {"step": transition.id})
    facts = {"step": transition.id, "from": before, "to": case.state}
    record(f"case.{transition.event}", actor=actor, subject=f"case:{case.id}", detail=facts)
    case_told.send(case.id, code="CASE-STEP", facts={"step": transition.id, "state": case.state}, now=now)
