"""The listener as a process: it asks for certificates, takes any, and lets nobody speak in its name."""

import contextlib
import socket
import ssl

import pytest
from cryptography import x509

from idp.certificates import ClientCertificate
from tests.spec.mtls.proxies import Echo, Front, form, rest
from tests.support.tls import Authority, Issued, dn, new_key, self_signed

pytestmark = pytest.mark.no_database
HEAD = b"Host: idp.test\r\n"


def thumbprint(issued: Issued) -> str:
    """Return the thumbprint of a certificate."""
    return ClientCertificate.of(issued.der).thumbprint


def status(answer: bytes) -> int:
    """Return the status of an answer."""
    return int(answer.split(b" ", 2)[1])


@pytest.mark.spec("RFC 8705", "2")
@pytest.mark.parametrize("kind", ["RSA", "EC", "P-384", "Ed25519"])
def test_any_certificate_reaches_the_application(front: Front, authority: Authority, kind: str) -> None:
    """Of an authority, of itself, of nobody that is known: the application judges."""
    for shown in (
        self_signed(dn(CN="x"), key=new_key(kind)),
        authority.issue(dn(CN="x"), key=new_key(kind)),
        Authority.new("Stranger").issue(dn(CN="x"), key=new_key(kind)),
    ):
        assert front.get(shown=shown).json()["thumbprint"] == thumbprint(shown)


def test_an_expired_certificate_reaches_it_too(front: Front, authority: Authority) -> None:
    """The application has its own clock and its own reasons."""
    own = authority.own.certificate.not_valid_before_utc
    shown = authority.issue(dn(CN="x"), now=own)
    assert front.get(shown=shown).json()["thumbprint"] == thumbprint(shown)


def test_none_is_needed(front: Front) -> None:
    """Who shows none is let through without: bearer tokens and other methods work here as well."""
    told = front.get().json()
    assert told["thumbprint"] is None
    assert "HTTP_CLIENT_CERT" not in told["headers"]


@pytest.mark.spec("RFC 9440", "4")
def test_forged_headers_are_stripped(front: Front, behind_listener: Echo) -> None:
    """Even with the right secret, nobody outside can name a certificate, with or without one of her own."""
    victim, mine = self_signed(dn(CN="victim")), self_signed(dn(CN="mine"))
    forged = {"Client_Cert": victim.header, "X_SSL_Client_Cert": "x", "X_Mtls_Proxy": behind_listener.secret}
    for shown, expected in ((None, None), (mine, thumbprint(mine))):
        told = front.get(shown=shown, **forged, X_Forwarded_For="6.6.6.6", Forwarded="for=6.6.6.6").json()
        assert told["thumbprint"] == expected
        assert told["headers"]["HTTP_X_MTLS_PROXY"] == behind_listener.secret
        assert not {"HTTP_X_SSL_CLIENT_CERT", "HTTP_FORWARDED"} & told["headers"].keys()
        assert told["headers"]["HTTP_X_FORWARDED_FOR"] == "127.0.0.1, 127.0.0.1"


def test_names_with_underscores_are_stripped(front: Front) -> None:
    """To WSGI they are the names with hyphens."""
    victim = self_signed(dn(CN="victim"))
    request = b"GET / HTTP/1.1\r\n" + HEAD + b"Client_Cert: " + victim.header.encode() + b"\r\n\r\n"
    answer = front.raw(request)
    assert status(answer) == 200
    assert b"CLIENT_CERT" not in answer


def test_requests_and_answers_pass(front: Front) -> None:
    """Method, path, query, body and headers one way; status, headers and body the other."""
    with front.client() as client:
        told = client.post(
            "/a%20b?c=d&e=%E5%AD%97", content=form(x="字", y="1" * 60000), headers=[(b"X-Own", "é".encode())]
        )
        assert told.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert told.headers["connection"] == "close"
        said = told.json()
        assert (said["method"], said["path"], said["query"]) == ("POST", "/a b", "c=d&e=%E5%AD%97")
        assert said["body"] == form(x="字", y="1" * 60000)
        assert said["headers"]["HTTP_X_OWN"].encode("latin-1").decode() == "é"
        assert client.get("/none").status_code == 204
        head = client.head("/")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        assert client.post("/").json()["body"] == ""


@pytest.mark.spec("RFC 9112", "9.6")
def test_one_request_per_connection(front: Front, behind_listener: Echo) -> None:
    """What follows the first request is nobody's: no request can hide behind another."""
    before = behind_listener.seen
    request = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\n\r\nxGET /hidden HTTP/1.1\r\n" + HEAD + b"\r\n"
    answer = front.raw(request)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"body": "x"' in answer
    assert behind_listener.seen == before + 1


@pytest.mark.spec("RFC 9112", "11.2")
@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"A: b\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"A: b\nClient-Cert: c\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"A : b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"A: " + b"a" * 33000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HEAD + b"A: " + b"a" * 200000, 431),
        (b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 65537\r\n\r\n" + b"a" * 65537, 413),
        (b"GET / HTTP/1.0\r\n\r\n", 505),
        (b"\r\nGET / HTTP/1.1\r\n" + HEAD + b"\r\n", 400),
    ],
)
def test_what_could_be_understood_in_two_ways_is_refused(
    front: Front, behind_listener: Echo, request_: bytes, expected: int
) -> None:
    """The application sees nothing of it, and the client is told."""
    before = behind_listener.seen
    answer = front.raw(request_)
    assert status(answer) == expected
    assert b"connection: close" in answer
    assert behind_listener.seen == before


@pytest.mark.spec("RFC 9110", "10.1.1")
def test_a_client_may_wait_for_leave(front: Front) -> None:
    """As curl does before larger bodies."""
    head = b"POST / HTTP/1.1\r\n" + HEAD + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with front.connected(front.context()) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert b'"body": "abc"' in rest(connection)


def test_a_big_certificate_passes(front: Front) -> None:
    """Fourteen kilobytes, many times the usual."""
    names = x509.SubjectAlternativeName([x509.DNSName(f"host-{number:03}.partner.test") for number in range(600)])
    big = self_signed(dn(CN="x"), (names, False))
    assert len(big.der) > 12000
    assert front.get(shown=big).json()["thumbprint"] == thumbprint(big)


@pytest.mark.spec("BCP 195", "3.1.1")
def test_old_tls_is_refused(front: Front) -> None:
    """1.2 and 1.3 only, 1.2 with forward secrecy and authenticated encryption only."""
    old, weak = front.context(), front.context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    weak.set_ciphers("AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA")
    for context in (old, weak):
        with pytest.raises(OSError), front.connected(context):
            pass
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        good = front.context()
        good.minimum_version = good.maximum_version = version
        with front.connected(good) as connection:
            assert connection.version() == version.name.replace("_", ".")


def test_a_session_carries_no_certificate_over(front: Front) -> None:
    """Each connection shows its certificate anew; one that tries to resume is a full handshake."""
    shown = self_signed(dn(CN="x"))
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context, session = front.context(shown), None
        context.maximum_version = version
        for _ in range(2):
            with front.connected(context, session) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n" + HEAD + b"\r\n")
                assert thumbprint(shown).encode() in rest(connection)
                assert not connection.session_reused
                session = connection.session


def test_slow_clients_hinder_nobody(front: Front) -> None:
    """Connections that say nothing, or no TLS, cost a thread each for a while; others are served meanwhile."""
    with contextlib.ExitStack() as stack:
        for number in range(40):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", front.port), 20))
            if number % 2:
                silent.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert front.get().status_code == 200
    assert front.get().status_code == 200
