"""Keys, secrets and key sets are exchanged while teachers sign in through two workers: nobody notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep

import jwt
import pytest
from flask import Flask
from sqlalchemy import update

from clients.client_secrets import rotate_secret
from config.database import db
from config.snapshot import bump
from idp import keys
from tests.pages import Browser
from tests.protocol.wire import MakeApp, People
from tests.spec.client_keys.conftest import rotate as publish
from tests.spec.client_keys.key_site import KeySite
from tests.spec.signing import Keys
from tests.spec.support import Client, client
from tests.spec.tokens import twin

PATIENCE = 60


class Traffic(Thread):
    """One teacher who signs in again and again, each time from a new browser; it ends at the first failure."""

    def __init__(self, app: Flask, rp: Client, person: dict[str, object]) -> None:
        super().__init__(daemon=True)
        self.app, self.rp, self.person, self.stop = app, rp, person, Event()
        self.kids: list[str] = []
        self.failure: Exception | None = None

    def run(self) -> None:
        """Sign in; the relying party verifies everything."""
        try:
            while not self.stop.is_set():
                found = self.rp.sign_in(Browser(self.app), self.person)
                self.kids.append(jwt.get_unverified_header(found.id_token)["kid"])
        except Exception as failure:  # noqa: BLE001  # whatever it is, the test tells it
            self.failure = failure


@contextmanager
def running(threads: list[Traffic]) -> Iterator[None]:
    """Let them run, and end with the failure of any."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.stop.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert [thread.failure for thread in threads] == [None] * len(threads)


def go_on(threads: list[Traffic], times: int = 2) -> None:
    """Wait until each has signed in some more times."""
    wanted, until = [len(thread.kids) + times for thread in threads], monotonic() + PATIENCE
    while any(len(thread.kids) < count for thread, count in zip(threads, wanted, strict=True)):
        assert monotonic() < until, [thread.failure for thread in threads]
        assert [thread.failure for thread in threads] == [None] * len(threads)
        sleep(0.01)  # between two looks; the sign-ins need the processor


@pytest.mark.spec("OIDC Core", "10.1.1")
@pytest.mark.spec("RFC 6749", "2.3.1")
def test_nobody_notices(make_app: MakeApp, site: KeySite, people: People) -> None:
    """The provider's keys, a client's secret with overlap, and a client's published keys."""
    app, other = (make_app(outbound_allow=f"127.0.0.1:{site.port}") for _ in range(2))
    own = Keys.generate("ES256")
    site.body = own.jwks()
    keyed = client(app, own, client_id="keyed", jwks_uri=site.uri())
    secret = client(app, client_id="secret", token_endpoint_auth_method="client_secret_basic")
    threads = [Traffic(app, keyed, people["T01"]), Traffic(other, secret, people["T02"])]
    threads += [Traffic(other, twin(keyed, other), people["T18"]), Traffic(app, twin(secret, app), people["T17"])]
    with running(threads):
        go_on(threads)
        before = {kid for thread in threads for kid in thread.kids}
        new = _rotate_provider(app, threads)
        with app.app_context():
            fresh = rotate_secret("secret", overlap=timedelta(days=7), actor="test", now=datetime.now(UTC))
        go_on(threads)
        threads[1].rp.secret = fresh
        go_on(threads)
        threads[3].rp.secret = fresh
        publish(keyed, site, 5)
        go_on(threads)
        threads[2].rp.keys = keyed.keys
        go_on(threads)
    assert len(before) == 1
    assert {thread.kids[-1] for thread in threads} == {new}


def _rotate_provider(app: Flask, threads: list[Traffic]) -> str:
    """Publish the next key, and let its day come while they sign in."""
    with app.app_context():
        kid, _ = keys.rotate(datetime.now(UTC))
        go_on(threads)
        soon = datetime.now(UTC) + timedelta(milliseconds=300)
        with db.session.begin():
            db.session.execute(update(keys.SigningKey).where(keys.SigningKey.kid == kid).values(activates_at=soon))
            retiring = keys.SigningKey.kid != kid, keys.SigningKey.alg == "RS256"
            db.session.execute(update(keys.SigningKey).where(*retiring).values(retires_at=soon))
            bump()
    sleep(0.3)  # the moment of the new key comes while they go on
    go_on(threads)
    return kid
