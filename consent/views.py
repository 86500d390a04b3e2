"""What the consent pages show, prepared from the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask_babel import gettext

from clients.lifecycle import CaseState
from clients.registry import RegisteredClient
from consent.models import Consent
from consent.offers import Offer
from scopes.items import SERVICE_ITEMS, DataItem, ordered


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item that is asked for: its values (one per offer that has one), purpose, and how the box stands."""

    item: DataItem
    values: tuple[str, ...]
    purpose: str
    essential: bool
    ticked: bool


def item_rows(
    client: RegisteredClient, items: Sequence[DataItem], offers: Sequence[Offer], previous: Consent | None
) -> list[ItemRow]:
    """Return the rows of the question: approved items that have a value; an earlier refusal stays a refusal."""
    rows = []
    for item in ordered(items):
        values = tuple(dict.fromkeys(offer.values[item] for offer in offers if item in offer.values))
        if item not in client.approved or not (values or item is DataItem.USER_ID):
            continue
        earlier = previous.decisions.get(item.value, {}) if previous else {}
        rows.append(
            ItemRow(
                item=item,
                values=values,
                purpose=client.purposes[item].text,
                essential=item in client.essential,
                ticked=earlier.get("given", True),
            )
        )
    return rows


def choices(items: Sequence[DataItem], offers: Sequence[Offer]) -> Sequence[Offer]:
    """Return the offers to choose from: none unless there are several and they matter for what is asked."""
    return offers if len(offers) > 1 and SERVICE_ITEMS & frozenset(items) else ()


def chosen_offer(offers: Sequence[Offer], previous: Consent | None) -> Offer:
    """Return the offer that she chose for this partner, else the default (D-24)."""
    choice = previous.assignment_choice if previous else None
    return next((offer for offer in offers if offer.assignment_id == choice), offers[0])


@dataclass(frozen=True, slots=True)
class Given:
    """An item in 「我的授權」."""

    item: DataItem
    on: datetime
    given: bool
    stoppable: bool
    dropped: bool


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A partner in 「我的授權」; greyed out when it is suspended, ended, or the consent was withdrawn."""

    client: RegisteredClient
    items: tuple[Given, ...]
    decided_at: datetime
    withdrawn_at: datetime | None
    note: str | None


def consent_row(consent: Consent, client: RegisteredClient, day: date) -> ConsentRow:
    """Return the row of a consent."""
    items = tuple(
        Given(
            item=item,
            on=datetime.fromtimestamp(decision["at"], UTC),
            given=decision["given"],
            stoppable=decision["given"] and item not in client.essential and consent.withdrawn_at is None,
            dropped=item not in client.approved,
        )
        for item in ordered([DataItem(name) for name in consent.decisions])
        for decision in [consent.decisions[item.value]]
    )
    return ConsentRow(client, items, consent.decided_at, consent.withdrawn_at, _note(client, day))


def _note(client: RegisteredClient, day: date) -> str | None:
    """D-55: say why a partner is greyed out."""
    if client.is_open(day):
        return None
    if client.case_state is CaseState.TERMINATED:
        return str(gettext("合作已終止"))
    return str(gettext("合作暫停，目前不能登入"))


def notices(client: RegisteredClient) -> list[tuple[str, str]]:
    """Return the six points of 個資法 Art. 8(1) (DOMAIN §7.1); raise ``NOTICE_VERSION`` when their meaning changes."""
    unit, partner = client.operating_unit, client.site_name
    return [
        (
            gettext("機關名稱"),
            gettext("本網（全國教師在職進修資訊網）提供；%(unit)s（%(partner)s）接收", unit=unit, partner=partner),
        ),
        (gettext("蒐集之目的"), gettext("%(purpose)s；各資料項目之用途說明如上", purpose=client.site_purpose)),
        (gettext("個人資料之類別"), gettext("所勾選之資料項目（姓名、學校、職稱、使用者識別碼）")),
        (
            gettext("利用之期間、地區、對象及方式"),
            gettext(
                "期間：合作期間或至您撤回同意為止；地區：依合作單位隱私權政策；對象：%(unit)s；"
                "方式：自動化機器或其他非自動化方式",
                unit=unit,
            ),
        ),
        (
            gettext("當事人權利及方式"),
            gettext(
                "您可於「我的授權」撤回，或洽 %(support)s 行使權利；資料來源為全國教師在職進修資訊網",
                support=client.support_contact,
            ),
        ),
        (
            gettext("不提供之影響"),
            gettext("不提供必要項目將無法漫遊登入；不提供其他項目可能影響 %(partner)s 部分服務", partner=partner),
        ),
    ]
