"""What acceptance tests share."""

from datetime import date

import pytest
from flask import Flask

from scopes.roc import taipei_day
from tests.acceptance.office import Desk, Office
from tests.conftest import Template


@pytest.fixture
def office(app: Flask) -> Office:
    """Service data, changed by the school's commands."""
    return Office(app)


@pytest.fixture
def desk(app: Flask) -> Desk:
    """Cooperation cases and clients."""
    return Desk(app)


@pytest.fixture
def loaded_on(template: Template) -> date:
    """The day L of the demo data, in Taipei."""
    return taipei_day(template.loaded_at)
