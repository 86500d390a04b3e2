"""Front-channel logout: frames of partners' logout addresses on our last page (Front-Channel Logout 1.0). Best effort.

The back channel is what counts: browsers that keep partners' cookies out of frames make this one silent.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import url_for
from sqlalchemy import select

from clients import registry
from clients.client_metadata import ClientMetadata
from config import seal
from config.database import hot
from config.settings import settings
from idp.sessions import BrowserSession, sid_for
from idp.sign_ins import SignIn

PURPOSE = "farewell"
TTL = 300


@dataclass(frozen=True, slots=True)
class Farewell:
    """What the last page does: open these addresses in frames, then lead on."""

    frames: tuple[str, ...] = ()
    to: str | None = None

    @property
    def origins(self) -> list[str]:
        """The origins of the frames, for the page's policy."""
        parts = [urlsplit(frame) for frame in self.frames]
        return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def farewell_url(session_id: int | None, to: str | None) -> str:
    """Return where the browser goes after the end of a session: straight on unless frames must be shown before."""
    if session_id is None or not _frames(session_id):
        return to or url_for("login.logged_out")
    return url_for("login.logged_out", f=seal.seal(PURPOSE, {"s": session_id, "to": to}))


def farewell(blob: str) -> Farewell:
    """Return what the last page does; with no blob of ours, or an old one, it only says that all is over."""
    try:
        facts = seal.open_(PURPOSE, blob, TTL)
    except seal.SealBroken:
        return Farewell()
    return Farewell(_frames(facts["s"]), facts["to"])


def _frames(session_id: int) -> tuple[str, ...]:
    """Return the logout addresses of all clients that have a sign-in from the session."""
    query = (
        select(SignIn.client_id, BrowserSession.sid_key)
        .join(BrowserSession, BrowserSession.id == SignIn.session_id)
        .where(SignIn.session_id == session_id)
        .distinct()
        .order_by(SignIn.client_id)
    )
    with hot() as connection:
        links = connection.execute(query).all()
    found = ((registry.find(client_id), sid_for(key, client_id)) for client_id, key in links)
    return tuple(frame for client, sid in found if client and (frame := frame_of(client.meta, settings().issuer, sid)))


def frame_of(meta: ClientMetadata, issuer: str, sid: str) -> str | None:
    """Return the client's address, with issuer and session if it asked for them (§2)."""
    uri = meta.frontchannel_logout_uri
    if uri is None or not meta.frontchannel_logout_session_required:
        return uri
    glue = "&" if "?" in uri else "?"
    return uri + glue + urlencode({"iss": issuer, "sid": sid})
