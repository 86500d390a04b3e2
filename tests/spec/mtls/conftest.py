"""Certificates for these tests, and a listener and an nginx before an application that tells what reached it."""

import secrets
from collections.abc import Iterator

import pytest

from tests.spec.mtls.proxies import Echo, Front, echoing, listener, nginx, settings_of
from tests.support.tls import Authority, Issued, server_certificate


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority of the servers and of some clients."""
    return Authority.new()


@pytest.fixture(scope="session")
def own(authority: Authority) -> Issued:
    """The certificate of the servers."""
    return server_certificate(authority)


@pytest.fixture(scope="module")
def behind_listener() -> Iterator[Echo]:
    """What stands behind our listener."""
    with echoing(Echo(secrets.token_urlsafe(32))) as echo:
        yield echo


@pytest.fixture(scope="module")
def front(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, own: Issued, behind_listener: Echo
) -> Iterator[Front]:
    """Our listener; two proxies are trusted."""
    folder, rules = tmp_path_factory.mktemp("listener"), settings_of(behind_listener.port, trusted_proxies=2)
    with listener(folder, authority, own, rules, behind_listener.secret) as running:
        yield running


@pytest.fixture(scope="module")
def behind_nginx() -> Iterator[Echo]:
    """What stands behind nginx."""
    with echoing(Echo(secrets.token_urlsafe(32), "X-SSL-Client-Cert")) as echo:
        yield echo


@pytest.fixture(scope="module")
def nginx_front(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, own: Issued, behind_nginx: Echo
) -> Iterator[Front]:
    """An nginx that asks for certificates."""
    with nginx(tmp_path_factory.mktemp("nginx"), authority, own, behind_nginx.port, behind_nginx.secret) as running:
        yield running
