"""WebAuthn ceremonies between a page and its answer: the sealed challenge that counts once, in the browser it was for."""

import ipaddress
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from config import seal
from config.database import hot
from config.settings import settings
from idp import once
from idp.accounts.passkeys import PasskeyRefused, Site
from idp.browsers import browser_mark

PURPOSE = "passkey"
TTL = 300


def site() -> Site | None:
    """Return the relying party of passkeys; None where the issuer has an IP address, which WebAuthn does not allow."""
    origin = settings().issuer
    host = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host, origin, "全國教師在職進修資訊網")
    return None


def new_challenge() -> bytes:
    """Return a random challenge."""
    return secrets.token_bytes(32)


def keep(options: str) -> str:
    """Seal the options of a ceremony, for the form that brings the answer back."""
    return seal.seal(PURPOSE, {"o": options, "b": browser_mark()})


def take(blob: str) -> tuple[Site, str]:
    """Return the options that were kept, once, in the same browser, within five minutes; else `PasskeyRefused`."""
    found = site()
    try:
        kept = seal.open_(PURPOSE, blob, TTL)
    except seal.SealBroken as error:
        raise PasskeyRefused("no ceremony") from error
    until = datetime.now(UTC) + timedelta(seconds=TTL + 1)
    with hot() as connection:
        is_new = once.use(connection, PURPOSE, "", blob, until)
    if found is None or not is_new or kept["b"] != browser_mark():
        raise PasskeyRefused("a ceremony of another time or browser")
    return found, kept["o"]
