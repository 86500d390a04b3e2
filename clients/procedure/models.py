"""Tables of the procedure: who acts for a case, what was handed in, who agreed to which step, test results."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clients.lifecycle import ClientEnvironment
from clients.models import one_of
from clients.procedure.attachment_kinds import AttachmentKind
from config.database import Model, UTCDateTime


class CaseMember(Model):
    """An account that acts for the partner of a case: as its applicant, its officer, or both."""

    __tablename__ = "case_member"
    __table_args__ = (UniqueConstraint("case_id", "account_id", "party"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    party: Mapped[str] = mapped_column(String(32))
    since: Mapped[datetime] = mapped_column(UTCDateTime)


class CaseAttachment(Model):
    """A file of a case; a newer one of its kind takes its place, and it stays (append-only)."""

    __tablename__ = "case_attachment"
    __table_args__ = (one_of("kind", AttachmentKind),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    added_by: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(32))


class CaseSubmission(Model):
    """The form as it was sent (X3, X5), with the agreements' wording of that day; append-only."""

    __tablename__ = "case_submission"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    form_hash: Mapped[str] = mapped_column(String(64))
    agreements_version: Mapped[int] = mapped_column(Integer)
    agreements_hash: Mapped[str] = mapped_column(String(64))
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))


class CaseProposal(Model):
    """A step that waits for the agreement of others, with the evidence that all of them agree to."""

    __tablename__ = "case_proposal"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    transition: Mapped[str] = mapped_column(String(8))
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CaseAgreement(Model):
    """Somebody agreed to a proposal; nobody twice."""

    __tablename__ = "case_agreement"
    __table_args__ = (UniqueConstraint("proposal_id", "account_id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("case_proposal.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(100))
    party: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class JointTest(Model):
    """A result of a joint test (DOMAIN §3.7); the newest of each test case counts (append-only)."""

    __tablename__ = "joint_test"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    test: Mapped[str] = mapped_column(String(8))
    passed: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(64))


class CaseMessage(Model):
    """A message about a case, perhaps about a field of its form; append-only."""

    __tablename__ = "case_message"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(50))
    author: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    party: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class CaseSheet(Model):
    """The technical sheet of a client (DOMAIN §3.6) as the partner's engineer is filling it in."""

    __tablename__ = "case_sheet"
    __table_args__ = (UniqueConstraint("case_id", "environment"), one_of("environment", ClientEnvironment))
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"))
    environment: Mapped[str] = mapped_column(String(16))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str] = mapped_column(String(64))


class PolicyCheck(Model):
    """What a reviewer found in the privacy policy of a submission (D-72); the newest counts (append-only)."""

    __tablename__ = "policy_check"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cooperation_case.id"), index=True)
    points: Mapped[dict[str, bool]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(64))
