"""The form of Appendix 1 on A4, to be stamped by the unit head (A1-sign). Pure: values in, a PDF out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qrcode
import qrcode.image.svg

from clients.form import agreements
from clients.form.fields import AGREEMENTS, FIELDS, Field, Kind, Section, purpose_of, tick_of
from clients.form.values import Answers, day, is_ticked, text
from clients.paper.typeset import pdf
from clients.procedure.names import COOPERATION
from scopes.items import ORDER
from scopes.roc import format_roc

TITLE = "「全國教師在職進修資訊網」帳號漫遊合作申請表"
_CHOICES = {
    "has_test_url": (("none", "無"), ("yes", "有")),
    "maintenance": (("in_house", "自行維護"), ("contractor", "委外廠商")),
}
_BLANK_DAY = "民國　　　年　　　月　　　日"


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What is not on the form itself: its case, its version, where its record is, which files the case holds."""

    case_id: int
    form_hash: str
    record_url: str
    files: Mapping[str, str]
    printed_at: datetime


def form_pdf(answers: Answers, facts: FormFacts) -> bytes:
    """Return the form as it is filled in; what is empty is a blank. The seal is never drawn: there is a box for it."""
    version = shown_hash(facts.form_hash)
    data = {
        "title": TITLE,
        "subtitle": "帳號漫遊／資訊傳報",
        "case": str(facts.case_id),
        "version": version,
        "url": facts.record_url,
        "qr": _qr(facts.record_url),
        "foot": f"案號 {facts.case_id}　版本 {version}",
        "applicant": [_row(FIELDS[0], answers)],
        "cooperation": [
            {"label": COOPERATION[item].zh, "ticked": is_ticked(answers, f"coop_{item}")} for item in COOPERATION
        ],
        "unit": _rows(Section.UNIT, answers),
        "site": _rows(Section.SITE, answers),
        "items": [
            {
                "label": item.label_zh,
                "ticked": is_ticked(answers, tick_of(item)),
                "purpose": text(answers, purpose_of(item)),
            }
            for item in ORDER
        ],
        "attachments": _attachments(answers, facts.files),
        "agreements": [
            {"text": said, "ticked": is_ticked(answers, name)}
            for name, said in zip(AGREEMENTS, agreements.TEXTS, strict=True)
        ],
        "filled": _day(answers, "filled_on"),
    }
    return pdf("form.typ", data, facts.printed_at)


def shown_hash(form_hash: str) -> str:
    """Return the version as people compare it: sixteen hexadecimal digits by fours."""
    return " ".join(form_hash[start : start + 4] for start in range(0, 16, 4))


def _rows(section: Section, answers: Answers) -> list[list[str]]:
    return [_row(field, answers) for field in FIELDS if field.section is section]


def _row(field: Field, answers: Answers) -> list[str]:
    typed = text(answers, field.id)
    if field.kind is Kind.CHOICE:
        said = "　".join(f"{'■' if typed == value else '□'}{label}" for value, label in _CHOICES[field.id])
    elif field.kind is Kind.DAY:
        said = _day(answers, field.id)
    else:
        said = f"{typed} 人" if field.kind is Kind.COUNT and typed else typed
    return [field.label_zh, said]


def _attachments(answers: Answers, files: Mapping[str, str]) -> list[list[str]]:
    own = _rows(Section.ATTACHMENTS, answers)
    return [
        ["系統弱點掃描報告", files.get("scan_report", "")],
        *own[:2],
        ["隱私權政策宣告內容", files.get("privacy_policy", "")],
        *own[2:],
    ]


def _day(answers: Answers, name: str) -> str:
    found = day(answers, name)
    return format_roc(found) if found else text(answers, name) or _BLANK_DAY


def _qr(url: str) -> str:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=1)
    code.add_data(url)
    made: Any = code.make_image(image_factory=qrcode.image.svg.SvgPathImage)
    found: str = made.to_string(encoding="unicode")
    return found
