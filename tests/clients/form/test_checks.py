"""The form of Appendix 1: what is accepted, and what is wrong beside which field (DOMAIN §4.1, §4.2)."""

from collections.abc import Mapping
from datetime import date

import pytest

from clients.form.checks import Fault, Held, faults, scan_faults
from clients.form.fields import FIELDS, Field, Kind
from clients.form.reasons import Reason
from clients.form.values import Problem, cooperation, day, is_letter_no, items, text
from clients.lifecycle import CooperationItem
from scopes.items import DataItem
from tests.support.forms import filled

TODAY = date(2020, 7, 1)
HELD = Held(frozenset({"scan_report"}))


def found(answers: Mapping[str, str], held: Held = HELD) -> list[Fault]:
    """Return what is wrong today."""
    return faults(answers, held, TODAY)


def problems(answers: Mapping[str, str], held: Held = HELD) -> dict[str, Problem]:
    """Return what is wrong by field."""
    return {fault.field: fault.problem for fault in found(answers, held)}


def reasons(answers: Mapping[str, str], held: Held = HELD) -> dict[str, Reason | None]:
    """Return the coded reasons by field."""
    return {fault.field: fault.reason for fault in found(answers, held)}


def test_a_filled_form_has_no_fault() -> None:
    """What is filled in as the paper asks is right."""
    assert found(filled()) == []


@pytest.mark.parametrize("field", [field.id for field in FIELDS if field.is_required and field.kind is not Kind.TICK])
def test_every_printed_blank_is_required(field: str) -> None:
    """D-45: an empty blank is named by its own field, as RT-01."""
    for empty in ("", " \n\u3000"):
        answers = filled() | {field: empty}
        assert [(one.field, one.problem, one.reason) for one in found(answers)] == [
            (field, Problem.MISSING, Reason.INCOMPLETE)
        ]


@pytest.mark.rule("AC-58")
def test_a_missing_address_of_the_officer_is_named() -> None:
    """The fault stands at 承辦人－電子信箱."""
    (fault,) = found(filled() | {"officer_email": ""})
    assert next(one.label_zh for one in FIELDS if one.id == fault.field) == "承辦人－電子信箱"


@pytest.mark.parametrize("field", [field for field in FIELDS if field.max_length and field.kind is Kind.TEXT])
def test_the_greatest_length_is_kept(field: Field) -> None:
    """A text of the greatest length is right, one sign more is wrong."""
    answers = filled() | {f"item_{item}": "yes" for item in DataItem} | {f"purpose_{item}": "x" for item in DataItem}
    assert found(answers | {field.id: "字" * field.max_length}) == []
    assert problems(answers | {field.id: "字" * (field.max_length + 1)}) == {field.id: Problem.TOO_LONG}


@pytest.mark.rule("AC-59")
@pytest.mark.parametrize(
    ("has_test_url", "test_url", "expected"),
    [
        ("yes", "https://test.site.example", None),
        ("none", "", None),
        ("yes", "", Problem.MISSING),
        ("none", "https://test.site.example", Problem.NOT_EMPTY),
        ("yes", "https://site.example", Problem.SAME_URL),
        ("yes", "http://test.site.example", Problem.NOT_A_URL),
    ],
)
def test_the_test_url_goes_with_its_box(has_test_url: str, test_url: str, expected: Problem | None) -> None:
    """有 needs a URL of its own, 無 admits none."""
    answers = filled() | {"has_test_url": has_test_url, "test_url": test_url}
    assert problems(answers) == ({"test_url": expected} if expected else {})


@pytest.mark.rule("AC-60")
@pytest.mark.parametrize(
    ("count", "is_right"),
    [
        ("0", True),
        ("99999999", True),
        ("-1", False),
        ("many", False),
        ("100000000", False),
        ("1.5", False),
        ("²", False),
    ],
)
def test_the_number_of_members_is_a_number(count: str, *, is_right: bool) -> None:
    """0 … 99,999,999; a new site has none."""
    assert problems(filled() | {"member_count": count}) == ({} if is_right else {"member_count": Problem.NOT_A_COUNT})


