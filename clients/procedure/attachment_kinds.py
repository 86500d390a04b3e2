"""Which files a case has (A1-§4, DOMAIN §3.4)."""

from enum import StrEnum

from config.uploads.judge import rules_of
from config.uploads.kinds import JPEG, PDF, PNG, Rules


class AttachmentKind(StrEnum):
    """What a file of a case proves."""

    SCAN_REPORT = "scan_report"
    PRIVACY_POLICY = "privacy_policy"
    SEAL_SCAN = "seal_scan"
    APPLICATION_LETTER = "application_letter"
    APPROVAL_LETTER = "approval_letter"
    EVIDENCE = "evidence"


BY_PARTNER = frozenset(
    {
        *(AttachmentKind.SCAN_REPORT, AttachmentKind.PRIVACY_POLICY, AttachmentKind.SEAL_SCAN),
        *(AttachmentKind.APPLICATION_LETTER, AttachmentKind.EVIDENCE),
    }
)
BY_ADMIN = frozenset({AttachmentKind.APPROVAL_LETTER, AttachmentKind.EVIDENCE})
_ONLY_PDF = frozenset({AttachmentKind.SCAN_REPORT, AttachmentKind.PRIVACY_POLICY})


def rules_for(kind: AttachmentKind) -> Rules:
    """Return what is taken for a kind: reports and policies are PDF, what was stamped may be a picture (DOMAIN §4.1)."""
    is_large = kind is AttachmentKind.SCAN_REPORT
    return rules_of(PDF, is_large=is_large) if kind in _ONLY_PDF else rules_of(PDF, PNG, JPEG)
