"""The sealed continuation of an authorization request while the teacher is asked something.

It carries the parameters and when they were first seen, and it works only in the browser that it was made for. Pages
read from it who asks; only ``idp/oidc`` answers it (invariant 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from clients import registry
from config import seal
from config.settings import settings
from idp.browsers import browser_mark

PURPOSE = "interaction"


class InteractionLost(Exception):
    """The continuation is too old, of another browser, or not ours."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """An authorization request under way.

    ``first_seen`` is POSIX time with fraction; ``error`` is what giving up means.
    """

    parameters: Mapping[str, str]
    first_seen: float
    error: str = "access_denied"

    @property
    def client_id(self) -> str:
        """Who asks."""
        return self.parameters["client_id"]

    def seal(self) -> str:
        """Return the value of the URL parameter ``i``."""
        facts = {"p": dict(self.parameters), "t": self.first_seen, "e": self.error, "b": browser_mark()}
        return seal.seal(PURPOSE, facts)

    def language(self) -> dict[str, str]:
        """Return ``ui_locales`` as a parameter for our pages, if the partner sent it."""
        wished = self.parameters.get("ui_locales")
        return {"ui_locales": wished} if wished else {}


def open_interaction(blob: str) -> Interaction:
    """Return what `Interaction.seal` made in this browser, or raise `InteractionLost`."""
    try:
        opened = seal.open_(PURPOSE, blob, settings().interaction_ttl)
    except seal.SealBroken as error:
        raise InteractionLost from error
    if opened["b"] != browser_mark():
        raise InteractionLost
    return Interaction(opened["p"], opened["t"], opened["e"])


def way_on(blob: str) -> str | None:
    """Return where a page that is stale may lead: on with the sign-in, or back to the partner's site, or nowhere."""
    try:
        open_interaction(blob)
    except InteractionLost:
        try:
            client = registry.find(seal.open_(PURPOSE, blob)["p"]["client_id"])
        except seal.SealBroken:
            return None
        return client.site_url if client else None
    return resume_url(blob)


def resume_url(blob: str) -> str:
    """Return where the browser goes when a question is answered."""
    return url_for("oidc.resume", i=blob)


def cancel_url(blob: str) -> str:
    """Return where the browser goes when the teacher gives up: back to the partner, with an error."""
    return url_for("oidc.cancel", i=blob)
