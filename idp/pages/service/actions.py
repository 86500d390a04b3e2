"""Changes of one assignment: the form, the question of what follows, and the command (D-29, D-30, D-31)."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.accounts import service, service_corrections, service_details
from idp.accounts.directory import directory
from idp.accounts.effects import Change
from idp.accounts.service_details import Detail
from idp.accounts.transitions import Action, ServiceRefused, why_not
from idp.pages.service import forms, texts
from idp.pages.service.consequences import Consequence, of_end, of_suspension
from idp.pages.service.entrance import NUMBER, blueprint, change
from scopes.roc import taipei_day

Command = Callable[[int, Mapping[str, Any], Change], None]


def _correct(ident: int, given: Mapping[str, Any], by: Change) -> None:
    facts = service_corrections.Facts(given["title"], given["kind"], given["started"], given["note"])
    service_corrections.correct(ident, facts, by)


_COMMANDS: Mapping[Action, Command] = {
    Action.REFUSE: lambda ident, _, by: service.refuse(ident, by),
    Action.CORRECT: _correct,
    Action.END: lambda ident, given, by: service.end(ident, given["last_day"], given["cause"], by),
    Action.REOPEN: lambda ident, _, by: service_corrections.reopen(ident, by),
    Action.SUSPEND: lambda ident, given, by: service.suspend(ident, given["first_day"], given["until"], by),
    Action.LIFT: lambda ident, given, by: service_corrections.lift(ident, given["lifted"], by),
    Action.UNSUSPEND: lambda ident, _, by: service_corrections.unsuspend(ident, by),
}
_PATH = f"/<{NUMBER}:assignment_id>/<any({','.join(_COMMANDS)}):action>"


@blueprint.get(_PATH)
def ask(assignment_id: int, action: str) -> str | Response:
    """Show the form of an action; one that is not possible (any more) leads back to the assignment."""
    wanted, found = Action(action), _detail(assignment_id)
    if why_not(wanted, found.assignment, _today()):
        return redirect(url_for("service.show", assignment_id=assignment_id), 303)
    typed = forms.recorded(found.row) if wanted is Action.CORRECT else {}
    return _form(wanted, found, forms.Read(typed, {}, {}))


@blueprint.post(_PATH)
def act(assignment_id: int, action: str) -> str | Response | tuple[str, int]:
    """Read the form; show what follows if that is a question; change the assignment once it is answered."""
    wanted, found = Action(action), _detail(assignment_id)
    given = forms.read(forms.FIELDS[wanted])
    step = request.form.get("step", "")
    if given.errors or step == "edit":
        return _form(wanted, found, given), 400 if given.errors else 200
    if wanted in forms.CONSIDERED and step != "confirmed":
        if fault := forms.foreseen(given, wanted, found.row):
            return _form(wanted, found, forms.refused(given, wanted, fault)), 400
        return _question(wanted, found, given)
    try:
        _COMMANDS[wanted](assignment_id, given.values, change(given.values["reason"]))
    except ServiceRefused as refusal:
        return _form(wanted, found, forms.refused(given, wanted, str(refusal))), 409
    return redirect(url_for("service.show", assignment_id=assignment_id, done=action), 303)


def _detail(assignment_id: int) -> Detail:
    return service_details.detail(assignment_id, _today())


def _today() -> date:
    return taipei_day(datetime.now(UTC))


def _form(action: Action, found: Detail, given: forms.Read) -> str:
    return render_template(
        "service/action.html",
        action=action,
        fields=forms.FIELDS[action],
        found=found,
        row=found.row,
        typed=given.typed,
        errors=given.errors,
        titles=sorted(directory().titles.values(), key=lambda title: title.code),
        texts=texts,
    )


def _question(action: Action, found: Detail, given: forms.Read) -> str:
    """Say in plain words what will happen and when, before it happens."""
    return render_template(
        "service/question.html",
        action=action,
        found=found,
        row=found.row,
        typed=given.typed,
        values=given.values,
        consequence=_consequence(action, found, given.values),
        texts=texts,
    )


def _consequence(action: Action, found: Detail, given: Mapping[str, Any]) -> Consequence:
    if action is Action.END:
        return of_end(found, given["last_day"], _today())
    return of_suspension(found, given["first_day"], given["until"], _today())
