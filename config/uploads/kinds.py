"""Which files are taken, and why one is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
EXTENSIONS: Mapping[str, tuple[str, ...]] = {PDF: (".pdf",), PNG: (".png",), JPEG: (".jpg", ".jpeg")}
MIB = 1024 * 1024


class FileFault(StrEnum):
    """Why a file is not taken."""

    EMPTY = auto()
    TOO_LARGE = auto()
    NOT_TAKEN = auto()
    MISNAMED = auto()
    ENCRYPTED = auto()
    ACTIVE = auto()
    BROKEN = auto()
    TOO_MANY_PIXELS = auto()
    INFECTED = auto()
    SCANNER_UNREACHABLE = auto()


class FileRefused(Exception):
    """The file is not taken."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Rules:
    """Which media types are taken here, and how many bytes at most."""

    media_types: tuple[str, ...]
    limit: int

    @property
    def limit_mib(self) -> int:
        """The limit for people."""
        return self.limit // MIB

    @property
    def accept(self) -> str:
        """Return what a file field offers."""
        return ",".join(self.media_types)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was judged: its name for people, its content, and what it is."""

    name: str
    content: bytes
    media_type: str = PDF
