"""Password hashes: Argon2id at the recommended cost, and the same work for nobody."""

import argon2
import pytest

from idp.accounts.passwords import hash_password, needs_rehash, verify_password

pytestmark = pytest.mark.no_database


def test_argon2id_at_the_recommended_cost() -> None:
    """OWASP: Argon2id with 19 MiB and two passes, a salt of its own for every hash."""
    one, other = hash_password("密碼 with blanks"), hash_password("密碼 with blanks")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert verify_password(one, "密碼 with blanks")


@pytest.mark.parametrize("wrong", ["", "密碼", "密碼 with blanks ", "\0nobody\0", "x" * 1024])
def test_wrong_passwords(wrong: str) -> None:
    """Anything else is wrong."""
    assert not verify_password(hash_password("密碼 with blanks"), wrong)


@pytest.mark.parametrize("password", ["", "x", "\0nobody\0"])
def test_nobody_has_no_password(password: str) -> None:
    """Without a hash nothing is right, not even what the stand-in was made from."""
    assert not verify_password(None, password)


@pytest.mark.parametrize("broken", ["plain", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=x"])
def test_a_hash_that_is_none(broken: str) -> None:
    """A stored value that is no Argon2 hash opens to nothing, without an error."""
    assert not verify_password(broken, "x")


def test_which_hashes_are_renewed() -> None:
    """Other parameters are renewed; today's are not."""
    assert not needs_rehash(hash_password("x"))
    assert needs_rehash(argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("x"))