@pytest.mark.rule("AC-61")
@pytest.mark.parametrize("item", DataItem)
def test_a_ticked_item_needs_its_purpose(item: DataItem) -> None:
    """Without 用途說明: RT-06 at that item; a purpose without its tick is a slip too."""
    ticked = filled() | {f"item_{item}": "yes", f"purpose_{item}": " "}
    assert reasons(ticked) == {f"purpose_{item}": Reason.NO_PURPOSE}
    unticked = filled() | {"coop_reporting": "", f"item_{item}": "", f"purpose_{item}": "報名"}
    assert problems(unticked) == {f"purpose_{item}": Problem.NOT_EMPTY}


@pytest.mark.rule("AC-62")
def test_roaming_needs_an_item() -> None:
    """Roaming without any of the six items is wrong; no cooperation item at all is wrong too."""
    none = {field.id: "" for field in FIELDS if field.id.startswith(("item_", "purpose_"))}
    assert problems(filled() | none | {"coop_reporting": ""}) == {"item_name": Problem.NONE_TICKED}
    assert problems(filled() | {"coop_roaming": "", "coop_reporting": ""}) == {"coop_roaming": Problem.NONE_TICKED}


@pytest.mark.rule("AC-63", "D-47")
def test_reporting_needs_the_user_identifier() -> None:
    """Records name the teacher by it: RT-11."""
    answers = filled() | {"coop_reporting": "yes", "item_user_id": "", "purpose_user_id": ""}
    assert reasons(answers) == {"item_user_id": Reason.NO_USER_ID}
    assert reasons(answers | {"coop_reporting": ""}) == {}


@pytest.mark.rule("AC-64", "AC-65", "AC-66", "D-44")
@pytest.mark.parametrize(
    ("filled_on", "scanned_on", "expected"),
    [
        ("109-06-23", "109-06-23", None),
        ("109-06-23", "108-06-23", None),
        ("109-06-23", "108-06-22", Problem.TOO_OLD),
        ("109-06-23", "109-06-24", Problem.TOO_NEW),
        ("113-02-29", "112-02-28", None),
        ("113-02-29", "112-02-27", Problem.TOO_OLD),
    ],
)
def test_the_scan_is_of_the_year_before(filled_on: str, scanned_on: str, expected: Problem | None) -> None:
    """The table of DOMAIN §4.2, both ends included."""
    answers = filled() | {"filled_on": filled_on, "scan_date": scanned_on}
    found = faults(answers, HELD, date(2024, 3, 1))
    assert [(one.field, one.problem, one.reason) for one in found] == (
        [("scan_date", expected, Reason.OLD_SCAN)] if expected else []
    )


@pytest.mark.rule("D-44")
def test_the_scan_is_judged_again_on_the_day_of_the_letter() -> None:
    """Filled 109-06-23, scanned 108-07-01: fine for the form, too old for a letter of 109-07-10."""
    answers = filled() | {"filled_on": "109-06-23", "scan_date": "108-07-01"}
    assert found(answers) == []
    assert [one.reason for one in scan_faults(answers, date(2020, 7, 10))] == [Reason.OLD_SCAN]


@pytest.mark.parametrize(
    ("target", "is_right"),
    [
        ("https://site.example/a", True),
        ("https://SITE.example", True),
        ("https://test.site.example", True),
        ("https://other.example", False),
        ("https://site.example.other.example", False),
    ],
)
def test_the_scan_is_of_a_host_of_the_site(target: str, *, is_right: bool) -> None:
    """RT-12 for another host than those of the site and its test site."""
    answers = filled() | {"scan_target": target, "has_test_url": "yes", "test_url": "https://test.site.example"}
    assert reasons(answers) == ({} if is_right else {"scan_target": Reason.OTHER_TARGET})


@pytest.mark.rule("AC-67")
def test_the_privacy_policy_is_there_in_one_form() -> None:
    """URL, text or file; none of them is RT-05."""
    none = filled() | {"policy_url": "", "policy_text": ""}
    assert reasons(none) == {"privacy_policy": Reason.NO_POLICY}
    assert reasons(none | {"policy_text": "本站"}) == {}
    assert reasons(none, Held(HELD.attachments | {"privacy_policy"})) == {}


