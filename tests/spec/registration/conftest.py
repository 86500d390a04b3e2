"""A partner that registers itself."""

import pytest
from flask import Flask

from tests.spec.registration.partner import Partner, new_case


@pytest.fixture
def registrant(app: Flask) -> Partner:
    """A partner at its desk."""
    return Partner(app)


@pytest.fixture
def case(app: Flask) -> int:
    """A live case without clients."""
    return new_case(app)
