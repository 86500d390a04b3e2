"""Who is signed in, what that person may do, and the token that every form of ours carries."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import abort, current_app, request

from config import seal
from scopes.permissions import PERMISSIONS, Permission, Role

FORM_TOKEN_TTL = 12 * 3600


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person as packages below ``idp`` see her. ``amr``: how she logged in (RFC 8176), at ``auth_time``."""

    account_id: int
    login_name: str
    name: str
    role: Role
    session_id: int
    auth_time: datetime
    amr: tuple[str, ...]

    @property
    def is_teacher(self) -> bool:
        """Whether this is a teacher personal account."""
        return self.role is Role.TEACHER

    @property
    def is_strong(self) -> bool:
        """Whether she proved herself by two factors."""
        return "mfa" in self.amr

    @property
    def actor(self) -> str:
        """How the audit log names her."""
        return f"account:{self.account_id}"


def principal() -> Principal | None:
    """Return who is signed in, if anybody; ``idp.principal`` tells."""
    found: Callable[[], Principal | None] = current_app.extensions["find_principal"]
    return found()


def require_principal() -> Principal:
    """Return who is signed in or answer 401 (the error handler leads to the log-in page)."""
    return principal() or abort(401)


def require(permission: Permission) -> Callable[[], None]:
    """Make a ``before_request`` function that admits only holders of the permission to a whole blueprint."""

    def check() -> None:
        if permission not in PERMISSIONS[require_principal().role]:
            abort(403)

    return check


def may(permission: str) -> bool:
    """Whether the signed-in person holds a permission; for pages that offer what it opens."""
    found = principal()
    return found is not None and Permission(permission) in PERMISSIONS[found.role]


def form_token() -> str:
    """Return the token of a form; it works only with the session, or before log-in the browser, that was shown it."""
    return seal.seal("form-token", {"b": _bindings()[0]})


def form_token_is_valid() -> bool:
    """Whether the form that was sent carries a token of this session, or of this browser from before the log-in.

    SameSite alone is not enough.
    """
    try:
        token = seal.open_("form-token", request.form.get("form_token", ""), FORM_TOKEN_TTL)
    except seal.SealBroken:
        return False
    return any(secrets.compare_digest(str(token["b"]), binding) for binding in _bindings())


def _bindings() -> tuple[str, ...]:
    bindings: Callable[[], tuple[str, ...]] = current_app.extensions["form_bindings"]
    return bindings()
