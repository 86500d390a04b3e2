"""The files of a case, read in the caller's transaction; they are added by `clients.procedure.drafts`."""

from sqlalchemy import select

from clients.procedure.models import CaseAttachment
from config.audit import record
from config.database import db
from config.files import StoredFile
from config.uploads.kinds import File


def newest_files(case_id: int) -> dict[str, CaseAttachment]:
    """Return the file that counts, by kind."""
    rows = db.session.scalars(
        select(CaseAttachment).where(CaseAttachment.case_id == case_id).order_by(CaseAttachment.id)
    )
    return {row.kind: row for row in rows}


def all_files(case_id: int) -> list[CaseAttachment]:
    """Return every file that was ever added, the newest first."""
    query = select(CaseAttachment).where(CaseAttachment.case_id == case_id).order_by(CaseAttachment.id.desc())
    return list(db.session.scalars(query))


def taken_out(case_id: int, number: int, actor: str) -> File | None:
    """Return a file of a case and record who took it; None if the case has none of that number."""
    row = db.session.get(CaseAttachment, number)
    if row is None or row.case_id != case_id:
        return None
    record("case.file_viewed", actor=actor, subject=f"case:{case_id}", detail={"kind": row.kind, "file": row.id})
    return File(row.name, db.session.get_one(StoredFile, row.file_id).content, row.media_type)
