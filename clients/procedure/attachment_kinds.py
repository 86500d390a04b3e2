"""Which files a case has (A1-§4, DOMAIN §3.4)."""

from enum import StrEnum


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
