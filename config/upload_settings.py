"""What may be handed in (DOMAIN §4.1)."""

from pydantic import Field

from config.mail_settings import MailSettings


class UploadSettings(MailSettings):
    """Sizes in MiB. ``clamav``: the socket of a ClamAV daemon, a path or host:port; empty means that none is asked."""

    clamav: str = ""
    upload_max_mib: int = Field(10, ge=1, le=50)
    upload_scan_max_mib: int = Field(20, ge=1, le=50)
