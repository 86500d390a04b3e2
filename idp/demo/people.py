"""Fictional schools, titles, and teachers (DOMAIN §9.1-§9.3).

Days are counted from the load day L.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from idp.accounts.models import AssignmentSource
from scopes.service import AssignmentKind, EndReason

SCHOOLS = (
    ("990301", "國立雲岫高級中學", "鯨嶼縣", "national senior high"),
    ("990401", "國立海峰高級工業職業學校", "鯨嶼縣", "national vocational"),
    ("991301", "私立禾光高級中學", "霧松縣", "private senior high"),
    ("993302", "星河市立長汀高級中學", "星河市", "municipal senior high"),
    ("994303", "霧松縣立松濤高級中學", "霧松縣", "county senior high"),
    ("994501", "霧松縣立晨曦國民中學", "霧松縣", "junior high"),
    ("994502", "霧松縣立石橋國民中學", "霧松縣", "junior high"),
    ("993501", "星河市立望洋國民中學", "星河市", "junior high"),
    ("994601", "霧松縣雲門鄉梅溪國民小學", "霧松縣", "elementary"),
    ("994602", "霧松縣月灣鎮月灣國民小學", "霧松縣", "elementary"),
    ("994701", "霧松縣松林鄉松林國民小學", "霧松縣", "elementary"),
    ("993601", "星河市東湖區曉風國民小學", "星河市", "elementary"),
    ("990F01", "國立雲岫特殊教育學校", "鯨嶼縣", "special education"),
    ("994699", "霧松縣竹嶺國民小學", "霧松縣", "elementary"),
)
CLOSED_SCHOOLS = {"994699": -40}

TITLES = (
    ("J10", "校長", "Principal", True),
    ("J20", "教師兼主任", "Teacher and director", True),
    ("J21", "教師兼組長", "Teacher and section chief", True),
    ("J30", "導師", "Homeroom teacher", True),
    ("J40", "專任教師", "Full-time teacher", True),
    ("J41", "專任輔導教師", "Full-time counselling teacher", True),
    ("J42", "特殊教育教師", "Special-education teacher", True),
    ("J50", "代理教師", "Substitute teacher", True),
    ("J51", "代課教師", "Hourly substitute", True),
    ("J52", "兼任教師", "Part-time teacher", True),
    ("J60", "幼兒園教師", "Kindergarten teacher", True),
    ("J61", "教保員", "Educare giver", True),
    ("J80", "職員", "Administrative staff", False),
    ("J90", "實習學生", "Student teacher", False),
)


@dataclass(frozen=True, slots=True)
class Service:
    """An assignment; days are a date or a number of days from L."""

    school: str
    title: str
    start: date | int
    end: int | None = None
    reason: EndReason | None = None
    kind: AssignmentKind = AssignmentKind.PRIMARY
    suspended_from: int | None = None
    confirmed: bool = True
    source: AssignmentSource = AssignmentSource.SCHOOL
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Teacher:
    """A teacher of DOMAIN §9.3. ``roam`` and ``reason`` are what its last column expects."""

    key: str
    account: str
    name: str
    services: tuple[Service, ...]
    roam: str = "ok"
    reason: str | None = None
    is_test: bool = field(default=False, kw_only=True)


def resolve(day: date | int, loaded_on: date) -> date:
    """Return the date of a day counted from L."""
    return loaded_on + timedelta(days=day) if isinstance(day, int) else day


_AUG = {year: date(year, 8, 1) for year in range(2010, 2021)}
_NOT_IN_SERVICE, _NO_SCHOOL, _PENDING = "not_in_service", "no_service_school", "service_data_pending"
_ADDITIONAL = AssignmentKind.ADDITIONAL

TEACHERS = (
    Teacher("T01", "wang0101", "王曉晴", (Service("994501", "J40", _AUG[2015]),)),
    Teacher("T02", "lin0202", "林予安", (Service("994601", "J30", _AUG[2018]),)),
    Teacher(
        "T03",
        "chen0303",
        "陳柏睿",
        (Service("990301", "J21", _AUG[2014]), Service("991301", "J52", _AUG[2019], kind=_ADDITIONAL)),
    ),
    Teacher(
        "T04",
        "huang04a",
        "黃雅筑",
        (Service("994502", "J50", -425, -60, EndReason.NOT_RENEWED),),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher(
        "T05",
        "wu0505a",
        "吳承翰",
        (Service("993302", "J40", _AUG[2013], suspended_from=-30),),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher(
        "T06",
        "liu0606",
        "劉芷柔",
        (Service("994602", "J40", _AUG[2016], -90, EndReason.DEPARTED),),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher(
        "T07",
        "tsai0707",
        "蔡明諺",
        (Service("994601", "J40", _AUG[2016], -20, EndReason.TRANSFERRED), Service("994602", "J40", -19)),
    ),
    Teacher(
        "T08",
        "yang0808",
        "楊詠晴",
        (Service("994501", "J40", _AUG[2017], -10, EndReason.TRANSFERRED),),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher(
        "T09",
        "hsu0909",
        "許家瑋",
        (
            Service("994502", "J40", _AUG[2017], -5, EndReason.TRANSFERRED),
            Service("993501", "J40", -4, confirmed=False, source=AssignmentSource.SELF_DECLARED),
        ),
        "refused",
        _PENDING,
    ),
    Teacher(
        "T10",
        "cheng1010",
        "鄭淑惠",
        (Service("990401", "J20", _AUG[2010], -200, EndReason.RETIRED),),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher(
        "T11",
        "hsieh1111",
        "謝宗翰",
        (Service("994701", "J40", _AUG[2010], -400, EndReason.RETIRED), Service("994701", "J50", -30)),
    ),
    Teacher("T12", "kuo1212", "郭怡廷", (), "refused", _NO_SCHOOL),
    Teacher("T13", "hung1313", "洪子涵", (Service("994699", "J30", _AUG[2015]),), "refused", _NO_SCHOOL),
    Teacher(
        "T14",
        "chiu1414",
        "邱品妤",
        (Service("993601", "J50", -3, confirmed=False, source=AssignmentSource.SELF_DECLARED),),
        "refused",
        "unlocked_unverified",
    ),
    Teacher("T15", "tseng1515", "曾俊凱", (Service("990401", "J40", _AUG[2014], note="留職停薪"),)),
    Teacher("T16", "liao1616", "廖于涵", (Service("994501", "J40", _AUG[2016], note="商借"),)),
    Teacher("T17", "lai1717", "賴冠宇", (Service("994303", "J50", -335, 30, EndReason.NOT_RENEWED),)),
    Teacher(
        "T18",
        "shyu1818",
        "徐若瑜",
        (
            Service("994601", "J40", _AUG[2015], -15, EndReason.DEPARTED),
            Service("994602", "J52", _AUG[2019], kind=_ADDITIONAL),
        ),
    ),
    Teacher(
        "T19",
        "chou1919",
        "周書廷",
        (
            Service("993302", "J40", _AUG[2014], suspended_from=-7),
            Service("993501", "J52", _AUG[2019], kind=_ADDITIONAL),
        ),
        "refused",
        _NOT_IN_SERVICE,
    ),
    Teacher("T20", "yeh2020", "葉詩涵", (Service("994701", "J50", 10, confirmed=False),), "refused", _NO_SCHOOL),
    Teacher("T21", "chang2121", "張庭瑋", (Service("990F01", "J10", _AUG[2012]),)),
    Teacher("T22", "rtest001", "測試教師甲", (Service("990301", "J40", _AUG[2018]),), "test_only", is_test=True),
    Teacher(
        "T23",
        "rtest002",
        "測試教師乙",
        (Service("990301", "J40", _AUG[2018], -1, EndReason.DEPARTED),),
        "refused",
        _NOT_IN_SERVICE,
        is_test=True,
    ),
)
