"""What the robot is told of a partner's test site, and the accounts that it uses: files of JSON."""

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Selector = Annotated[str, Field(min_length=1, max_length=200)]


class SiteDescription(BaseModel):
    """How a visitor starts to log in, sees that she is logged in, and logs out.

    ``signed_in`` and ``log_out``: CSS selectors; the first is on the page only while somebody is logged in.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    start: str = Field(pattern=r"^https?://")
    home: str = Field(pattern=r"^https?://")
    signed_in: Selector
    log_out: Selector


class TestAccount(BaseModel):
    """A test account of the network."""

    __test__ = False  # no class of tests, whatever pytest thinks of its name
    model_config = ConfigDict(extra="forbid", frozen=True)
    account: str
    password: SecretStr


class TestAccounts(BaseModel):
    """One that is in service, and one that is locked (TC-3)."""

    __test__ = False
    model_config = ConfigDict(extra="forbid", frozen=True)
    teacher: TestAccount
    locked: TestAccount


def read(kind: type[Model], file: Path) -> Model:
    """Read a description; ValueError with one line that names what is wrong, never a value."""
    try:
        return kind.model_validate_json(file.read_bytes())
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        said = "; ".join(f"{'.'.join(str(part) for part in one['loc']) or 'file'}: {one['msg']}" for one in faults)
        raise ValueError(said) from error
