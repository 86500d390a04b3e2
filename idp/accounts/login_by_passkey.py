"""The decision of a log-in by passkey: the same facts as by password, but for the password (DOMAIN §7.4)."""

import json
from datetime import datetime

from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes

from config.audit import record
from config.database import db
from idp.accounts.models import Account, AccountType, BusinessDetail, BusinessState
from idp.accounts.passkeys import PasskeyRefused, Site, authenticate


def passkey_login(site: Site, response: str, options: str, *, now: datetime) -> int:
    """Return the account id; `PasskeyRefused` for a bad answer, a closed account, a business account not approved."""
    challenge = base64url_to_bytes(json.loads(options)["challenge"])
    try:
        account_id = authenticate(site, response, challenge, now=now)
        _check_open(account_id)
    except PasskeyRefused as refusal:
        with db.session.begin():
            record("login.passkey_failed", actor="anonymous", detail={"why": str(refusal)})
        raise
    return account_id


def _check_open(account_id: int) -> None:
    query = (
        select(Account.type, Account.closed_at, BusinessDetail.state)
        .outerjoin(BusinessDetail, BusinessDetail.account_id == Account.id)
        .where(Account.id == account_id)
    )
    with db.session.begin():
        kind, closed_at, state = db.session.execute(query).one()
    if closed_at is not None:
        raise PasskeyRefused("the account is closed")
    if kind == AccountType.BUSINESS and state != BusinessState.ACTIVE:
        raise PasskeyRefused("the business account is not approved")
