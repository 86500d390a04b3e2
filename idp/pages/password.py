"""變更登入密碼: a function of Art.5(1), open while locked as a security measure (D-11)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.guard import require_principal
from idp.pages.functions import refusal
from idp.pages.password_texts import PASSWORD_TEXTS, repeated_fault
from idp.pages.security import blueprint
from idp.passwords import change_password
from idp.principal import duties


@blueprint.get("/account/security/password")
def password() -> str | tuple[str, int]:
    """Show the form."""
    return refusal(require_principal(), "change_password") or _page({})


@blueprint.post("/account/security/password")
def change() -> Response | tuple[str, int]:
    """Set the new password; every other session ends. The log-in of a moment ago stands in for the old one."""
    person = require_principal()
    if (refused := refusal(person, "change_password")) is not None:
        return refused
    typed = request.form.get("password", "")
    errors = repeated_fault(typed, request.form.get("repeated", ""))
    if not errors and (fault := change_password(person, typed, now=datetime.now(UTC))) is not None:
        errors = {"password": PASSWORD_TEXTS[fault]}
    if errors:
        return _page(errors), 400
    return redirect(url_for("security.home", changed=1), 303)


def _page(errors: Mapping[str, object]) -> str:
    return render_template("password.html", errors=errors, is_initial=duties().must_change_password)
