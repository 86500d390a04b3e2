"""A form of Appendix 1 that is filled in as the paper asks."""

FILLED = {
    "applicant_unit": "示範國教署",
    "coop_roaming": "yes",
    "coop_reporting": "yes",
    "operating_unit_name": "示範師範大學",
    "unit_head_name": "林主任",
    "unit_head_phone": "(07)717-2930",
    "unit_head_email": "head@site.example.com",
    "officer_name": "陳承辦",
    "officer_phone": "07-7172930 轉 1234",
    "officer_email": "officer@site.example.com",
    "site_name": "教師共學網",
    "site_url": "https://site.example",
    "has_test_url": "none",
    "test_url": "",
    "audience": "在職教師",
    "member_count": "0",
    "site_purpose": "辦理教師專業研習",
    "maintenance": "in_house",
    "item_name": "yes",
    "purpose_name": "研習報名與核發時數之身分確認",
    "item_school_code": "yes",
    "purpose_school_code": "統計各校參與情形",
    "item_school_name": "yes",
    "purpose_school_name": "報名名單顯示服務學校",
    "item_user_id": "yes",
    "purpose_user_id": "連結會員資料並回傳研習紀錄",
    "scan_date": "109/05/12",
    "scan_target": "https://site.example",
    "policy_url": "https://site.example/privacy",
    "agree_1": "yes",
    "agree_2": "yes",
    "agree_3": "yes",
    "agree_4": "yes",
    "filled_on": "109/06/30",
}


def filled() -> dict[str, str]:
    """Return a filled form, to be changed by the test."""
    return dict(FILLED)
