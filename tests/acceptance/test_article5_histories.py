"""Whatever happened to her service, a locked teacher is never answered as unlocked, and what restores her always does."""

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from clients.client_metadata import DEVICE_CODE
from tests.acceptance.channels import Channels
from tests.acceptance.doors import Doors
from tests.acceptance.histories import STEPS, History, Step
from tests.pages import Browser
from tests.scim.support import TEACHER, Scim
from tests.spec.tokens import granted, refreshing
from tests.support.office import Office, People

GRANTS = ["authorization_code", "refresh_token", DEVICE_CODE]


@pytest.fixture
def doors(app: Flask, people: People) -> Doors:
    """A partner that gets everything we issue, to which T02 gave her consent, and one to which she never did."""
    partner = refreshing(app, client_id="everything", grant_types=GRANTS)
    sub = partner.opened(granted(partner, Browser(app), people["T02"])["id_token"])[1]["sub"]
    return Doors(partner, refreshing(app, client_id="stranger"), people["T02"], sub)


@pytest.fixture
def channels(app: Flask, office: Office, people: People) -> Channels:
    """All ways in which the service data of T02 change."""
    return Channels(office, people["T02"], Scim(app))


@pytest.mark.rule("AC-29", "AC-31", "AC-32", "AC-35", "AC-37", "D-11", "D-14", "D-15", "D-23", "D-25", "D-28", "D-34")
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # shrinking asks all doors a thousand times; a history of six steps reads well enough
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=2, max_size=6))
@example(steps=[("end", "console", 0, 0), ("midnight", False), ("midnight", True)])
@example(steps=[("suspend", "put", 0, 1, 0), ("midnight", False), ("midnight", False)])
@example(steps=[("close", "994601", 1), ("midnight", False), ("close", "994601", 0)])
@example(steps=[("end", "patch", 0, -1), ("add", "patch", "990301", "J40", -3, False), ("refuse", "put", 1)])
def test_no_door_takes_a_locked_teacher_for_unlocked(steps: list[Step], doors: Doors, channels: Channels) -> None:
    """§2.4, §2.5: after each step of any history all doors obey the table; in the end she is restored (D-25, D-49)."""
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        history = History(channels, clock)
        history.begin()
        doors.begin()
        for step in [("add", "command", "994601", "J40", -10, True), *steps, ("restore",)]:
            was_locked = history.expected[0] == "locked"
            if step[0] == "midnight":
                take(("eve",), history, doors)
            take(step, history, doors)
            if step[0] == "restore":
                check_restored(history, doors, was_locked=was_locked)


def take(step: Step, history: History, doors: Doors) -> None:
    """Do a step and ask everywhere; what is too old, or was never told of a closure, says nothing afterwards."""
    history.run(step)
    if step[0] in {"wait", "eve"}:
        doors.forget()
    check(history, doors)
    if step[0] == "close":
        doors.dead = []


def check(history: History, doors: Doors) -> None:
    """The product's own state, SCIM, what was announced, and every door agree with the table."""
    state, reason = history.expected
    found = history.office.state(history.person, history.today)
    assert (found.state, found.reason) == (state, reason)
    told = history.channels.user()[TEACHER]["serviceState"]
    assert (told["state"], told.get("reason")) == (state, reason)
    if history.is_settled:
        assert history.told() == (state, reason)
    doors.check(state, reason)


def check_restored(history: History, doors: Doors, *, was_locked: bool) -> None:
    """She did nothing: a log-in suffices; if she was locked, her box says that it is over."""
    doors.sign_in_afresh()
    if was_locked:
        assert history.office.messages(history.person)[-1].code == "MSG-RESTORE-MAIL"
