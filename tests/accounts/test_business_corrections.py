"""What the applicant of a business account puts right after a return (DOMAIN §1.3, D-07)."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from config.database import db
from idp.accounts import approvals, business
from idp.accounts.approvals import StepRefused, Why
from idp.accounts.models import Account
from tests.support.business import Registry

SCHOOL, CENTRE = "sch993501", "rcsouth01"


@pytest.fixture
def registry(app: Flask) -> Registry:
    """The business accounts; that of the school was returned."""
    found = Registry(app)
    with app.app_context():
        approvals.return_for_correction(found.step(SCHOOL, CENTRE), "x")
    return found


def is_verified_after(registry: Registry, address: str) -> bool:
    """Verify what is stored, correct the address, and look whether it counts as verified."""
    ident, now = registry.id_of(SCHOOL), datetime.now(UTC)
    of_school = Account.id == ident
    with registry.app.app_context():
        with db.session.begin():
            db.session.execute(update(Account).where(of_school).values(email_verified_at=now))
        business.correct(ident, "某人", address, now=now)
        with db.session.begin():
            return db.session.scalar(select(Account.email_verified_at).where(of_school)) is not None


@pytest.mark.rule("D-07")
def test_another_address_is_to_be_verified_anew(registry: Registry) -> None:
    """Another address is a stranger's until its link was opened; the same one stays verified."""
    found = [is_verified_after(registry, address) for address in ("one@example.tw", "one@example.tw", "two@example.tw")]
    assert found == [False, True, False]


@pytest.mark.rule("D-07")
def test_only_until_the_next_fax(registry: Registry) -> None:
    """The fax answers the return: what waits for review is no longer corrected, nor what was never returned."""
    registry.set(SCHOOL, decision_reason=None)
    with registry.app.app_context(), pytest.raises(StepRefused) as found:
        business.correct(registry.id_of(SCHOOL), "某人", "one@example.tw", now=datetime.now(UTC))
    assert found.value.why is Why.STATE
