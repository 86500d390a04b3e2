"""Open one file in a process of its own, with limits on memory and time: ``python -m config.uploads.inspect TYPE``.

The content comes by standard input; the answer is a fault by its name, or ``ok``. What breaks this process breaks nothing
else. Started by `config.uploads.judge` alone.
"""

import io
import resource
import sys
from collections.abc import Iterable, Iterator

from config.uploads.kinds import PDF, FileFault

MEMORY = 2 * 1024**3
CPU_SECONDS = 20
PIXELS_MAX = 60_000_000
"""An A3 page at 600 dpi has 70 million; at 400 dpi, which is plenty, 31 million."""
_DEPTH = 12
_ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition"})
_TYPES = frozenset({"/EmbeddedFile", "/RichMedia"})
_KEYS = ("/JS", "/EF", "/RichMediaContent", "/XFA")


def inspect_pdf(content: bytes) -> str:
    """Return what is wrong with a PDF: locked, active (scripts, programs, files within it), or no readable pages."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                return FileFault.ENCRYPTED
            if any(_is_active(one, _DEPTH) for one in pdf.objects):
                return FileFault.ACTIVE
            return "ok" if len(pdf.pages) else FileFault.BROKEN
    except pikepdf.PasswordError:
        return FileFault.ENCRYPTED


def _is_active(value: object, depth: int) -> bool:
    import pikepdf

    if isinstance(value, pikepdf.Stream):
        value = value.stream_dict
    if depth == 0:
        return True  # nobody nests so deep
    if isinstance(value, pikepdf.Dictionary):
        if any(key in value for key in _KEYS) or str(value.get("/S", "")) in _ACTIONS:
            return True
        if str(value.get("/Type", "")) in _TYPES or str(value.get("/Subtype", "")) in _TYPES:
            return True
        return any(_is_active(one, depth - 1) for one in _direct(value.values()))
    if isinstance(value, pikepdf.Array):
        return any(_is_active(one, depth - 1) for one in _direct(value))
    return False


def _direct(values: Iterable[object]) -> Iterator[object]:
    """Leave out what is an object of its own: that is looked at by itself."""
    return (one for one in values if not getattr(one, "is_indirect", False))


def inspect_image(content: bytes, media_type: str) -> str:
    """Return what is wrong with a picture: too many pixels, or not readable to its end."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=[media_type.removeprefix("image/").upper()]) as picture:
            if picture.width * picture.height > PIXELS_MAX:
                return FileFault.TOO_MANY_PIXELS
            picture.load()
    except Image.DecompressionBombError:
        return FileFault.TOO_MANY_PIXELS
    return "ok"


def main(media_type: str) -> int:
    """Answer by standard output; whatever goes wrong is a broken file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    content = sys.stdin.buffer.read()
    try:
        said = inspect_pdf(content) if media_type == PDF else inspect_image(content, media_type)
    except Exception:  # noqa: BLE001  # libraries raise what they like at broken files
        said = FileFault.BROKEN
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
