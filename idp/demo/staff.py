"""Fictional business accounts (DOMAIN §9.4)."""

from dataclasses import dataclass

from idp.accounts.models import BusinessState
from scopes.permissions import Role


@dataclass(frozen=True, slots=True)
class Business:
    """A business account of DOMAIN §9.4; ``centre`` is the account name of its regional centre."""

    account: str
    kind: str
    unit: str
    role: Role
    state: BusinessState
    centre: str | None = None
    school: str | None = None
    county: str | None = None
    counties: tuple[str, ...] = ()


SOUTH, NORTH = ("霧松縣", "星河市"), ("鯨嶼縣",)
CENTRE = "示範全國推廣中心"
_ACTIVE = BusinessState.ACTIVE

STAFF = (
    Business("natadm01", "other", CENTRE, Role.IDP_ADMIN, _ACTIVE),
    # Two more than DOMAIN §9.4 has: what takes two people needs a second, and an auditor reads but changes nothing.
    Business("natadm02", "other", CENTRE, Role.IDP_ADMIN, _ACTIVE),
    Business("nataud01", "other", CENTRE, Role.AUDITOR, _ACTIVE),
    # A partner's people, and a reviewer: DOMAIN §9.4 has none, and the pages of cases need somebody to be seen by.
    Business("natrev01", "other", CENTRE, Role.REVIEWER, _ACTIVE),
    Business("ptnapp01", "other", "示範國教署", Role.PARTNER_APPLICANT, _ACTIVE),
    Business("ptnoff01", "other", "示範師範大學", Role.PARTNER_OFFICER, _ACTIVE),
    Business(
        *("rcsouth01", "regional_centre", "示範南區區管中心", Role.REGIONAL_APPROVER, _ACTIVE, "natadm01"),
        counties=SOUTH,
    ),
    Business(
        *("rcnorth01", "regional_centre", "示範北區區管中心", Role.REGIONAL_APPROVER, _ACTIVE, "natadm01"),
        counties=NORTH,
    ),
    Business(
        *("wsedu001", "other", "霧松縣政府教育處（示範）", Role.AUTHORITY_STAFF, _ACTIVE, "rcsouth01"),
        county="霧松縣",
        counties=("霧松縣",),
    ),
    Business(
        *("sch994501", "school", "霧松縣立晨曦國民中學", Role.SCHOOL_STAFF, _ACTIVE, "rcsouth01", "994501"),
        county="霧松縣",
    ),
    Business(
        *("sch993501", "school", "星河市立望洋國民中學", Role.SCHOOL_STAFF),
        *(BusinessState.PENDING_REVIEW, "rcsouth01", "993501"),
        county="星河市",
    ),
    Business(
        *("sub99math", "subject_centre", "數學學科中心（示範）", Role.ORGANISER),
        *(BusinessState.PENDING_FAX, "rcnorth01"),
        county="鯨嶼縣",
    ),
    Business(
        *("fdn00001a", "social_education_or_legal_person", "財團法人星芒教育基金會（示範）", Role.ORGANISER),
        *(BusinessState.REJECTED, "rcsouth01"),
        county="星河市",
    ),
)
