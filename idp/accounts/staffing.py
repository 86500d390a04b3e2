"""The first people of the national centre: opened on the command line, since nobody is there yet to approve them.

They get an initial password, which is changed at the first log-in before anything else (DOMAIN §7.4), and then add the
second factor that their role demands (D-74). All other business accounts apply and are approved (Art.4).
"""

import secrets
from datetime import datetime

from config.audit import record
from config.database import db
from idp.accounts.accounts import NewAccount, open_account
from idp.accounts.models import AccountType, BusinessDetail, BusinessKind, BusinessState
from scopes.permissions import Role

ROLES = (Role.IDP_ADMIN, Role.REVIEWER, Role.AUDITOR)
"""Roles of the national centre: nobody applies for them (see ``business.ROLES``)."""


def appoint(login_name: str, name: str, unit: str, role: Role, *, now: datetime) -> str:
    """Open an active account of the national centre and return its initial password, which stands nowhere else.

    `AccountRefused` where the name will not do (D-05, D-06).
    """
    password = secrets.token_urlsafe(15)
    new = NewAccount(login_name, name, password, AccountType.BUSINESS, agreement_accepted=True)
    with db.session.begin():
        account = open_account(new, actor="cli", now=now)
        account.must_change_password = True
        account.agreement_version = 0  # accepted by the person, not by whoever runs the command
        state = {"state": BusinessState.ACTIVE, "counties": [], "decided_at": now}
        db.session.add(BusinessDetail(account_id=account.id, kind=BusinessKind.OTHER, unit=unit, role=role, **state))
        record("business.appointed", actor="cli", subject=f"account:{account.id}", detail={"role": role})
    return password
