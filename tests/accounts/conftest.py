"""What tests of accounts share."""

import pytest
from flask import Flask

from tests.support.feed import Feeder


@pytest.fixture
def feeder(app: Flask) -> Feeder:
    """Imports into the application."""
    return Feeder(app)
