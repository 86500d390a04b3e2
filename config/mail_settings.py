"""How mail is sent: by SMTP to a relay of the network."""

from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from config.environment import EnvironmentSettings, in_production


class MailSettings(EnvironmentSettings):
    """Without ``smtp_host`` no mail is sent; messages are then in the account's own box only."""

    mail_from: str = Field("", max_length=254)
    smtp_host: str = ""
    smtp_password: SecretStr | None = None
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""

    @field_validator("smtp_host")
    @classmethod
    def _host(cls, host: str, info: ValidationInfo) -> str:
        if host and "@" not in info.data.get("mail_from", ""):
            raise ValueError("ROAMING_MAIL_FROM must name the sender's address")
        return host

    @field_validator("smtp_security")
    @classmethod
    def _security(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and in_production(info):
            raise ValueError("production needs starttls or tls: links to reset passwords travel in mail")
        return security
