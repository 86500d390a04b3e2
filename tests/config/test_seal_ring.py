"""Sealed blobs: bound to a purpose, perishable, and readable across a rotation of the root keys."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from config import seal
from tests.conftest import Template
from tests.pages import Browser
from tests.rp import RelyingParty
from tests.support.office import MakeApp, People

NEW = secrets.token_urlsafe(48)
FACTS = {"text": "王曉晴", "number": 1, "nothing": None, "list": [1, 2]}


def test_what_is_sealed_opens(app: Flask) -> None:
    """JSON comes back as it was; the blob is URL-safe and shows nothing."""
    with app.app_context():
        blob = seal.seal("one", FACTS)
        assert seal.open_("one", blob) == FACTS
        assert blob.replace("-", "").replace("_", "").replace("=", "").isalnum()
        assert seal.seal("one", FACTS) != blob


def test_a_blob_opens_for_its_purpose_only(app: Flask) -> None:
    """A code is no form token and no interaction."""
    with app.app_context():
        blob = seal.seal("one", FACTS)
        for purpose in ("two", "One", "", "one "):
            with pytest.raises(seal.SealBroken):
                seal.open_(purpose, blob)


@pytest.mark.parametrize("damage", ["", "x", "gAAAA", "\udcff", "é", "a" * 5000, "===="])
def test_what_was_never_sealed(damage: str, app: Flask) -> None:
    """Anything else breaks the seal, without another error."""
    with app.app_context(), pytest.raises(seal.SealBroken):
        seal.open_("one", damage)


def test_one_changed_sign_breaks_it(app: Flask) -> None:
    """Blobs cannot be edited. The last four signs may hold padding bits, which carry nothing."""
    with app.app_context():
        blob = seal.seal("one", FACTS)
        for place in range(0, len(blob) - 4, 7):
            changed = blob[:place] + ("A" if blob[place] != "A" else "B") + blob[place + 1 :]
            with pytest.raises(seal.SealBroken):
                seal.open_("one", changed)


def test_time(app: Flask) -> None:
    """Within its time a blob opens; afterwards it is expired, which is a kind of broken; without a limit it opens."""
    start = datetime.now(UTC)
    with app.app_context(), time_machine.travel(start, tick=False) as clock:
        blob = seal.seal("one", FACTS)
        clock.move_to(start + timedelta(seconds=60))
        assert seal.open_("one", blob, 60) == FACTS
        clock.move_to(start + timedelta(seconds=62))
        with pytest.raises(seal.SealExpired):
            seal.open_("one", blob, 60)
        assert seal.open_("one", blob) == FACTS


def test_rotation(make_app: MakeApp, template: Template) -> None:
    """The first key seals, all open: a new key in front changes nothing for what is out; taken away, it is void."""
    old, both, new = (make_app(secret_keys=keys) for keys in (template.secret_key, f"{NEW},{template.secret_key}", NEW))
    with old.app_context():
        before = seal.seal("one", FACTS)
    with both.app_context():
        assert seal.open_("one", before) == FACTS
        after = seal.seal("one", FACTS)
    with new.app_context():
        assert seal.open_("one", after) == FACTS
        with pytest.raises(seal.SealBroken):
            seal.open_("one", before)
    with old.app_context(), pytest.raises(seal.SealBroken):
        seal.open_("one", after)


def test_keys_of_purposes_differ(app: Flask) -> None:
    """Every purpose has a key of its own, for seals and for keyed hashes."""
    with app.app_context():
        assert seal.mac_key("one") != seal.mac_key("two")
        assert seal.mac_key("one") == seal.mac_key("one")
        assert len(seal.mac_key("one")) == 32


@pytest.mark.rule("D-56")
def test_rotation_during_sign_ins(make_app: MakeApp, template: Template, people: People) -> None:
    """After a rotation sessions, signing keys and consents go on; nobody is told that data changed which did not."""
    app = make_app()
    RelyingParty(app, template.clients["dream-n"]).sign_in(Browser(app), people["T01"])
    rotated = make_app(secret_keys=f"{NEW},{template.secret_key}")
    partner, browser = RelyingParty(rotated, template.clients["dream-n"]), Browser(rotated)
    page, request = partner.start(browser, people["T01"])
    assert not page.has("changed-continue")
    assert partner.finish(page, request).claims["name"] == "王曉晴"
