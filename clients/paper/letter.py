"""The text of the yearly letter that asks a partner to confirm its cooperation (A1-§5(2), D-43). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from clients.paper.typeset import pdf
from scopes.roc import format_roc

SENDER = "全國教師在職進修資訊網及全國推廣中心（國立高雄師範大學）"


@dataclass(frozen=True, slots=True)
class ConfirmationFacts:
    """What the letter names."""

    site: str
    unit: str
    live_since: date
    cooperation: Sequence[str]
    items: Sequence[str]
    contact: str
    due_on: date


def confirmation_points(facts: ConfirmationFacts) -> list[str]:
    """Return the points of the letter; letter number and day are written by whoever sends it."""
    return [
        (
            f"依合作申請表同意事項二：申請單位須配合本單位定期函文合作項目及聯繫窗口確認作業並函覆。貴單位「{facts.site}」"
            f"自{format_roc(facts.live_since)}起正式上線。"
        ),
        f"目前合作項目：{'、'.join(facts.cooperation)}；提供之資料項目：{'、'.join(facts.items) or '無'}。",
        f"目前聯絡窗口：{facts.contact}。",
        (
            f"請確認上開合作項目、資料項目與聯絡窗口是否仍屬正確與必要，並請於{format_roc(facts.due_on)}前函覆本中心；"
            "如有異動，請一併敘明。"
        ),
    ]


def confirmation_pdf(facts: ConfirmationFacts, at: datetime) -> bytes:
    """Return the letter as a draft on A4."""
    data = {
        "title": "定期確認函（稿）",
        "foot": "稿",
        "sender": SENDER,
        "addressee": facts.unit,
        "subject": f"請確認貴單位「{facts.site}」與全國教師在職進修資訊網之合作項目及聯絡窗口，並請函覆，請查照。",
        "points": confirmation_points(facts),
    }
    return pdf("letter.typ", data, at)
