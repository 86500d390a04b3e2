"""A case at a glance, and its history."""

from datetime import UTC, datetime

from flask import render_template, request
from sqlalchemy import select

from clients.models import Case
from clients.pages import views
from clients.pages.access import Access, access
from clients.pages.frame import frame
from clients.pages.happened import actor_text
from clients.pages.room import blueprint
from clients.procedure import drafts
from clients.procedure.models import CaseMember
from config.audit import record
from config.database import db


@blueprint.get("/<int:case_id>")
def show(case_id: int) -> str:
    """Show where a case stands, what is next and for whom, and what is still missing."""
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, now)
        _note_view(found)
        days, reasons = views.go_live_days(found.case), _reasons(found.case)
        people = _people(case_id)
        supplements = db.session.scalars(select(Case).where(Case.amends_id == case_id).order_by(Case.id)).all()
    missing = drafts.missing(case_id, now) if filled["state"] in drafts.WRITABLE else []
    return render_template(
        "cases/overview.html",
        **filled,
        days=days,
        missing=missing,
        reasons=reasons,
        people=people,
        supplements=supplements,
        done=request.args.get("done", ""),
    )


def _note_view(found: Access) -> None:
    """Who of ours looked at the people of a partner is recorded (DOMAIN §7.4)."""
    if not found.is_partner:
        record("case.viewed", actor=found.person.actor, subject=f"case:{found.case.id}")


def _reasons(case: Case) -> list[dict[str, str]]:
    """Return why a case was returned or refused, newest event only."""
    for event in views.events(case.id):
        if event.event in {"returned", "rejected"}:
            given = event.evidence.get("reasons", [])
            return [one if isinstance(one, dict) else {"code": one, "text": ""} for one in given]
    return []


def _people(case_id: int) -> list[CaseMember]:
    return list(db.session.scalars(select(CaseMember).where(CaseMember.case_id == case_id).order_by(CaseMember.id)))


@blueprint.get("/<int:case_id>/history")
def history(case_id: int) -> str:
    """Show everything that happened, with its evidence."""
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled, rows = frame(found, now), views.events(case_id)
        members = frozenset(one.account_id for one in _people(case_id))
    who = {row.actor: actor_text(row.actor, members) for row in rows}
    return render_template("cases/history.html", **filled, events=rows, who=who)
