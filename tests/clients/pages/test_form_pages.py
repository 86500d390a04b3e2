"""The form by pages: everything that was typed is kept, every fault stands at its field."""

import pytest

from clients.models import Case
from config.database import db
from tests.clients.pages.conftest import Pages
from tests.clients.pages.test_walk import letter
from tests.support.cases import ADMIN, APPLICANT, LETTER, Procedure


def answers(pages: Pages, case: int) -> dict[str, str]:
    """Return the form as it is kept."""
    with pages.app.app_context(), db.session.begin():
        return db.session.get_one(Case, case).answers


def test_wrong_input_is_kept(pages: Pages, procedure: Procedure) -> None:
    """The page shows it again, with the rule beside the field."""
    case = procedure.open()
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/unit")
    page = browser.submit("save", officer_phone="none", officer_email="a@b, c@d", unit_head_name="  林主任 ")
    assert dict(page.form_with("save").fields)["officer_email"] == "a@b, c@d"
    assert page.text("officer_phone-error").startswith("請填電話號碼")
    assert page.text("officer_name-error").startswith("還沒有填寫")
    assert not page.has("unit_head_name-error")
    assert answers(pages, case)["unit_head_name"] == "  林主任 "


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"filled_on_y": "109", "filled_on_m": "6", "filled_on_d": "23"}, "109/6/23"),
        ({"filled_on_y": "民國109年6月23日"}, "民國109年6月23日"),
        ({"filled_on_y": "1090623"}, "1090623"),
        ({"filled_on_y": "110", "filled_on_m": "2", "filled_on_d": "29"}, "110/2/29"),
        ({"filled_on_m": "2"}, "/2/"),
    ],
)
def test_days_in_three_boxes(pages: Pages, procedure: Procedure, typed: dict[str, str], kept: str) -> None:
    """Year, month and day, or a whole date pasted into the first box; a day that does not exist stays to be seen."""
    case = procedure.open()
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/signature")
    page = browser.submit("save", **typed)  # type: ignore[arg-type]  # fields
    assert answers(pages, case)["filled_on"] == kept
    fields = dict(page.form_with("save").fields)
    assert {name: value for name, value in fields.items() if name.startswith("filled_on") and value} == typed


@pytest.mark.rule("AC-69")
def test_a_day_that_does_not_exist_is_named(pages: Pages, procedure: Procedure) -> None:
    """民國110年2月29日."""
    case = procedure.open()
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/signature")
    page = browser.submit("save", filled_on_y="110", filled_on_m="2", filled_on_d="29")
    assert page.text("filled_on-error").startswith("沒有這一天")


def test_a_long_policy_is_taken_whole(pages: Pages, procedure: Procedure) -> None:
    """Fifty thousand characters pass; more are kept as they are typed, and named."""
    case, text = procedure.open(), "隱" * 50_000
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/attachments")
    page = browser.submit("save", policy_text=text)
    assert answers(pages, case)["policy_text"] == text
    assert not page.has("policy_text-error")
    page = browser.submit("save", policy_text=text + "私" * 10)
    assert page.text("policy_text-error").startswith("超過字數上限")
    assert len(answers(pages, case)["policy_text"]) == 50_010


def test_a_text_beyond_all_limits_is_shown_again(pages: Pages, procedure: Procedure) -> None:
    """It is not kept, and not lost either: the page that refuses shows it."""
    case, text = procedure.open(), "a" * 60_001
    browser = pages(APPLICANT)
    browser.get(f"/cases/{case}/form/attachments")
    page = browser.submit("save", policy_text=text)
    assert page.status == 400
    assert dict(page.form_with("save").fields)["policy_text"] == text
    assert "policy_text" not in answers(pages, case)


def test_what_was_sent_is_not_written_any_more(pages: Pages, procedure: Procedure) -> None:
    """Until it comes back."""
    case = procedure.submitted()
    assert pages(APPLICANT).get(f"/cases/{case}/form/unit").status == 403


def test_return_and_correction(pages: Pages, procedure: Procedure) -> None:
    """Coded reasons with their fields; a changed form needs a new stamp, and the letter that was asked for."""
    case = procedure.submitted()
    said = {"text_RT-07": "職稱與目的無關", "field_RT-07": "purpose_name"}
    pages.step(ADMIN, case, "X4", said, "reason_RT-07", "reason_RT-02", "needs_letter")
    browser = pages(APPLICANT)
    reasons = browser.get(f"/cases/{case}").text("reasons")
    assert "RT-07 姓名－用途說明" in reasons
    assert "職稱與目的無關" in reasons
    assert "未蓋單位主管職名章" in reasons
    browser.get(f"/cases/{case}/form/site")
    browser.submit("save", audience="國小教師")
    changes = pages(ADMIN).get(f"/cases/{case}/form").text("changes")
    assert "服務對象在職教師國小教師" in changes
    refused = pages.step(APPLICANT, case, "X5")
    assert refused.status == 400
    assert "發文字號" in refused.text("refusal")
    assert "重新核章" in refused.text("refusal")
    pages.attach(APPLICANT, case, "seal_scan")
    assert pages.step(APPLICANT, case, "X5", letter(LETTER)).text("state") == "已行文報部"


def test_a_refused_step_names_the_fields_and_keeps_what_was_typed(pages: Pages, procedure: Procedure) -> None:
    """AC-42 by the page."""
    case = procedure.filled_in()
    page = pages.step(APPLICANT, case, "X3", letter(LETTER) | {"letter_no": "第1號", "letter_date_m": "13"})
    assert page.status == 400
    assert "發文日期：沒有這一天" in page.text("refusal")
    fields = dict(page.form_with("step-submit").fields)
    assert (fields["letter_no"], fields["letter_date_m"]) == ("第1號", "13")
    page = pages.step(APPLICANT, case, "X3", letter(LETTER) | {"letter_no": "第1號"})
    assert "發文字號：請填發文字號" in page.text("refusal")
    assert procedure.state(case) == "eligibility_confirmed"


def test_reasons_need_at_least_one(pages: Pages, procedure: Procedure) -> None:
    """X4 without a reason is refused; so is 'other' without words."""
    case = procedure.submitted()
    assert pages.step(ADMIN, case, "X4").status == 400
    assert pages.step(ADMIN, case, "X4", {}, "reason_RT-99").status == 400
    assert pages.step(ADMIN, case, "X4", {"text_RT-99": "請來電"}, "reason_RT-99").text("state") == "退請補正"
