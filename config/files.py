"""Files that were handed in as evidence. They lie in the database, beside what they prove (D-07)."""

import hashlib
from datetime import datetime

from flask import Response
from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime, db


class StoredFile(Model):
    """A file as it was handed in, never changed."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kept_by: Mapped[str] = mapped_column(String(64))


def keep(content: bytes, *, actor: str, now: datetime) -> StoredFile:
    """Store a file in ``db.session``'s transaction."""
    stored = StoredFile(sha256=hashlib.sha256(content).hexdigest(), content=content, kept_at=now, kept_by=actor)
    db.session.add(stored)
    db.session.flush()
    return stored


def handed_out(content: bytes, name: str, media_type: str) -> Response:
    """Return a file as a download: it comes from outside, so no page of ours ever shows it."""
    response = Response(content, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
