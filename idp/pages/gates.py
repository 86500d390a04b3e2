"""What a person must do before anything else: accept the agreement, change a first password, add a second factor.

Pages are closed unless they are named open here, so a new page cannot be forgotten. The protocol has checks of its own.
"""

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from config.guard import Principal, principal
from idp.accounts import accounts
from idp.principal import duties
from scopes.permissions import SECOND_FACTOR_ROLES

OPEN = frozenset(
    {
        None,
        "agreement",
        "apply",
        "bootstrap",
        "kit",
        "login",
        "oidc",
        "partners",
        "recovery",
        "refusal",
        "second_factor",
        "site",
    }
)
"""Blueprints whose pages somebody may open who has duties: those that lead in and out."""
_PASSWORD, _FACTORS = frozenset({"security.password", "security.change"}), "security"


def init_gates(app: Flask) -> None:
    """Lead whoever has a duty to it."""
    app.before_request(_lead)


def _lead() -> Response | None:
    if request.blueprint in OPEN or request.endpoint == "static" or (person := principal()) is None:
        return None
    due = duties()
    if due.agreement_version < accounts.AGREEMENT_VERSION:  # R-ACC-1, D-03
        here = request.full_path if request.method == "GET" else None
        return redirect(url_for("agreement.show", next=here), 303)
    if due.must_change_password:  # DOMAIN 7.4: an initial password is changed at the first log-in
        return None if request.endpoint in _PASSWORD else redirect(url_for("security.password"), 303)
    return _factor_duty(person)


def _factor_duty(person: Principal) -> Response | None:
    """D-74: staff of these roles work only after a log-in by two factors; without one they come to add it."""
    if person.role not in SECOND_FACTOR_ROLES or person.is_strong or request.blueprint == _FACTORS:
        return None
    return redirect(url_for("security.home"), 303)
