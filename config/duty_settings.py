"""The days of partners' duties (DOMAIN §3.8, D-43)."""

from pydantic import Field

from config.upload_settings import UploadSettings


class DutySettings(UploadSettings):
    """How often a partner confirms its cooperation, and how long it has for that."""

    confirmation_months: int = Field(12, ge=1, le=60)
    confirmation_reply_days: int = Field(30, ge=1, le=365)
    confirmation_warn_days: int = Field(60, ge=1, le=365)
    secret_age_months: int = Field(12, ge=1, le=60)  # after which a partner is reminded to change its secret