def test_the_scan_report_is_there() -> None:
    """RT-03 without the file."""
    assert reasons(filled(), Held()) == {"scan_report": Reason.NO_SCAN}


@pytest.mark.rule("AC-68")
@pytest.mark.parametrize("field", ["agree_1", "agree_2", "agree_3", "agree_4"])
def test_all_four_points_are_agreed_to(field: str) -> None:
    """Three of four: RT-08; only a tick is a tick."""
    for typed in ("", "no", "on"):
        assert reasons(filled() | {field: typed}) == {field: Reason.NOT_AGREED}


@pytest.mark.rule("AC-69")
def test_the_date_of_filling_is_a_real_day() -> None:
    """110-02-29 is none; 109-02-29 is 2020-02-29; a day to come is wrong; each as RT-13."""
    for wrong in ("民國110年2月29日", "soon", "109/2/30"):
        answers = filled() | {"filled_on": wrong}
        assert reasons(answers) == {"filled_on": Reason.WRONG_DAY}
    assert day({"filled_on": "民國109年2月29日"}, "filled_on") == date(2020, 2, 29)
    tomorrow = filled() | {"filled_on": "109/07/02"}
    assert problems(tomorrow) == {"filled_on": Problem.IN_THE_FUTURE}
    assert problems(filled() | {"filled_on": "109/07/01"}) == {}


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (
            "officer_phone",
            ["(07)717-2930 轉 1234", "+886 2 1234-5678", "0227208889分機12"],
            ["1234567", "phone 12345678"],
        ),
        ("officer_email", ["a@site.example.com"], ["a@", "a@b.com, c@d.com", "王"]),
        (
            "site_url",
            ["https://site.example/x?y=1"],
            ["http://site.example", "https://site.example/#x", "site.example"],
        ),
        (
            "site_url",
            ["https://site.example:8443"],
            ["https://u@site.example", "https://a b", "https:///x", "https://[x"],
        ),
        ("maintenance", ["in_house", "contractor"], ["both", "IN_HOUSE"]),
    ],
)
def test_each_kind_of_field_has_its_form(field: str, right: list[str], wrong: list[str]) -> None:
    """What is right is accepted, what is wrong is named at its field and nowhere else."""
    for typed in right:
        assert field not in problems(filled() | {field: typed})
    for typed in wrong:
        assert field in problems(filled() | {field: typed}), typed


def test_a_name_that_another_case_has_is_refused() -> None:
    """The site's name is unique among cases that are not final."""
    assert problems(filled(), Held(HELD.attachments, name_taken=True)) == {"site_name": Problem.TAKEN}


def test_what_is_applied_for_is_read_from_the_ticks() -> None:
    """In the order of the form."""
    answers = filled()
    assert cooperation(answers) == (CooperationItem.ROAMING, CooperationItem.REPORTING)
    assert items(answers) == (DataItem.NAME, DataItem.SCHOOL_CODE, DataItem.SCHOOL_NAME, DataItem.USER_ID)
    assert text({"site_name": " 站 "}, "site_name") == "站"


@pytest.mark.parametrize("number", ["臺教師(三)字第1090000001號", "示範教字第109000010A號", "霧教字第109001號"])
def test_numbers_of_letters(number: str) -> None:
    """發文字號 as it is written; one sign too many or too few is none."""
    assert is_letter_no(number)
    for wrong in (
        number + " ",
        "字第1090000001號",
        number.replace("號", ""),
        number.replace("第", " "),
        "x" * 20 + number,
    ):
        assert not is_letter_no(wrong)


def test_faults_stand_in_the_order_of_the_form() -> None:
    """A person works them off from top to bottom."""
    order = [field.id for field in FIELDS]
    named = [fault.field for fault in found({}, Held()) if fault.field in order]
    assert named == sorted(named, key=order.index)
    assert len(named) > 15
