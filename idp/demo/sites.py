"""Make the demo partners: their cases with letters, dates and purposes, and their clients."""

import secrets
from datetime import date, datetime, timedelta

from clients.cases import log_event
from clients.form.reasons import Reason
from clients.lifecycle import CaseState, ClientEnvironment, CooperationItem
from clients.models import Case, CaseDataItem, CaseItem, Confirmation, Letter
from clients.partners import PartnerSpec, put_partner
from clients.procedure.transitions import Party
from config.database import db
from idp.demo import forms
from idp.demo.partners import FILLED_ON, GO_LIVE_ON, PURPOSES, SCAN_DATE, Site
from scopes.items import DataItem, ordered
from scopes.roc import taipei_day

MINISTRY = "教育部（師資培育及藝術教育司）"


def callback(site: Site, dream_n_site: str) -> str:
    """Return the redirect_uri; the first partner is the demo site of this machine."""
    base = dream_n_site if site.client_id == "dream-n" else site.test_url or site.url
    return f"{base}/callback"


def spec_of(site: Site, dream_n_site: str, secret: str) -> PartnerSpec:
    """Return the partner's client metadata."""
    uri = callback(site, dream_n_site)
    base = uri.removesuffix("/callback")
    back_channel = {"backchannel_logout_uri": f"{base}/backchannel-logout", "backchannel_logout_session_required": True}
    return PartnerSpec.model_validate(
        {
            "client_id": site.client_id,
            "client_secret": secret,
            "client_name": site.name,
            "environment": site.environment,
            "redirect_uris": [uri],
            "post_logout_redirect_uris": [f"{base}/signed-out"],
            "token_endpoint_auth_method": site.auth_method,
            "items": list(ordered(site.items)),
            # The other sites do not exist: nobody would answer there.
            **(back_channel if site.client_id == "dream-n" else {}),
        }
    )


def add(site: Site, dream_n_site: str, now: datetime) -> str:
    """Add a partner and return its client secret."""
    secret = secrets.token_urlsafe(32)
    case = put_partner(spec_of(site, dream_n_site, secret), actor="system", now=now).case
    case.operating_unit, case.applicant_unit = site.operating_unit, site.applicant_unit
    case.site_url, case.test_url, case.site_purpose = site.url, site.test_url, site.purpose
    case.support_contact = f"{site.url}/help"
    case.privacy_policy = f"{site.url}/privacy"
    case.audience, case.member_count = "在職教師", 0
    case.filled_on, case.scan_date, case.scan_target = FILLED_ON, SCAN_DATE, site.url
    for row in case.data_items:
        row.purpose = PURPOSES[DataItem(row.item)]
    if site.reporting:
        case.items.append(CaseItem(item=CooperationItem.REPORTING))
    if site.environment is ClientEnvironment.PRODUCTION:
        for item in case.items:
            item.go_live_on = GO_LIVE_ON
    _add_form(case, site, now)
    if site.client_id == "county-study":
        _add_confirmation(case, taipei_day(now))
    return secret


def _add_form(case: Case, site: Site, now: datetime) -> None:
    """Add the form as it was sent, its letters, and who acts for the partner."""
    case.answers = forms.answers_of(case, [CooperationItem(row.item) for row in case.items])
    for name in forms.OFFICER:
        setattr(case, name, case.answers[name])
    sent, approved = date(2020, 7, 3), date(2020, 7, 24)
    facts = (
        ("application", site.applicant_unit, MINISTRY, site.letter_no, sent),
        ("approval", MINISTRY, site.applicant_unit, site.approval_no, approved),
    )
    letters = [
        Letter(case_id=case.id, kind=kind, sender=sender, addressee=addressee, letter_no=number, letter_date=day)
        for kind, sender, addressee, number, day in facts
    ]
    db.session.add_all(letters)
    db.session.flush()
    forms.add_submission(case, letters[0].id, now)
    forms.add_members(case, site.people, now)


def _add_confirmation(case: Case, day: date) -> None:
    """D-43: the yearly letter is out, the reply not yet in."""
    db.session.add(
        Confirmation(
            case_id=case.id,
            state="letter_sent",
            letter_no="示範研字第1150000301號",
            letter_sent_on=day - timedelta(days=7),
            reply_due_on=day + timedelta(days=23),
        )
    )


def add_returned_case(now: datetime) -> None:
    """Add the partner that has no client yet: its application was returned (RT-04, RT-02)."""
    unit = "財團法人星芒教育基金會（示範）"
    case = Case(
        state=CaseState.RETURNED,
        applicant_unit=unit,
        operating_unit=unit,
        site_name="教師藝文社群（示範）",
        site_url="https://arts.example",
        site_purpose="教師藝文交流",
        support_contact="https://arts.example/help",
        filled_on=date(2020, 8, 20),
        scan_date=date(2019, 8, 1),
        scan_target="https://arts.example",
        created_at=now,
    )
    db.session.add(case)
    db.session.flush()
    db.session.add(CaseItem(case_id=case.id, item=CooperationItem.ROAMING))
    for item in (DataItem.NAME, DataItem.USER_ID):
        db.session.add(CaseDataItem(case_id=case.id, item=item, purpose=PURPOSES[item]))
    db.session.flush()
    db.session.refresh(case)
    case.answers = forms.answers_of(case, [CooperationItem.ROAMING])
    found = (Reason.OLD_SCAN, Reason.NO_SEAL)
    reasons = [{"code": reason.value, "text": reason.label_zh, "field": None} for reason in found]
    log_event(case, "returned", CaseState.SUBMITTED, actor="system", now=now, evidence={"reasons": reasons})
    forms.add_members(case, (("ptnapp01", Party.APPLICANT),), now)
