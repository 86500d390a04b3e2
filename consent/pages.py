"""The consent question, what changed since last time, and 「我的授權」."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clients import registry
from clients.registry import RegisteredClient
from config import seal
from config.guard import Principal, require, require_principal
from consent import ledger, views
from consent.offers import Offer, offers
from scopes.items import DataItem, ordered
from scopes.permissions import Permission
from scopes.roc import taipei_day

blueprint = Blueprint("consent", __name__, template_folder="templates")
blueprint.before_request(require(Permission.OWN_CONSENTS))
QUESTION_TTL = 3600


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of whom, for whom. It works only for the account and session that it was made for."""

    client: RegisteredClient
    items: tuple[DataItem, ...]
    interaction: str
    versions: Mapping[DataItem, int]
    wished: frozenset[DataItem]


def _open(purpose: str, blob: str, person: Principal) -> Question:
    """Open a sealed question of this person, or stop with 400."""
    try:
        facts = seal.open_(purpose, blob, QUESTION_TTL)
    except seal.SealBroken:
        abort(400, "lost")
    client = registry.find(facts["client"])
    if client is None:
        abort(400, "lost")
    if (facts["account"], facts["session"]) != (person.account_id, person.session_id):
        # Somebody logged in anew in another tab: the sign-in goes on, and asks this person, if it must.
        abort(redirect(url_for("oidc.resume", i=facts["i"]), 303))
    versions = {DataItem(item): version for item, version in facts.get("versions", {}).items()}
    items, wished = ([DataItem(item) for item in facts.get(name, ())] for name in ("items", "wished"))
    return Question(client, tuple(items), facts["i"], versions, frozenset(wished))


def _seal_form(question: Question, person: Principal, shown: list[DataItem]) -> str:
    """Seal what the page shows, with the versions of the purposes, so that the answer is about exactly this."""
    facts = {
        "account": person.account_id,
        "session": person.session_id,
        "client": question.client.client_id,
        "items": shown,
        "i": question.interaction,
        "versions": {item: question.client.purposes[item].version for item in shown},
    }
    return seal.seal("consent-form", facts)


@blueprint.get("/consent")
def ask() -> str:
    """Show the question (D-50): every item with its current value and purpose, and the six points of notice."""
    person, now = require_principal(), datetime.now(UTC)
    question = _open("consent-question", request.args.get("q", ""), person)
    found = offers(person.account_id, now)
    previous = ledger.current(person.account_id, question.client.client_id)
    rows = views.item_rows(question.client, question.items, found, previous)
    return render_template(
        "consent/ask.html",
        client=question.client,
        notices=views.notices(question.client),
        rows=rows,
        offers=views.choices(question.items, found),
        chosen=views.chosen_offer(found, previous),
        wished=question.wished,
        form=_seal_form(question, person, [row.item for row in rows]),
        interaction=question.interaction,  # only for the error page of a stale form: it leads on by it
        name=person.name,
    )


@blueprint.post("/consent")
def answer() -> Response:
    """Record the answer and go back to the protocol, which judges everything again."""
    person, now = require_principal(), datetime.now(UTC)
    question = _open("consent-form", request.form.get("form", ""), person)
    given = frozenset(item for item in question.items if item.value in request.form.getlist("items"))
    essential = question.client.essential & frozenset(question.items)
    if request.form.get("answer") != "approve" or not essential <= given:
        ledger.record_refusal(person.account_id, question.client.client_id, now=now)
        return redirect(url_for("oidc.cancel", i=question.interaction), 303)
    found = offers(person.account_id, now)
    offer = _picked(found)
    choice = offer.assignment_id if len(found) > 1 else None  # of one school nothing was chosen
    recorded = ledger.Answer(question.versions, given, choice, offer.values)
    ledger.record_decision(person.account_id, question.client, recorded, now=now)
    return redirect(url_for("oidc.resume", i=question.interaction), 303)


def _picked(found: tuple[Offer, ...]) -> Offer:
    """Return the school that she picked, if it is one of hers; else the default (D-24)."""
    wanted = request.form.get("assignment", "")
    return next((offer for offer in found if str(offer.assignment_id) == wanted), found[0])


@blueprint.get("/consent/changed")
def changed() -> str:
    """D-56: show once what changed since the last sign-in."""
    person, now = require_principal(), datetime.now(UTC)
    question = _open("consent-question", request.args.get("q", ""), person)
    values = _current_values(person, question.client, now)
    rows = [(item, values[item]) for item in ordered(question.items) if item in values]
    form = _seal_form(question, person, [item for item, _ in rows])
    return render_template(
        "consent/changed.html", client=question.client, rows=rows, form=form, interaction=question.interaction
    )


@blueprint.post("/consent/changed")
def acknowledge() -> Response:
    """Remember that she has seen it and go on."""
    person, now = require_principal(), datetime.now(UTC)
    question = _open("consent-form", request.form.get("form", ""), person)
    values = _current_values(person, question.client, now)
    seen = {item: values[item] for item in question.items if item in values}
    ledger.acknowledge(person.account_id, question.client.client_id, seen)
    return redirect(url_for("oidc.resume", i=question.interaction), 303)


def _current_values(person: Principal, client: RegisteredClient, now: datetime) -> Mapping[DataItem, str]:
    """Return the values of the school that she chose for this partner."""
    found = offers(person.account_id, now)
    return views.chosen_offer(found, ledger.current(person.account_id, client.client_id)).values


@blueprint.get("/account/consents")
def overview() -> str:
    """「我的授權」: what she gave to whom, open also while the account is locked (D-11, D-54)."""
    person, now = require_principal(), datetime.now(UTC)
    rows = [
        views.consent_row(consent, client, taipei_day(now)) for consent, client in ledger.consents_of(person.account_id)
    ]
    return render_template("consent/list.html", rows=rows, done=request.args.get("done"))


@blueprint.post("/account/consents/<client_id>/withdraw")
def withdraw(client_id: str) -> Response:
    """D-54: end the consent to one partner."""
    person = require_principal()
    try:
        ledger.withdraw(person.account_id, client_id, now=datetime.now(UTC))
    except ledger.NothingToWithdraw:
        abort(404)
    return redirect(url_for("consent.overview", done="withdrawn"), 303)


@blueprint.post("/account/consents/<client_id>/items/<item>/stop")
def stop_item(client_id: str, item: str) -> Response:
    """Stop giving one optional item to one partner."""
    person, client = require_principal(), registry.find(client_id)
    if client is None or item not in list(DataItem):
        abort(404)
    try:
        ledger.decline_item(person.account_id, client, DataItem(item), now=datetime.now(UTC))
    except ledger.NothingToWithdraw:
        abort(404)
    return redirect(url_for("consent.overview", done="stopped"), 303)
