"""Identifiers are opaque, stable and unforgeable, and outlive the rotation of the root secret."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.scim.identifiers import ASSIGNMENT, USER, identifier, key_of
from tests.scim.support import Scim

OTHER = "another-root-secret-of-the-tests-0123456789-abcdefgh"


@pytest.mark.spec("RFC 7643", "3.1")
def test_they_open_to_what_they_were_made_of(app: Flask) -> None:
    """And only as the kind that they were made for."""
    with app.app_context():
        made = [identifier(USER, key) for key in (1, 2, 3, 2**40)]
        assert [key_of(USER, ident) for ident in made] == [1, 2, 3, 2**40]
        assert made == [identifier(USER, key) for key in (1, 2, 3, 2**40)]
        assert [key_of(ASSIGNMENT, ident) for ident in made] == [None] * 4
        assert len({ident[position] for ident in made for position in range(8)}) > 4


@pytest.mark.parametrize("forged", ["", "1", "x" * 48, "0" * 48, "g" + "0" * 47, "０" * 48, "00" * 23, "bulkId:1"])
def test_what_we_did_not_make_is_nobody(app: Flask, scim: Scim, forged: str) -> None:
    """Whatever stands in the place of an identifier."""
    with app.app_context():
        assert key_of(USER, forged) is None
    if forged:
        assert scim.error("GET", f"/Users/{forged}") == (404, None)


def test_one_changed_digit_is_noticed(scim: Scim) -> None:
    """An identifier cannot be guessed from another one."""
    ident = scim.find("wang0101")["id"]
    for position in range(0, 48, 7):
        digit = "0" if ident[position] != "0" else "1"
        assert scim.error("GET", f"/Users/{ident[:position]}{digit}{ident[position + 1 :]}") == (404, None)
    assert scim.error("GET", f"/Users/{ident.upper()}") == (404, None)


def test_rotation_changes_none(make_app: Callable[..., Flask], app: Flask) -> None:
    """A new root secret in front: the old identifiers stay, made and read alike; another ring knows none of them."""
    root = app.extensions["settings"].secret_keys.get_secret_value()
    with app.app_context():
        before = identifier(USER, 7)
    with make_app(secret_keys=f"{OTHER},{root}").app_context():
        assert identifier(USER, 7) == before
        assert key_of(USER, before) == 7
    with make_app(secret_keys=OTHER).app_context():
        assert key_of(USER, before) is None
