"""The system of a county that pushes teachers."""

import pytest
from flask import Flask

from tests.scim.support import Scim


@pytest.fixture
def scim(app: Flask) -> Scim:
    """A client with both scopes."""
    return Scim(app)
