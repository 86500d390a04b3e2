"""What happened to a case, in words; and by whom, as the reader may know."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from clients.models import CaseEvent
from clients.pages.words import tongue
from clients.procedure.names import STEPS
from clients.procedure.transitions import TRANSITIONS

_BY_EVENT = {one.event: one.id for one in TRANSITIONS}
_OTHERS: Mapping[str, object] = {
    "contact_changed": lazy_gettext("承辦人異動"),
    "confirmation_sent": lazy_gettext("函請定期確認"),
    "confirmation_replied": lazy_gettext("收到定期確認的函覆"),
    "client_registered": lazy_gettext("登錄用戶端"),
    "client_changed": lazy_gettext("變更用戶端設定"),
    "client_disabled": lazy_gettext("停用用戶端"),
    "client_secret_rotated": lazy_gettext("產生新的密鑰"),
    "initial_token_issued": lazy_gettext("發給登錄憑證"),
    "pkce_waived": lazy_gettext("給予免用 PKCE 的期限"),
}


def event_text(event: CaseEvent) -> str:
    """Return what happened."""
    step = _BY_EVENT.get(event.event)
    return STEPS[step].text(tongue()) if step else str(_OTHERS.get(event.event, event.event))


def actor_text(actor: str, members: frozenset[int]) -> str:
    """Return whose side it was: a person is named to nobody here but by her side (個資法)."""
    if actor.startswith("account:"):
        is_member = int(actor.partition(":")[2]) in members
        return str(gettext("合作單位") if is_member else gettext("全國推廣中心"))
    return str(gettext("合作單位的程式") if actor.startswith("client:") else gettext("系統"))
