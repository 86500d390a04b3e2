"""URIs of client metadata (DOMAIN §3.6)."""

import pytest

from clients.metadata import redirect_uri_fault, uri_difference

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    "uri",
    [
        "https://rp.example/cb",
        "https://rp.example:8443/a/b?x=1",
        "http://127.0.0.1:8001/callback",
        "http://localhost/cb",
        "http://[::1]:9/cb",
    ],
)
def test_good_uris(uri: str) -> None:
    """Good: https anywhere, http to loopback; a query is allowed (RFC 6749 §3.1.2)."""
    assert redirect_uri_fault(uri) is None


@pytest.mark.rule("AC-50")
@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("http://rp.example/cb", "https is needed"),
        ("http://127.0.0.1.evil.example/cb", "https is needed"),
        ("https://rp.example/cb#part", "fragment"),
        ("https://rp.example/cb#", "fragment"),
        ("https://*.rp.example/cb", "no wildcard"),
        ("https://user@rp.example/cb", "no user part"),
        ("/cb", "absolute"),
        ("rp.example/cb", "absolute"),
        ("javascript:alert(1)", "absolute"),
        ("com.app:/cb", "absolute"),
        ("https:///cb", "absolute"),
        ("https://[::1", "not a URL"),
        ("https://rp.example:port/cb", "not a URL"),
        ("https://rp.example/夢", "printable ASCII"),
        ("https://rp.example/a b", "printable ASCII"),
        ("https://rp.example/\n", "printable ASCII"),
        ("https://rp.example/" + "a" * 500, "at most 500"),
    ],
)
def test_bad_uris(uri: str, fault: str) -> None:
    """Each is refused, and the fault says what to mend."""
    found = redirect_uri_fault(uri)
    assert found is not None
    assert fault in found


@pytest.mark.parametrize(
    ("received", "difference"),
    [
        ("http://rp.example/cb?x=1", "scheme: 'http' ≠ 'https'"),
        ("https://rp.test/cb?x=1", "host: 'rp.test' ≠ 'rp.example'"),
        ("https://rp.example:444/cb?x=1", "port: 444 ≠ None"),
        ("https://rp.example/cb/?x=1", "path: '/cb/' ≠ '/cb'"),
        ("https://rp.example/cb?x=2", "query: 'x=2' ≠ 'x=1'"),
        ("https://RP.example/cb?x=1", "spelling"),
        ("https://rp.example:x/cb", "not a URL"),
    ],
)
def test_differences(received: str, difference: str) -> None:
    """The first part that differs is named, for developers."""
    assert uri_difference(received, "https://rp.example/cb?x=1") == difference
