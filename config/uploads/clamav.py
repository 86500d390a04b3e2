"""Ask a ClamAV daemon over its socket (INSTREAM); only where one is configured."""

import socket
from contextlib import closing

from config.uploads.kinds import FileFault, FileRefused

SECONDS = 30
_CHUNK = 64 * 1024


def scan(content: bytes, where: str) -> None:
    """Refuse what the daemon finds infected, and everything while it does not answer: silence is no clean bill."""
    try:
        with closing(_connect(where)) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                connection.sendall(len(part).to_bytes(4, "big") + part)
            connection.sendall(bytes(4))
            answer = _answer(connection)
    except OSError as error:
        raise FileRefused(FileFault.SCANNER_UNREACHABLE) from error
    if answer.endswith(b"FOUND"):
        raise FileRefused(FileFault.INFECTED)
    if not answer.endswith(b"OK"):
        raise FileRefused(FileFault.SCANNER_UNREACHABLE)


def _connect(where: str) -> socket.socket:
    """Connect to a path, or to host:port."""
    host, colon, port = where.rpartition(":")
    if colon and port.isdigit() and "/" not in where:
        return socket.create_connection((host, int(port)), SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(SECONDS)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket) -> bytes:
    found = bytearray()
    while part := connection.recv(1024):
        found += part
        if b"\0" in part:
            break
    return bytes(found).rstrip(b"\0\n ")
