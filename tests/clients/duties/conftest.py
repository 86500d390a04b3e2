"""The procedure with the people of the demo."""

import pytest
from flask import Flask

from tests.support.cases import Procedure


@pytest.fixture
def procedure(app: Flask) -> Procedure:
    """Takes cases through the procedure."""
    return Procedure(app)
