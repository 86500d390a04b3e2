"""Where a process runs: what every setting is judged by."""

from enum import StrEnum

from pydantic import ValidationInfo
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where this process runs; ``development`` unlocks ``idp dev`` and nothing else may."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class EnvironmentSettings(BaseSettings):
    """The setting that comes first: the others are judged by it."""

    model_config = SettingsConfigDict(
        env_prefix="ROAMING_", frozen=True, extra="ignore", populate_by_name=True, validate_default=True
    )

    env: Environment = Environment.PRODUCTION


def in_production(info: ValidationInfo) -> bool:
    """Whether production's demands hold; an environment of unknown name gets the strict ones."""
    return info.data.get("env") is not Environment.DEVELOPMENT
