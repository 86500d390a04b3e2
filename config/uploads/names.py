"""The name that a file has for people. It is never a path: files are kept by number."""

import unicodedata
from pathlib import PurePosixPath

LONGEST = 120
_REPLACED = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def clean(name: str, extensions: tuple[str, ...]) -> str:
    """Return a single, harmless component with the extension of what the file is.

    Path parts go, so do control characters and marks that turn the direction of writing; what Windows reserves becomes
    an underscore; dots and spaces at the ends go. Cleaning twice changes nothing more.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem = plain.translate(_REPLACED).rstrip(" .")
    for extension in extensions:
        if stem.lower().endswith(extension):
            stem = stem[: -len(extension)]
            break
    return (stem.strip(" .")[:LONGEST].strip(" .") or "file") + extensions[0]


def claimed(name: str) -> str:
    """Return the extension that a name claims, in lower case with its dot; empty for none."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()
