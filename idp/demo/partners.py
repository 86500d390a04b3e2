"""Fictional partners (DOMAIN §9.5)."""

from dataclasses import dataclass
from datetime import date

from clients.lifecycle import ClientEnvironment
from clients.procedure.transitions import Party
from scopes.items import ALL_ITEMS, DataItem

PURPOSES = {
    DataItem.NAME: "研習報名與核發時數之身分確認",
    DataItem.SCHOOL_CODE: "統計各校參與情形",
    DataItem.SCHOOL_NAME: "報名名單顯示服務學校",
    DataItem.TITLE_CODE: "分組共備依職務分流",
    DataItem.TITLE_NAME: "分組共備依職務分流",
    DataItem.USER_ID: "連結會員資料並回傳研習紀錄",
}


@dataclass(frozen=True, slots=True)
class Site:
    """A partner: its case and its one client. ``redirect_uris`` empty means: the demo site of this machine."""

    client_id: str
    name: str
    url: str
    operating_unit: str
    applicant_unit: str
    items: frozenset[DataItem]
    purpose: str
    reporting: bool = True
    environment: ClientEnvironment = ClientEnvironment.PRODUCTION
    auth_method: str = "client_secret_basic"
    test_url: str | None = None
    letter_no: str = ""
    approval_no: str = ""
    people: tuple[tuple[str, Party], ...] = (("ptnapp01", Party.APPLICANT), ("ptnoff01", Party.OFFICER))


SITES = (
    Site(
        "dream-n",
        "夢的N次方（示範站）",
        "https://dream-n.example",
        "示範師範大學",
        "示範國教署",
        ALL_ITEMS - {DataItem.TITLE_CODE},
        "辦理教師專業研習：報名、參與、登記與核發研習時數",
        letter_no="示範教字第1090000101號",
        approval_no="示範師字第1090000202號",
    ),
    Site(
        "county-study",
        "霧松縣教師研習系統（示範）",
        "https://study.ws.example",
        "霧松縣政府教育處（示範）",
        "霧松縣政府教育處（示範）",
        frozenset({DataItem.NAME, DataItem.SCHOOL_CODE, DataItem.USER_ID}),
        "縣內教師研習報名與時數管理",
        auth_method="client_secret_post",
        people=(("wsedu001", Party.APPLICANT),),
        letter_no="霧教字第1090000111號",
        approval_no="示範師字第1090000212號",
    ),
    Site(
        "material-hub",
        "數位教材分享平臺（示範）",
        "https://material.example",
        "示範大學教學中心",
        "示範大學教學中心",
        frozenset({DataItem.SCHOOL_NAME, DataItem.TITLE_NAME}),
        "在職教師瀏覽與下載數位教材",
        reporting=False,
        letter_no="示大教字第1090000121號",
        approval_no="示範師字第1090000222號",
    ),
    Site(
        "sped-learn",
        "特教知能學習網（示範）",
        "https://sped.example",
        "國立雲岫特殊教育學校",
        "國立雲岫特殊教育學校",
        ALL_ITEMS,
        "特殊教育知能線上學習與時數核發",
        environment=ClientEnvironment.TEST,
        test_url="https://test.sped.example",
        letter_no="雲特教字第1090000131號",
        approval_no="示範師字第1090000232號",
    ),
)
FILLED_ON, SCAN_DATE, GO_LIVE_ON = date(2020, 6, 30), date(2020, 5, 12), date(2020, 9, 1)
