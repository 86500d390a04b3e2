"""The head of an HTTP/1.1 request, read strictly: what two readers could understand in two ways is refused. Pure.

RFC 9112 lets a recipient be lenient in many places; whoever forwards must not be, or the next reader sees another
request than this one did (request smuggling, §11.2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEAD_MAX = 32 * 1024
BODY_MAX = 64 * 1024
"""As the application has it."""
FIELDS_MAX = 100

_START = re.compile(rb"([A-Z]{1,20}) (/[\x21-\x7e]*) HTTP/(\d\.\d)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)")
_LENGTH = re.compile(r"\d{1,10}")
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"})
_OURS = frozenset({"client-cert", "client-cert-chain", "x-ssl-client-cert", "x-mtls-proxy", "forwarded", "x-real-ip"})
"""What only the last proxy may say; ``X-Forwarded-…`` too."""
_REWRITTEN = frozenset({"content-length", "expect"})
Fields = tuple[tuple[str, str], ...]


class HeadRefused(Exception):
    """The request is not forwarded; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """A request line and fields; ``length`` is that of the body."""

    method: str
    target: str
    fields: Fields
    length: int
    expects_continue: bool

    def forwarded(self) -> Iterator[tuple[str, str]]:
        """Give the fields that go on: none of the connection (RFC 9110 §7.6.1), none that we set, none with ``_``.

        A name with an underscore is one with a hyphen to WSGI.
        """
        named = {name.strip().lower() for key, value in self.fields if key == "connection" for name in value.split(",")}
        gone = _HOP_BY_HOP | _OURS | _REWRITTEN | named - {"host"}
        for name, value in self.fields:
            if name not in gone and "_" not in name and not name.startswith("x-forwarded-"):
                yield name, value


def parse_head(raw: bytes) -> Head:
    """Read a head without its closing empty line; names of fields become lower case."""
    start, *lines = raw.split(b"\r\n")
    found = _START.fullmatch(start)
    if found is None:
        raise HeadRefused(400)
    if found[3] != b"1.1":
        raise HeadRefused(505)
    if len(lines) > FIELDS_MAX:
        raise HeadRefused(431)
    fields = tuple(_field(line) for line in lines)
    if len(_values(fields, "host")) != 1:  # RFC 9112 §3.2
        raise HeadRefused(400)
    return Head(found[1].decode(), found[2].decode(), fields, _length(fields), _expectation(fields))


def _field(line: bytes) -> tuple[str, str]:
    """Read a field line; a folded one, one with a space before the colon or a control sign is refused (§5.1, §5.2)."""
    found = _FIELD.fullmatch(line)
    if found is None:
        raise HeadRefused(400)
    return found[1].decode().lower(), found[2].decode("latin-1").strip(" \t")


def _values(fields: Fields, name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def _length(fields: Fields) -> int:
    """Return the length of the body; chunks are not taken, as the application does not take them (RFC 9112 §6.3)."""
    lengths, is_coded = _values(fields, "content-length"), bool(_values(fields, "transfer-encoding"))
    if len(lengths) > 1 or (lengths and is_coded) or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise HeadRefused(400)
    if is_coded:
        raise HeadRefused(411)
    length = int(lengths[0]) if lengths else 0
    if length > BODY_MAX:
        raise HeadRefused(413)
    return length


def _expectation(fields: Fields) -> bool:
    """Whether the client waits for leave to send the body (RFC 9110 §10.1.1)."""
    expected = [value.lower() for value in _values(fields, "expect")]
    if expected not in ([], ["100-continue"]):
        raise HeadRefused(417)
    return bool(expected)
