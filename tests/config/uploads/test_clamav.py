"""The ClamAV daemon, where one is configured: a real socket, with a daemon that says what the test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from config.uploads.clamav import scan
from config.uploads.kinds import FileFault, FileRefused

pytestmark = pytest.mark.no_database
CONTENT = bytes(range(256)) * 1000


@contextmanager
def daemon(answer: bytes, path: Path | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """Run a daemon that reads one stream and answers; gives its address and what it read."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen()
    where = str(path) if path else f"127.0.0.1:{server.getsockname()[1]}"
    read: list[bytes] = []

    def serve() -> None:
        connection, _ = server.accept()
        with closing(connection):
            stream = connection.makefile("rb")
            assert stream.read(10) == b"zINSTREAM\0"
            while size := int.from_bytes(stream.read(4), "big"):
                read.append(stream.read(size))
            if answer:
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield where, read
    finally:
        thread.join()
        server.close()


def fault_of(attempt: Callable[[], None]) -> FileFault:
    """Return why it was refused."""
    with pytest.raises(FileRefused) as caught:
        attempt()
    return caught.value.fault


def test_clean() -> None:
    """All of the content is read by the daemon, and passes."""
    with daemon(b"stream: OK\0") as (where, read):
        scan(CONTENT, where)
    assert b"".join(read) == CONTENT


def test_by_a_path(tmp_path: Path) -> None:
    """The usual local socket."""
    with daemon(b"stream: OK\0", tmp_path / "clamd.ctl") as (where, read):
        scan(CONTENT, where)
    assert b"".join(read) == CONTENT


def test_infected() -> None:
    """What it finds is refused."""
    with daemon(b"stream: Eicar-Test-Signature FOUND\0") as (where, _):
        assert fault_of(lambda: scan(CONTENT, where)) is FileFault.INFECTED


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
def test_silence_is_no_clean_bill(answer: bytes) -> None:
    """A daemon that hangs up or complains lets nothing through."""
    with daemon(answer) as (where, _):
        assert fault_of(lambda: scan(CONTENT, where)) is FileFault.SCANNER_UNREACHABLE


def test_nobody_there(tmp_path: Path) -> None:
    """Neither does one that is not running."""
    assert fault_of(lambda: scan(CONTENT, str(tmp_path / "none"))) is FileFault.SCANNER_UNREACHABLE
