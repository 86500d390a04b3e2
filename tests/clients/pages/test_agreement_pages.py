"""Steps that need several persons: what is agreed to is what was shown."""

from tests.clients.pages.conftest import Pages
from tests.clients.pages.test_walk import letter
from tests.support.cases import ADMIN, ANSWER, APPROVED, SECOND_ADMIN, Procedure


def proposed(procedure: Procedure) -> int:
    """Return a case whose approval one administrator recorded."""
    case = procedure.submitted()
    procedure.attach(case, "approval_letter", by=ADMIN)
    procedure.step(case, "X6", ADMIN, APPROVED)
    return case


def test_who_proposed_cannot_agree_to_it(pages: Pages, procedure: Procedure) -> None:
    """She sees that it waits; the step is not offered to her again."""
    case = proposed(procedure)
    page = pages(ADMIN).get(f"/cases/{case}")
    assert "等待同意" in page.text("proposal-title")
    assert not page.has("agree-link")
    assert not page.has("step-X6")


def test_the_second_sees_what_she_agrees_to(pages: Pages, procedure: Procedure) -> None:
    """Letter, items, cooperation."""
    case = proposed(procedure)
    page = pages(SECOND_ADMIN).get(f"/cases/{case}/steps/X6")
    for said in (ANSWER["letter_no"], "民國109年7月24日", "使用者識別碼", "資訊傳報"):
        assert said in page.html


def test_something_else_was_proposed_meanwhile(pages: Pages, procedure: Procedure) -> None:
    """An agreement to what was replaced is refused; nothing is approved."""
    case = proposed(procedure)
    second = pages(SECOND_ADMIN)
    second.get(f"/cases/{case}/steps/X6")
    procedure.step(case, "X6", ADMIN, APPROVED | {"items": ["name", "user_id"]})
    assert second.submit("step-submit").status == 400
    assert procedure.state(case) == "submitted"


def test_another_proposal_takes_the_place(pages: Pages, procedure: Procedure) -> None:
    """The second administrator proposes fewer items: the first is asked anew."""
    case = proposed(procedure)
    second = pages(SECOND_ADMIN)
    second.get(f"/cases/{case}/steps/X6")
    second.follow("otherwise")
    assert second.page.has("replaces")
    second.submit(
        "step-submit", tick=("seal_verified", "eligibility_checked"), untick=("items-name",), **letter(ANSWER)
    )
    assert procedure.state(case) == "submitted"
    first = pages(ADMIN)
    first.get(f"/cases/{case}")
    first.follow("agree-link")
    assert "姓名" not in first.page.text("step-title")
    assert first.submit("step-submit").text("state") == "教育部核准"
    assert "未核准" in first.page.text("items")
