"""One-time passwords by time (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app has them."""

import base64
import hmac
import secrets
from datetime import datetime
from io import BytesIO
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import select, update

from config import seal
from config.database import db
from idp.accounts.credentials import TotpCredential

STEP_SECONDS, DIGITS, SECRET_BYTES = 30, 6, 20
WINDOW = 1
"""Steps before and after now that count: clocks differ, people type slowly (RFC 6238 §5.2)."""
ISSUER = "教師進修網"
_PURPOSE = "totp"


def new_secret() -> str:
    """Return a new secret as base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def uri(secret: str, login_name: str) -> str:
    """Return the enrolment URI of authenticator apps."""
    label = f"{quote(ISSUER)}:{quote(login_name)}"
    facts = {"secret": secret, "issuer": ISSUER, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"


def qr_picture(text: str) -> str:
    """Return a QR code as the address of an SVG picture (``data:``), so that no page takes unescaped markup."""
    import qrcode
    from qrcode.image.svg import SvgPathImage

    drawn = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=12, border=3).save(drawn)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, None for a wrong code."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not typed.isascii() or not typed.isdigit():
        return None
    generator = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # RFC 6238 §1.2: what every app has
    at = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(at - WINDOW, at + WINDOW + 1):
        if hmac.compare_digest(generator.generate(step * STEP_SECONDS), typed.encode()):
            found = step
    return found


def seal_secret(secret: str) -> str:
    """Return the secret as it is stored."""
    return seal.seal_bytes(_PURPOSE, secret.encode())


def store(account_id: int, secret: str, step: int, *, now: datetime) -> None:
    """Make it the account's generator, in place of any before it; the code that proved it counts no second time."""
    row = db.session.get(TotpCredential, account_id)
    if row is None:
        row = TotpCredential(account_id=account_id)
        db.session.add(row)
    row.secret_sealed, row.last_step, row.created_at = seal_secret(secret), step, now
    db.session.flush()


def check(account_id: int, code: str, *, now: datetime) -> bool:
    """Whether the code is right and was not used before (RFC 6238 §5.2); in the caller's transaction."""
    sealed = db.session.scalar(select(TotpCredential.secret_sealed).where(TotpCredential.account_id == account_id))
    if sealed is None:
        return False
    step = matching_step(seal.open_bytes(_PURPOSE, sealed).decode(), code, now)
    if step is None:
        return False
    newer = update(TotpCredential).where(TotpCredential.account_id == account_id, TotpCredential.last_step < step)
    return db.session.execute(newer.values(last_step=step).returning(TotpCredential.account_id)).first() is not None
