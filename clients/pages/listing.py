"""The list of cases: one's own, or for the national centre all, by whom they wait for and since when."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from clients.lifecycle import CaseState
from clients.models import Case
from clients.pages import views
from clients.pages.access import may
from clients.pages.room import blueprint
from clients.procedure import drafts, messages
from clients.procedure.members import Actor
from clients.procedure.models import CaseMember
from clients.procedure.transitions import Party
from config.database import db
from config.guard import require_principal
from scopes.permissions import Permission
from scopes.roc import taipei_day


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list. ``days``: how long it stands where it stands; ``has_news``: the last word is the partner's."""

    case: Case
    state: CaseState
    waits: frozenset[Party]
    since: datetime
    days: int
    has_news: bool


@blueprint.get("")
def overview() -> str:
    """List the cases."""
    if may(Permission.CASES_READ):
        return _queue()
    person, now = require_principal(), datetime.now(UTC)
    with db.session.begin():
        mine = select(CaseMember.case_id).where(CaseMember.account_id == person.account_id)
        cases = db.session.scalars(select(Case).where(Case.id.in_(mine)).order_by(Case.id.desc())).all()
        rows = [_row(case, now) for case in cases]
    return render_template("cases/mine.html", rows=rows)


def _queue() -> str:
    """Show what waits for us first, the longest-waiting on top; then what waits for partners, then the rest."""
    now, wanted = datetime.now(UTC), request.args.get("state", "")
    state = CaseState(wanted) if wanted in set(CaseState) else None
    with db.session.begin():
        rows = [_row(case, now) for case in db.session.scalars(select(Case).order_by(Case.id))]
    shown = sorted((row for row in rows if state in {None, row.state}), key=lambda row: row.since)
    groups = {
        "ours": [row for row in shown if Party.ADMIN in row.waits or (row.has_news and not row.waits)],
        "theirs": [row for row in shown if row.waits and Party.ADMIN not in row.waits],
        "rest": [row for row in shown if not row.waits and not row.has_news],
    }
    counts = {one: sum(row.state is one for row in rows) for one in CaseState}
    return render_template("cases/queue.html", groups=groups, counts=counts, wanted=state, total=len(rows))


def _row(case: Case, now: datetime) -> Row:
    state, since = views.state_now(case, now), views.last_moved(views.events(case.id), case.created_at)
    written = messages.of_case(case.id)
    return Row(
        case=case,
        state=state,
        waits=views.waits(case, state, views.asked_of(case.id)),
        since=since,
        days=(taipei_day(now) - taipei_day(since)).days,
        has_news=bool(written) and written[-1].party != Party.ADMIN,
    )


@blueprint.post("")
def open_case() -> Response:
    """X1: open a draft."""
    if not may(Permission.OWN_CASES):
        abort(403)
    person = require_principal()
    made = drafts.open_case(Actor(person.account_id, person.name, Party.APPLICANT), datetime.now(UTC))
    return redirect(url_for("cases.show", case_id=made), 303)
