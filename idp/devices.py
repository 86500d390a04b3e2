"""Known devices: a browser in which a person has signed in before counts failed log-ins apart (see ``throttle``)."""

import secrets
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from config import seal
from idp.sessions import cookie_name, set_cookie

LIFETIME = 180 * 86400
ACCOUNTS_MAX = 20
"""A shared computer in a staff room remembers so many."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser and the accounts that signed in there."""

    id: str
    accounts: tuple[int, ...]

    def knows(self, account_id: int | None) -> bool:
        """Whether this account signed in here before."""
        return account_id is not None and account_id in self.accounts


def device() -> Device:
    """Return the device of the request; the cookie is sealed, so nobody can make one up."""
    try:
        facts = seal.open_("device", request.cookies.get(cookie_name("device"), ""), LIFETIME)
    except seal.SealBroken:
        return Device(secrets.token_hex(16), ())
    return Device(facts["d"], tuple(facts["a"]))


def remember_account(response: Response, known: Device, account_id: int) -> None:
    """Note a successful log-in."""
    accounts = [account_id, *(other for other in known.accounts if other != account_id)][:ACCOUNTS_MAX]
    set_cookie(response, "device", seal.seal("device", {"d": known.id, "a": accounts}), LIFETIME)
