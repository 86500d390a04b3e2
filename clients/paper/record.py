"""The record of the joint tests, which both sides sign (P1-R3, D-42). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clients.paper.typeset import pdf
from clients.procedure.joint_test_names import EXPECTED, TESTS
from scopes.roc import TAIPEI, format_roc, taipei_day


@dataclass(frozen=True, slots=True)
class Result:
    """The newest result of a test case; ``passed`` None: there is none yet."""

    name: str
    passed: bool | None
    note: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for which side, and when."""

    party: str
    name: str
    at: datetime


def record_pdf(case_id: int, site: str, results: Sequence[Result], signed: Sequence[Signature], at: datetime) -> bytes:
    """Return the record as it stands."""
    data = {
        "title": "雙方測試紀錄",
        "subtitle": f"{site}（案號 {case_id}）",
        "foot": f"案號 {case_id}　列印 {_moment(at)}",
        "tests": [
            {
                "name": one.name,
                "text": TESTS[one.name].zh,
                "expected": EXPECTED[one.name].zh,
                "verdict": {True: "通過", False: "未通過", None: "–"}[one.passed],
                "note": one.note,
                "when": _moment(one.at) if one.at else "",
            }
            for one in results
        ],
        "signatures": [{"party": one.party, "name": one.name, "when": _moment(one.at)} for one in signed],
    }
    return pdf("record.typ", data, at)


def _moment(instant: datetime) -> str:
    return f"{format_roc(taipei_day(instant))} {instant.astimezone(TAIPEI):%H:%M}"
