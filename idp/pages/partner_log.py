"""What a partner's engineer sees of its own sign-ins and errors: plain words, counts per day; nothing of a teacher."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, abort, render_template, request

from clients import registry
from clients.diagnosis_list import Wish, codes_of, listed, refusals_per_day, refused_since
from config.audit import record
from config.database import db
from config.days import last_days
from config.guard import may, require_principal
from idp.pages.charts import bars
from idp.pages.diagnosis.words import line, title
from idp.pages.partner_access import seen_client
from idp.sign_in_counts import DayCount, latest_sign_ins, sign_ins_per_day
from scopes.items import ORDER
from scopes.permissions import Permission
from scopes.roc import parse_day, taipei_day, taipei_midnight

blueprint = Blueprint("partner_log", __name__)
DAYS = 30
WEEK = 7
SIGN_INS_SHOWN = 10


@blueprint.get("/admin/partners")
def overview() -> str:
    """List the clients, with what was refused in the last week."""
    if not may(Permission.CLIENT_LOGS):
        abort(403)
    today = taipei_day(datetime.now(UTC))
    clients = sorted(registry.everyone().values(), key=lambda one: (one.site_name, one.client_id))
    with db.session.begin():
        refused = refused_since(taipei_midnight(last_days(today, WEEK)[0]))
    return render_template("partner_logs.html", clients=clients, refused=refused, week=WEEK)


@blueprint.get("/partners/<client_id>/log")
def show(client_id: str) -> str:
    """Show the log of a client."""
    person, client = require_principal(), seen_client(client_id)
    today = taipei_day(datetime.now(UTC))
    wish, wrong_day = _wish()
    with db.session.begin():
        codes, (found, has_more) = codes_of(client_id), listed(client_id, wish)
        counts, latest = _counts(client_id, today), latest_sign_ins(client_id, SIGN_INS_SHOWN)
        record("client.log_viewed", actor=person.actor, client_id=client_id)
    days = [count.day for count in counts]
    return render_template(
        "partner_log.html",
        client=client,
        wish=wish,
        wrong_day=wrong_day,
        codes=[(code, title(code)) for code in codes],
        lines=[line(one) for one in found],
        has_more=has_more,
        counts=counts,
        sign_ins=bars(days, [count.good.sign_ins for count in counts]),
        refusals=bars(days, [count.refused for count in counts]),
        latest=[(at, [item for item in ORDER if item.value in given]) for at, given in latest],
    )


@dataclass(frozen=True, slots=True)
class _Count:
    """A day in numbers."""

    day: date
    good: DayCount
    refused: int


def _counts(client_id: str, today: date) -> list[_Count]:
    days = last_days(today, DAYS)
    good, refused = sign_ins_per_day(client_id, days), refusals_per_day(client_id, days)
    return [_Count(day, good.get(day, DayCount(0, 0)), refused.get(day, 0)) for day in days]


def _wish() -> tuple[Wish, str | None]:
    """Return what the filters say, and what was typed if it is no day."""
    typed, page = request.args.get("day", "").strip(), request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    code = request.args.get("code") or None
    try:
        day = parse_day(typed) if typed else None
    except ValueError:
        return Wish(code, None, max(number, 1)), typed
    return Wish(code, day, max(number, 1)), None
