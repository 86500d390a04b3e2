"""Faces of the service-data console and of the teacher's correction requests."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from scopes.roc import taipei_day
from tests.journeys.faces import Visitor, face
from tests.journeys.steps import press

REASON = "Letter 1150000123"


def open_t16(visitor: Visitor, path: str = "") -> None:
    """Open T16's service record, as her school."""
    visitor.log_in("sch994501")
    visitor.open("/service?show=all&q=liao1616")
    press(visitor.page, ".register-name")
    if path:
        visitor.page.goto(f"{visitor.page.url}/{path}")


def fill_in(visitor: Visitor, days: int, **choices: str) -> None:
    """Fill in the form of an end or a suspension, and send it."""
    page, day = visitor.page, taipei_day(datetime.now(UTC)) + timedelta(days=days)
    for name in ("last_day", "first_day"):
        if page.locator(f"#{name}").count():
            page.fill(f"#{name}", day.isoformat())
    for choice in choices.values():
        page.check(choice)
    page.fill("#reason", REASON)
    press(page, "#send")


def ask_for_correction(visitor: Visitor, key: str) -> None:
    """File a correction request, as a teacher."""
    visitor.log_in(key)
    visitor.open("/account/corrections")
    visitor.page.check("#about-none")
    visitor.page.fill("#school", "994501")
    visitor.page.fill("#wish", "I have worked at this school since August.")
    press(visitor.page, "#send")
    expect(visitor.page.locator("#done")).to_be_visible()


@face()
def service_list(visitor: Visitor) -> None:
    """An authority's list, with everything in it."""
    visitor.log_in("wsedu001")
    visitor.open("/service?show=all")


@face()
def service_waiting(visitor: Visitor) -> None:
    """What waits for confirmation, to be ticked."""
    visitor.log_in("wsedu001")
    visitor.open("/service")


@face()
def service_nothing(visitor: Visitor) -> None:
    """A search that finds nothing, of a school that is not known."""
    visitor.log_in("wsedu001")
    visitor.open("/service?show=all&q=nobody&school=9")


@face()
def service_detail(visitor: Visitor) -> None:
    """A service record with its history."""
    visitor.log_in("sch994501")
    visitor.open("/service?show=all&q=liao1616")
    press(visitor.page, ".register-name")
    if not visitor.page.locator("#unsuspend").count():
        press(visitor.page, "#suspend")
        fill_in(visitor, 300)
        press(visitor.page, "#confirmed")


@face()
def service_end(visitor: Visitor) -> None:
    """The form of an end of service."""
    open_t16(visitor, "end")


@face(400)
def service_end_faults(visitor: Visitor) -> None:
    """The same with everything wrong."""
    open_t16(visitor, "end")
    visitor.page.locator("form").last.evaluate("form => form.noValidate = true")
    visitor.page.fill("#last_day", "115/02/30")
    press(visitor.page, "#send")


@face()
def service_end_question(visitor: Visitor) -> None:
    """What an end in the future will do."""
    open_t16(visitor, "end")
    fill_in(visitor, 20, cause="#cause-retired")


@face()
def service_suspend_question(visitor: Visitor) -> None:
    """What a suspension does that is recorded late."""
    open_t16(visitor, "suspend")
    fill_in(visitor, -12)


@face()
def service_correct(visitor: Visitor) -> None:
    """The form of a correction."""
    open_t16(visitor, "correct")


@face()
def service_add(visitor: Visitor) -> None:
    """The form of a new service record, as the authority."""
    visitor.log_in("wsedu001")
    visitor.open("/service/new")


@face()
def service_add_question(visitor: Visitor) -> None:
    """The question whether this is the teacher."""
    visitor.log_in("sch994501")
    visitor.open("/service/new?account=huang04a")
    visitor.page.select_option("#title", "J40")
    visitor.page.fill("#started", "2026-08-01")
    press(visitor.page, "#send")


def open_requests(visitor: Visitor, key: str) -> None:
    """File a correction request and open the list, as the school that was asked."""
    ask_for_correction(visitor, key)
    press(visitor.page, "#logout")
    visitor.log_in("sch994501")
    visitor.open("/service/requests")


def answer_request(visitor: Visitor, key: str) -> None:
    """File one, open it and fill in the answer."""
    open_requests(visitor, key)
    press(visitor.page, ".register-name >> nth=0")
    visitor.page.check("#outcome-declined")
    visitor.page.fill("#answer", "You left in July.")


@face()
def service_requests(visitor: Visitor) -> None:
    """Correction requests that wait for an answer."""
    open_requests(visitor, "T04")


@face()
def service_request(visitor: Visitor) -> None:
    """One of them, to be answered."""
    answer_request(visitor, "T10")


@face()
def corrections(visitor: Visitor) -> None:
    """A locked teacher's correction requests, one of them answered."""
    answer_request(visitor, "T08")
    press(visitor.page, "#send")
    press(visitor.page, "#logout")
    visitor.log_in("T08")
    visitor.open("/account/corrections")


@face(400)
def corrections_faults(visitor: Visitor) -> None:
    """The form with everything wrong."""
    visitor.log_in("T12")
    visitor.open("/account/corrections")
    visitor.page.locator("form").last.evaluate("form => form.noValidate = true")
    press(visitor.page, "#send")
