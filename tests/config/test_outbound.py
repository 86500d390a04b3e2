"""Calls to partners' servers: only to public hosts over https, short, small, and led nowhere else."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from config import outbound
from config.outbound import OutboundError, OutboundFailed, OutboundRefused, fetch_json, is_public, post_form
from config.settings import Settings, SettingsError, load_settings
from config.targets import targets
from tests.support.tls import SERVER, Authority, dn, san

pytestmark = pytest.mark.no_database
KEY = "k" * 40
PRODUCTION: dict[str, Any] = {
    "env": "production",
    "issuer": "https://idp.example",
    "database_url": "postgresql+psycopg://idp@db/idp",
    "secret_keys": KEY,
}
DEVELOPMENT: dict[str, Any] = {"env": "development", "issuer": "http://127.0.0.1:8000", "secret_keys": KEY}


class Site:
    """A server of this machine; ``answer`` writes what is answered."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_port
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = json_answer(b'{"a": 1}')


def json_answer(body: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with a body and headers."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            found.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            try:
                found.answer(self)
            except OSError:
                self.close_connection = True  # the caller had enough

        do_GET = do_POST = handle_any  # noqa: N815  # names of the standard library

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A refused handshake is what is tested."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        found = Site(server)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """A plain server."""
    with listening() as found:
        yield found


@pytest.fixture
def calling(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Enter an application with these settings; proxies of the environment lead nowhere."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    entered = []

    def enter(**given: Any) -> None:
        app = Flask("calls")
        app.extensions["settings"] = load_settings(**(DEVELOPMENT | given))
        entered.append(app.app_context())
        entered[-1].push()

    yield enter
    for context in reversed(entered):
        context.pop()


def addresses(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[object]:
    """Let the name server give these answers one after the other; return who asked."""
    asked: list[object] = []

    def lookup(host: object, port: int, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


PUBLIC = ["140.127.40.1", "8.8.8.8", "2001:b000:168::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_PUBLIC = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    *("2002:7f00:1::1", "2002:808:808::1", "2001:0:53aa:64c::1", "100::1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    """What belongs to the internet, also an IPv4 address in the dress of IPv6."""
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_addresses_that_are_not_public(address: str) -> None:
    """Loopback, private, link-local (clouds' metadata), shared, documentation, multicast, reserved; hidden ones too."""
    assert not is_public(address)


REFUSED = {
    "http://rp.example/": "https is needed",
    "ftp://rp.example/": "https is needed",
    "file:///etc/passwd": "https is needed",
    "rp.example": "https is needed",
    "//rp.example/": "https is needed",
    "https://": "a host and no user is needed",
    "https://u:p@rp.example/": "a host and no user is needed",
    "https://rp.example:99999/": "not a URL",
    "https://127.0.0.1/": "the host is not public",
    "https://127.0.0.1:8001/": "the host is not public",
    "https://[::1]/": "the host is not public",
    "https://[::ffff:127.0.0.1]/": "the host is not public",
    "https://169.254.169.254/latest/": "the host is not public",
    "https://2130706433/": "the host is not public",
    "https://0x7f.1/": "the host is not public",
    "https://localhost/": "the host is not public",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_called(calling: Callable[..., None], url: str) -> None:
    """No connection is made, and the reason names no address."""
    calling()
    with pytest.raises(OutboundRefused) as caught:
        fetch_json(url)
    assert str(caught.value) == REFUSED[url]


def test_every_address_must_be_public(calling: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """One private address among public ones is enough to refuse."""
    calling()
    addresses(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(OutboundRefused, match="not public"):
        post_form("https://rp.example/", {"a": "b"})


def test_a_second_answer_of_the_name_server_changes_nothing(
    calling: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is looked up once, and the connection goes to the very address that was checked."""
    calling()
    asked = addresses(monkeypatch, ["8.8.8.8"], ["127.0.0.1"])
    sent = []

    def send(_: object, request: Any, **__: object) -> None:
        sent.append(request)
        raise httpx.ConnectError("stop here")

    monkeypatch.setattr(httpx.Client, "send", send)
    with pytest.raises(OutboundFailed):
        fetch_json("https://rp.example:8443/keys?x=1")
    (request,) = sent
    assert asked == ["rp.example"]
    assert str(request.url) == "https://8.8.8.8:8443/keys?x=1"
    assert request.headers["Host"] == "rp.example:8443"
    assert request.extensions["sni_hostname"] == "rp.example"


def test_an_unknown_host(calling: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without address is a failure, not a crash."""
    calling()

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(OutboundFailed, match="no address"):
        fetch_json("https://rp.example/")


def test_development_allows_exactly_what_is_listed(calling: Callable[..., None], site: Site) -> None:
    """That host and that port, by http too, past the proxies of the environment; another name of it is another host."""
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    assert fetch_json(f"http://127.0.0.1:{site.port}/keys") == {"a": 1}
    assert post_form(f"http://127.0.0.1:{site.port}/bc", {"logout_token": "x&y"}) == 200
    command, path, headers, body = site.seen[-1]
    assert (command, path, body) == ("POST", "/bc", b"logout_token=x%26y")
    assert headers["Host"] == f"127.0.0.1:{site.port}"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    for host in ("127.0.0.1:1", f"127.0.0.2:{site.port}", f"localhost:{site.port}"):
        with pytest.raises(OutboundRefused):
            fetch_json(f"http://{host}/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(calling: Callable[..., None], site: Site, status: int) -> None:
    """It could lead into our own network."""
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    site.answer = json_answer(b"", status, Location=f"http://127.0.0.1:{site.port}/inner")
    assert post_form(f"http://127.0.0.1:{site.port}/", {}) == status
    with pytest.raises(OutboundFailed, match=f"status {status}"):
        fetch_json(f"http://127.0.0.1:{site.port}/")
    assert [path for _, path, *_ in site.seen] == ["/", "/"]


BAD_ANSWERS = {
    "status 404": json_answer(b"{}", 404),
    "not JSON": json_answer(b"<secret>"),
    "the body is longer than 65536 bytes": json_answer(b'"' + b"x" * 65536 + b'"'),
    "the body is compressed": json_answer(b"{}", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("reason", BAD_ANSWERS)
def test_bad_answers(calling: Callable[..., None], site: Site, reason: str) -> None:
    """Each is a failure whose reason says nothing of the body."""
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    site.answer = BAD_ANSWERS[reason]
    with pytest.raises(OutboundFailed) as caught:
        fetch_json(f"http://127.0.0.1:{site.port}/")
    assert str(caught.value) == reason


def test_deeply_nested_json(calling: Callable[..., None], site: Site) -> None:
    """What would exhaust the parser is no JSON for us."""
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    site.answer = json_answer(b"[" * 60000)
    with pytest.raises(OutboundFailed, match="not JSON"):
        fetch_json(f"http://127.0.0.1:{site.port}/")


def test_the_body_of_a_form_answer_is_not_read(calling: Callable[..., None], site: Site) -> None:
    """However long it is: only the status counts."""
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    site.answer = json_answer(b"x" * 1_000_000)
    assert post_form(f"http://127.0.0.1:{site.port}/", {}) == 200


def test_who_does_not_answer_is_left(calling: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and says nothing: the wait ends."""
    monkeypatch.setattr(outbound, "STEP_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        calling(outbound_allow=f"127.0.0.1:{port}")
        with pytest.raises(OutboundFailed, match="ReadTimeout"):
            fetch_json(f"http://127.0.0.1:{port}/")


def test_who_answers_in_drops_is_left(
    calling: Callable[..., None], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every drop comes in time, the whole does not: the total limit holds."""
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    calling(outbound_allow=f"127.0.0.1:{site.port}")
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        while not over.wait(0.02):
            handler.wfile.write(b"H")

    site.answer = drip
    try:
        with pytest.raises(OutboundFailed, match="no answer within"):
            fetch_json(f"http://127.0.0.1:{site.port}/")
    finally:
        over.set()


def test_a_connection_that_is_refused(calling: Callable[..., None]) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    calling(outbound_allow=f"127.0.0.1:{port}")
    with pytest.raises(OutboundFailed, match="ConnectError"):
        fetch_json(f"http://127.0.0.1:{port}/")


def test_certificates_are_verified_for_the_name(
    calling: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Trusted only with ``outbound_ca``, and only for the host that the URL names, though an address is connected to."""
    authority = Authority.new()
    cert, key = authority.issue(dn(CN="rp.test"), san(dns="rp.test"), *SERVER).files(tmp_path, "rp")
    trusted = authority.own.files(tmp_path, "ca")[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    addresses(monkeypatch, ["127.0.0.1"])
    with listening(context) as site:
        allowed = f"rp.test:{site.port},other.test:{site.port}"
        calling(outbound_allow=allowed)
        with pytest.raises(OutboundFailed, match="the certificate is not trusted"):
            fetch_json(f"https://rp.test:{site.port}/")
        calling(outbound_allow=allowed, outbound_ca=trusted)
        assert fetch_json(f"https://rp.test:{site.port}/") == {"a": 1}
        with pytest.raises(OutboundFailed, match="the certificate is not trusted"):
            fetch_json(f"https://other.test:{site.port}/")
    assert issubclass(OutboundFailed, OutboundError)


WRONG = {"outbound_allow": "127.0.0.1", "outbound_ca": "/nowhere/ca.pem"}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings(name: str) -> None:
    """A list without ports and a file that is not there stop the boot."""
    with pytest.raises(SettingsError, match=f"ROAMING_{name.upper()}"):
        load_settings(**DEVELOPMENT, **{name: WRONG[name]})


def test_production_takes_neither(tmp_path: Path) -> None:
    """Only development may loosen the rules."""
    file = tmp_path / "ca.pem"
    file.write_text("x")
    for name, value in (("outbound_allow", "127.0.0.1:8001"), ("outbound_ca", file)):
        with pytest.raises(SettingsError, match="only development"):
            load_settings(**PRODUCTION, **{name: value})
    assert isinstance(load_settings(**PRODUCTION), Settings)


@pytest.mark.parametrize(
    "listed", ["x", "x:", ":1", "x:y", "x:0", "x:70000", "u@x:1", "x:1/y", "x:1?y", "[::1:1", "http://x:1"]
)
def test_lists_that_are_none(listed: str) -> None:
    """Host and port, nothing else."""
    with pytest.raises(ValueError, match="host:port"):
        targets(listed)


def test_a_list() -> None:
    """Blanks, capitals and IPv6 addresses are understood."""
    assert targets(" Host:1, [::1]:2 ,") == {("host", 1), ("::1", 2)}
    assert targets("") == frozenset()
