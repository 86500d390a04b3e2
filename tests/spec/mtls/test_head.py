"""The head of a request as the listener reads it: nothing that two readers could understand differently (RFC 9112)."""

import pytest

from idp import http
from idp.mtls import head
from idp.mtls.head import HeadRefused, parse_head

pytestmark = pytest.mark.no_database
HOST = b"Host: idp.test"


def parsed(*lines: bytes, start: bytes = b"POST /oidc/token HTTP/1.1") -> head.Head:
    """Read a head of these lines."""
    return parse_head(b"\r\n".join((start, *lines)))


def status(*lines: bytes, start: bytes = b"POST /oidc/token HTTP/1.1") -> int:
    """Return the status by which a head of these lines is refused."""
    with pytest.raises(HeadRefused) as refused:
        parsed(*lines, start=start)
    return refused.value.status


def test_a_good_head_is_read() -> None:
    """Method, target, fields in lower case, length."""
    found = parsed(HOST, b"Content-Length: 12", b"X-A:\t b c \t", b"x-empty:", start=b"POST /a?b=%20 HTTP/1.1")
    assert (found.method, found.target, found.length) == ("POST", "/a?b=%20", 12)
    assert found.fields[2:] == (("x-a", "b c"), ("x-empty", ""))
    assert parsed(HOST, start=b"GET / HTTP/1.1").length == 0


@pytest.mark.spec("RFC 9112", "6.3")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"Content-Length: 1", b"Content-Length: 1"], 400),
        ([b"Content-Length: 1", b"Content-Length: 2"], 400),
        ([b"Content-Length: 1, 1"], 400),
        ([b"Content-Length: +1"], 400),
        ([b"Content-Length: -1"], 400),
        ([b"Content-Length: 0x1"], 400),
        ([b"Content-Length: 1_0"], 400),
        ([b"Content-Length: \xb2"], 400),
        ([b"Content-Length:"], 400),
        ([b"Content-Length: 99999999999"], 400),
        ([b"Content-Length: 1", b"Transfer-Encoding: chunked"], 400),
        ([b"transfer-encoding: chunked", b"content-length: 1"], 400),
        ([b"Transfer-Encoding: chunked"], 411),
        ([b"Transfer-Encoding: identity"], 411),
        ([b"Transfer-Encoding: chunked, identity"], 411),
        ([b"Transfer-Encoding:"], 411),
        ([b"Content-Length: 65537"], 413),
    ],
)
def test_a_body_of_uncertain_length_is_refused(lines: list[bytes], expected: int) -> None:
    """One plain number, or none; chunks never, and never both."""
    assert status(HOST, *lines) == expected


@pytest.mark.spec("RFC 9112", "5")
@pytest.mark.parametrize(
    "line",
    [
        b" folded: x",
        b"\tfolded",
        b"Transfer-Encoding : chunked",
        b"Content-Length\t: 3",
        b": x",
        b"no colon",
        b"",
        b"a b: x",
        b"a: x\ny: z",
        b"a: x\ry: z",
        b"a: x\0",
        b"a\0: x",
        b"a: \x0b",
        b"a: \x7f",
        b"Cont\xe9nt: x",
        b"a\n: x",
    ],
)
def test_a_malformed_field_is_refused(line: bytes) -> None:
    """Folded lines, spaces before the colon, bare line ends, control signs."""
    assert status(HOST, b"x: y", line) == 400


@pytest.mark.spec("RFC 9112", "3")
@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"", 400),
        (b"GET /", 400),
        (b"GET  / HTTP/1.1", 400),
        (b"GET / HTTP/1.1 ", 400),
        (b" GET / HTTP/1.1", 400),
        (b"GET /a b HTTP/1.1", 400),
        (b"GET\t/ HTTP/1.1", 400),
        (b"get / HTTP/1.1", 400),
        (b"GET http://idp.test/ HTTP/1.1", 400),
        (b"CONNECT idp.test:443 HTTP/1.1", 400),
        (b"OPTIONS * HTTP/1.1", 400),
        (b"GET /\xe9 HTTP/1.1", 400),
        (b"GET /\n HTTP/1.1", 400),
        (b"GET / HTTP/1.0", 505),
        (b"GET / HTTP/2.0", 505),
        (b"PRI * HTTP/2.0", 400),
    ],
)
def test_a_malformed_request_line_is_refused(start: bytes, expected: int) -> None:
    """One space between the parts, a path, HTTP/1.1."""
    assert status(HOST, start=start) == expected


@pytest.mark.spec("RFC 9112", "3.2")
def test_there_is_one_host() -> None:
    """None or two is an error."""
    assert status() == 400
    assert status(HOST, HOST) == 400


def test_too_many_fields_are_refused() -> None:
    """A hundred of them at most."""
    assert parsed(HOST, *[b"a: b"] * 99)
    assert status(HOST, *[b"a: b"] * 100) == 431


@pytest.mark.spec("RFC 9110", "10.1.1")
def test_expectations() -> None:
    """The client may wait for leave to send the body; it can expect nothing else."""
    assert parsed(HOST, b"Expect: 100-Continue").expects_continue
    assert not parsed(HOST).expects_continue
    assert status(HOST, b"Expect: tea") == 417
    assert status(HOST, b"Expect: 100-continue", b"Expect: 100-continue") == 417


@pytest.mark.spec("RFC 9440", "4")
def test_what_only_the_proxy_may_say_is_stripped() -> None:
    """Whatever the spelling, and with underscores, which WSGI takes for hyphens."""
    names = "Client-Cert CLIENT-CERT Client_Cert client-cert-chain X-SSL-Client-Cert X-Mtls-Proxy X_Mtls_Proxy "
    names += "x-mtls_proxy X-Forwarded-For X-Forwarded-Host Forwarded X-Real-IP"
    forged = [name.encode() for name in names.split()]
    found = parsed(HOST, *[name + b": x" for name in forged], b"Authorization: y", b"DPoP: z")
    assert [*found.forwarded()] == [("host", "idp.test"), ("authorization", "y"), ("dpop", "z")]


@pytest.mark.spec("RFC 9110", "7.6.1")
def test_what_is_of_the_connection_stays_there() -> None:
    """Known fields and those that the client names; length and expectation are settled here."""
    lines = (
        b"Connection: close, X-Own",
        b"X-Own: 1",
        b"Keep-Alive: 1",
        b"TE: trailers",
        b"Upgrade: h2c",
        b"Trailer: a",
    )
    found = parsed(HOST, *lines, b"Content-Length: 1", b"Expect: 100-continue", b"Accept: */*")
    assert [*found.forwarded()] == [("host", "idp.test"), ("accept", "*/*")]


def test_the_limits_are_those_of_the_application() -> None:
    """Neither is stricter than the other."""
    assert (head.BODY_MAX, head.HEAD_MAX) == (http.BODY_MAX, http.HEADERS_MAX)
