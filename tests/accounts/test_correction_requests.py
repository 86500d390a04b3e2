"""Correction requests: the teacher asks, locked or not, the office answers (D-11, D-31)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from idp.accounts import correction_requests
from idp.accounts.correction_requests import OPEN_MAX, RequestRefused, TooManyOpen, Wish
from idp.accounts.models import BusinessState, CorrectionOutcome, CorrectionRequest, ServiceAssignment
from tests.pages import Page
from tests.support.console import Keeper, set_role
from tests.support.office import Office, People, change

NASTY = "<img src=x onerror=alert(1)>\"'&"
Ask = Callable[..., Page]


@pytest.fixture
def ask(app: Flask, people: People) -> Ask:
    """Send the form as a teacher."""

    def send(key: str, **fields: str) -> Page:
        teacher = Keeper(app, people[key]["account"])
        return teacher.send("/account/corrections", {"about": "none", "school": "994501", "wish": "請更正", **fields})

    return send


def rows(office: Office) -> list[CorrectionRequest]:
    """Return all requests."""
    return office.rows(select(CorrectionRequest).order_by(CorrectionRequest.id))


@pytest.mark.rule("D-11", "D-31")
@pytest.mark.parametrize("key", ["T01", "T04", "T08", "T10", "T12", "T13", "T14", "T19", "T20"])
def test_every_teacher_may_ask(key: str, ask: Ask, office: Office, people: People) -> None:
    """D-11: in service, locked for any reason, or not verified yet; the log names the request, not its words."""
    before = [(row.id, row.start_date, row.confirmed_at) for row in office.services(people[key])]
    page = ask(key, wish=f" {NASTY} ", school="994501 霧松縣立晨曦國民中學")
    assert page.has("done")
    (row,) = rows(office)
    assert (row.account_id, row.school_code, row.wish) == (office.id_of(people[key]), "994501", NASTY)
    (event,) = office.events("service.correction.asked", people[key])
    assert event.detail == {"request": row.id, "assignment": None, "school_code": "994501"}
    assert event.actor == event.subject
    assert before == [(row.id, row.start_date, row.confirmed_at) for row in office.services(people[key])]


@pytest.mark.rule("D-11", "D-31")
@pytest.mark.parametrize(("outcome", "said"), [("done", "已更正"), ("declined", "不予更正")])
def test_from_wish_to_answer(outcome: str, said: str, ask: Ask, app: Flask, office: Office, people: People) -> None:
    """T08, locked, asks; her school answers; she finds a message without the words, and the answer on her page."""
    ident = office.services(people["T08"])[0].id
    ask("T08", about=str(ident), wish=NASTY)
    school = Keeper(app, "sch994501")
    page = school.get("/service/requests")
    assert "楊詠晴（yang0808）" in page.text("register")
    number = rows(office)[0].id
    page = school.get(f"/service/requests/{number}")
    assert page.text("wish") == NASTY
    assert page.link("assignment") == f"/service/{ident}"
    page = school.send(f"/service/requests/{number}", {"outcome": outcome, "answer": f" {NASTY}答 "})
    assert page.has("done")
    assert not page.has("register")
    (message,) = office.messages(people["T08"])
    assert (message.code, message.parameters) == ("MSG-CORRECTION-ANSWER", {"request": number})
    (event,) = office.events("service.correction.answered", people["T08"])
    assert event.actor == f"account:{office.id_of({'account': 'sch994501'})}"
    assert event.detail == {"request": number, "assignment": ident, "school_code": "994501", "outcome": outcome}
    teacher = Keeper(app, people["T08"]["account"])
    assert "已有答覆" in teacher.get("/account").html
    page = teacher.get("/account/corrections")
    assert said in page.text("requests")
    assert f"{NASTY}答" in page.text("requests")
    assert "<img src=x" not in page.html
    assert "教師申請更正" in school.get(f"/service/{ident}").text("history")
    assert office.state(people["T08"], change().day).state == "locked"


@pytest.mark.parametrize(
    ("fields", "faulty"),
    [
        ({"about": ""}, {"about"}),
        ({"about": "x"}, {"about"}),
        ({"school": "nowhere"}, {"school"}),
        ({"wish": "  "}, {"wish"}),
        ({"wish": "字" * 1001}, {"wish"}),
        ({"about": "99999999999", "school": "", "wish": ""}, {"about", "school", "wish"}),
    ],
)
def test_faults_of_the_wish(fields: dict[str, str], faulty: set[str], ask: Ask, office: Office) -> None:
    """Each beside its field; what was typed stays; nothing is written."""
    page = ask("T04", **fields)
    assert page.status == 400
    assert {name for name in ("about", "school", "wish") if page.has(f"{name}-error")} == faulty
    held = dict(page.form_with("send").fields)
    assert all(held[name].strip()[:1000] == value.strip()[:1000] for name, value in fields.items() if name != "about")
    assert rows(office) == []


@pytest.mark.rule("D-31")
def test_only_her_own_assignments(ask: Ask, app: Flask, office: Office, people: People) -> None:
    """A request names an assignment of hers or none; the command says so as well as the page."""
    foreign = office.services(people["T01"])[0].id
    assert ask("T08", about=str(foreign)).has("about-error")
    with app.app_context():
        for wish in (Wish(foreign, "994501", "x"), Wish(None, "000000", "x"), Wish(None, "994501", " ")):
            with pytest.raises(RequestRefused):
                correction_requests.ask(office.id_of(people["T08"]), wish, now=change().now)
    assert rows(office) == []


def test_a_refused_assignment_is_not_offered(app: Flask, office: Office, people: People, ask: Ask) -> None:
    """What the school refused counts as none; she may still ask about what lacks."""
    office.refuse(people["T14"])
    ident = office.rows(select(ServiceAssignment).where(ServiceAssignment.refused_at.is_not(None)))[0].id
    assert not Keeper(app, people["T14"]["account"]).get("/account/corrections").has(f"about-{ident}")
    assert ask("T14", school="993601").has("done")


@pytest.mark.rule("D-11")
def test_at_most_five_open_requests(ask: Ask, app: Flask, office: Office, people: People) -> None:
    """The sixth waits until one is answered; also when they come at the same time."""
    ident = office.id_of(people["T10"])

    def one(_: int) -> bool:
        with app.app_context():
            try:
                correction_requests.ask(ident, Wish(None, "994501", "x"), now=change().now)
            except TooManyOpen:
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(8))) == OPEN_MAX
    page = ask("T10", wish="第六件")
    assert (page.status, "第六件" in page.html) == (400, True)
    assert "5 件" in page.text("form-error")
    school = Keeper(app, "sch994501")
    school.send(f"/service/requests/{rows(office)[0].id}", {"outcome": "done", "answer": "好"})
    assert ask("T10").has("done")


def test_an_answer_comes_once(ask: Ask, app: Flask, office: Office, people: People) -> None:
    """Whoever comes second is told; the first answer stands, and the teacher has one message."""
    ask("T08")
    number = rows(office)[0].id
    school, authority = Keeper(app, "sch994501"), Keeper(app, "wsedu001")
    school.send(f"/service/requests/{number}", {"outcome": "declined", "answer": "不符"})
    page = authority.send(f"/service/requests/{number}", {"outcome": "done", "answer": "好"})
    assert page.status == 409
    assert "已經答覆過" in page.text("form-error")
    assert [(row.outcome, row.answer) for row in rows(office)] == [("declined", "不符")]
    assert len(office.messages(people["T08"])) == 1


@pytest.mark.parametrize(
    ("outcome", "answer", "faulty"),
    [("maybe", "x", {"outcome"}), ("done", " ", {"answer"}), ("", "字" * 501, {"outcome", "answer"})],
)
def test_faults_of_the_answer(
    outcome: str, answer: str, faulty: set[str], ask: Ask, app: Flask, office: Office
) -> None:
    """An outcome and a text are needed; what was typed stays."""
    ask("T08")
    number = rows(office)[0].id
    page = Keeper(app, "sch994501").send(f"/service/requests/{number}", {"outcome": outcome, "answer": answer})
    assert {name for name in ("outcome", "answer") if page.has(f"{name}-error")} == faulty
    assert answer.strip() in page.html
    assert rows(office)[0].decided_at is None
    with app.app_context(), pytest.raises(RequestRefused):
        correction_requests.answer(number, CorrectionOutcome.DONE, " ", account_id=1, now=change().now)


@pytest.mark.rule("D-31")
def test_a_request_shows_nothing_of_another_schools_assignment(
    ask: Ask, app: Flask, office: Office, people: People
) -> None:
    """T09 asks 993501 about her assignment at 994502: that school learns that there is one, no more."""
    set_role(app, "sch993501", state=BusinessState.ACTIVE)
    ask("T09", about=str(office.services(people["T09"])[0].id), school="993501")
    page = Keeper(app, "sch993501").get(f"/service/requests/{rows(office)[0].id}")
    assert not page.has("assignment")
    assert "994502" not in page.html
    assert not Keeper(app, "sch994501").get("/service/requests").has("register")


@pytest.mark.rule("D-34")
def test_a_closed_school_can_be_asked(ask: Ask, app: Flask) -> None:
    """T13's school is closed: her request reaches the authority of its county."""
    assert ask("T13", school="994699").has("done")
    assert "hung1313" in Keeper(app, "wsedu001").get("/service/requests").text("register")


def test_business_accounts_have_no_requests(app: Flask) -> None:
    """The page is the teacher's."""
    school = Keeper(app, "sch994501")
    assert school.get("/account/corrections").status == 403
    assert school.send("/account/corrections", {"about": "none", "school": "994501", "wish": "x"}).status == 403
