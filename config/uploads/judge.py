"""Judge a file that somebody hands in: its size, what it is, whether it opens, whether it is harmless."""

import subprocess
import sys
from typing import IO

import puremagic

from config.settings import settings
from config.uploads.clamav import scan
from config.uploads.kinds import EXTENSIONS, MIB, PDF, File, FileFault, FileRefused, Rules
from config.uploads.names import claimed, clean

SECONDS = 30
_HEAD = 4096


def rules_of(*media_types: str, is_large: bool = False) -> Rules:
    """Return what is taken: these media types, up to the size that is set (a scan report may be larger)."""
    found = settings()
    return Rules(media_types, MIB * (found.upload_scan_max_mib if is_large else found.upload_max_mib))


def taken(name: str, stream: IO[bytes], rules: Rules) -> File:
    """Return the file, or raise `FileRefused`; nothing of it is kept here."""
    content = stream.read(rules.limit + 1)
    if not content:
        raise FileRefused(FileFault.EMPTY)
    if len(content) > rules.limit:
        raise FileRefused(FileFault.TOO_LARGE)
    media_type = _type_of(content)
    if media_type not in rules.media_types:
        raise FileRefused(FileFault.NOT_TAKEN)
    if claimed(name) not in {"", *EXTENSIONS[media_type]}:
        raise FileRefused(FileFault.MISNAMED)
    _open(content, media_type)
    if where := settings().clamav:
        scan(content, where)
    return File(clean(name, EXTENSIONS[media_type]), content, media_type)


def _type_of(content: bytes) -> str:
    """Return the media type by content; empty for none that we know. A PDF begins at its first byte, as it must."""
    try:
        found = {one.mime_type for one in puremagic.magic_string(content[:_HEAD])}
    except (puremagic.PureError, ValueError):
        return ""
    if PDF in found:
        return PDF if content.startswith(b"%PDF-") else ""
    return next((media_type for media_type in EXTENSIONS if media_type in found), "")


def _open(content: bytes, media_type: str) -> None:
    """Open it in a process of its own; one that dies or does not end has met a broken file."""
    line = [sys.executable, "-m", "config.uploads.inspect", media_type]
    try:
        done = subprocess.run(line, input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # our own module
        said = done.stdout.decode("ascii", "replace") if done.returncode == 0 else ""
    except subprocess.TimeoutExpired:
        said = ""
    if said != "ok":
        raise FileRefused(FileFault(said) if said in set(FileFault) else FileFault.BROKEN)
