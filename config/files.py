"""Files that are handed in as evidence: PDF, 10 MiB at most (D-07). They lie in the database, beside what they prove."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from config.database import Model, UTCDateTime, db

PDF = "application/pdf"
FILE_MAX = 10 * 1024 * 1024
_MARK = b"%PDF-"


class StoredFile(Model):
    """A file as it was handed in, never changed."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kept_by: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class File:
    """A file that was judged: its name for people, its content, and what it is."""

    name: str
    content: bytes
    media_type: str = PDF


class FileRefused(Exception):
    """The file is too large, or none that we take."""


def read_pdf(stream: IO[bytes]) -> bytes:
    """Return the content of a PDF. What a file calls itself does not count; nobody opens it here either."""
    content = stream.read(FILE_MAX + 1)
    if len(content) > FILE_MAX or not content.startswith(_MARK):
        raise FileRefused
    return content


def keep(content: bytes, *, actor: str, now: datetime) -> StoredFile:
    """Store a file in ``db.session``'s transaction."""
    stored = StoredFile(sha256=hashlib.sha256(content).hexdigest(), content=content, kept_at=now, kept_by=actor)
    db.session.add(stored)
    db.session.flush()
    return stored
