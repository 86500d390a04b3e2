"""A client whose keys are behind its ``jwks_uri``."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from idp.oidc import client_keys
from tests.protocol.wire import MakeApp
from tests.spec.client_keys.key_site import KeySite, publishing
from tests.spec.signing import Keys
from tests.spec.support import Client, client


@pytest.fixture
def site() -> Iterator[KeySite]:
    """The partner's server; nothing that another test fetched is remembered."""
    client_keys.forget()
    with publishing() as found:
        yield found
    client_keys.forget()


@pytest.fixture
def app(make_app: MakeApp, site: KeySite) -> Flask:
    """The application of these tests: it may call the partner's server."""
    return make_app(outbound_allow=f"127.0.0.1:{site.port}")


def rotate(client: Client, site: KeySite, number: int, *, keep_old: bool = True) -> Keys:
    """Publish a new key, and sign with it from now on."""
    old, new = client.keys, Keys.generate("ES256", number)
    site.body = new.jwks(old) if keep_old else new.jwks()
    client.keys = new
    return old


@pytest.fixture
def keyed(app: Flask, site: KeySite) -> Client:
    """The client; its first key is published."""
    keys = Keys.generate("ES256")
    site.body = keys.jwks()
    return client(app, keys, jwks_uri=site.uri())


def tried(client: Client, **body: Any) -> str:
    """Return what a token request gets: a client that is believed gets as far as the code."""
    answer = client.exchange("no-code", client.request(), **body)
    return str(answer.get_json()["error"])
