"""Passkeys (WebAuthn): enrolled by a person who is signed in, and then enough to log in without a password.

Every ceremony demands user verification (a PIN, a fingerprint …), so a passkey is two factors in one (D-74). The caller
makes the challenge, keeps it, and lets it count once.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from config.database import db
from idp.accounts.credentials import Passkey
from idp.accounts.factors import factors_of, new_recovery_codes, tell
from idp.accounts.models import Account

NAME_MAX = 60
PASSKEYS_MAX = 20
_RESPONSE_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """The relying party that a passkey belongs to: host and origin of the issuer."""

    host: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey as its owner sees it."""

    id: int
    name: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class PasskeyRefused(Exception):
    """The authenticator's answer will not do; the text is for the log."""


def passkeys_of(account_id: int) -> list[Shown]:
    """Return the passkeys of an account, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return [
        Shown(row.id, row.name, row.is_backed_up, row.created_at, row.last_used_at) for row in db.session.scalars(query)
    ]


def registration_options(site: Site, account: Account, challenge: bytes) -> str:
    """Return what the browser needs to make a passkey, as JSON; it makes none on an authenticator that has one."""
    own = db.session.scalars(select(Passkey).where(Passkey.account_id == account.id)).all()
    handle = own[0].user_handle if own else bytes_to_base64url(secrets.token_bytes(32))
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_name=account.login_name,
        user_display_name=account.name,
        user_id=base64url_to_bytes(handle),
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential_id)) for one in own],
    )
    return options_to_json(options)


def authentication_options(site: Site, challenge: bytes) -> str:
    """Return what the browser needs to log somebody in, as JSON; it names no account, so it tells of none."""
    options = generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey as the browser sent it, with the options that it answers."""

    response: str
    options: str
    name: str


def enrol(site: Site, account_id: int, made: Made, *, now: datetime) -> list[str]:
    """Store a new passkey; return recovery codes if it is the first factor, else nothing. `PasskeyRefused` if not good."""
    options = json.loads(made.options)
    try:
        verified = verify_registration_response(
            credential=_parsed(made.response),
            expected_challenge=base64url_to_bytes(options["challenge"]),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyRefused(type(error).__name__) from error
    ident = bytes_to_base64url(verified.credential_id)
    with db.session.begin():
        known = factors_of(account_id)
        if known.passkeys >= PASSKEYS_MAX or db.session.scalar(
            select(Passkey.id).where(Passkey.credential_id == ident)
        ):
            raise PasskeyRefused("too many passkeys, or one that is known already")
        row = Passkey(account_id=account_id, credential_id=ident, user_handle=options["user"]["id"])
        row.public_key, row.sign_count = verified.credential_public_key, verified.sign_count
        row.transports, row.is_backed_up = [], verified.credential_backed_up
        row.name, row.created_at = made.name[:NAME_MAX], now
        db.session.add(row)
        db.session.flush()
        tell(account_id, "SEC-PASSKEY-ADDED", "factor.passkey_added", now=now)
        return new_recovery_codes(account_id) if not known.any else []


def authenticate(site: Site, response: str, challenge: bytes, *, now: datetime) -> int:
    """Return the account whose passkey answered the challenge; `PasskeyRefused` for anything else."""
    answer = _parsed(response)
    with db.session.begin():
        row = db.session.scalars(select(Passkey).where(Passkey.credential_id == str(answer.get("id")))).one_or_none()
        if row is None:
            raise PasskeyRefused("unknown credential")
        handle = answer["response"].get("userHandle")
        if handle is not None and handle != row.user_handle:
            raise PasskeyRefused("a user handle of somebody else")
        count = _verified_count(site, answer, challenge, row)
        values = {"sign_count": count, "last_used_at": now}
        db.session.execute(update(Passkey).where(Passkey.id == row.id).values(values))
        return row.account_id


def _verified_count(site: Site, answer: dict[str, Any], challenge: bytes, row: Passkey) -> int:
    """Verify signature, origin, user verification; a counter that went back is a copy of the key (WebAuthn §6.1.1)."""
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise PasskeyRefused(type(error).__name__) from error
    return verified.new_sign_count


def _parsed(response: str) -> dict[str, Any]:
    """Return the answer as JSON; what is no object of a sensible size is refused."""
    try:
        answer = json.loads(response) if len(response) <= _RESPONSE_MAX else None
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused("not JSON") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise PasskeyRefused("not a credential")
    return answer
