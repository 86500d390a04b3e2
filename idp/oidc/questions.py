"""Where the browser is sent when a sign-in cannot simply go on: log-in, agreement, refusal, consent.

With ``prompt=none`` nothing is shown; each case has its OAuth error instead (OIDC Core §3.1.2.6, DOMAIN §2.5).
"""

from typing import TYPE_CHECKING

from flask import redirect, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from config import seal
from config.audit import record
from idp.interactions import Interaction
from idp.oidc import diagnosis
from idp.oidc.responses import GENERIC_DENIAL
from idp.releases import Obstacle, Prospect
from scopes.items import DataItem, ordered

if TYPE_CHECKING:
    from idp.oidc.authorize import Asked

_SILENT = {
    Obstacle.PARTNER_CLOSED: "unauthorized_client",
    Obstacle.NOT_SIGNED_IN: "login_required",
    Obstacle.SECOND_FACTOR: "unmet_authentication_requirements",
    Obstacle.AGREEMENT: "login_required",
    Obstacle.NOT_TEACHER: "access_denied",
    Obstacle.NOT_TEST_ACCOUNT: "unauthorized_client",
    Obstacle.TEST_ACCOUNT: "access_denied",
    Obstacle.LOCKED: "access_denied",
    Obstacle.UNVERIFIED: "access_denied",
    Obstacle.CONSENT: "consent_required",
}


def stop(asked: "Asked", prospect: Prospect, obstacle: Obstacle, connection: Connection) -> Response:
    """Send the browser to the page that deals with the obstacle, or answer the partner at once."""
    if obstacle is Obstacle.PARTNER_CLOSED:
        diagnosis.closed(asked.client)
    if obstacle in REFUSALS:
        _audit_refusal(asked, prospect, obstacle, connection)
    if "none" in asked.prompts:
        error = _SILENT[obstacle]
        return asked.to.refuse(error, GENERIC_DENIAL if error == "access_denied" else None)
    is_final = obstacle in REFUSALS or obstacle is Obstacle.SECOND_FACTOR
    interaction = asked.interaction(_SILENT[obstacle] if is_final else "access_denied")
    if obstacle is Obstacle.NOT_SIGNED_IN:
        page = "apply.form" if "create" in asked.prompts else "login.form"
        return _go(page, interaction, i=interaction.seal())
    if obstacle is Obstacle.SECOND_FACTOR:
        return _go("second_factor.needed", interaction, i=interaction.seal())
    if obstacle is Obstacle.AGREEMENT:
        return _go("agreement.show", interaction, i=interaction.seal())
    if obstacle is Obstacle.CONSENT:
        return _go("consent.ask", interaction, q=_question(asked, interaction.seal()))
    reason = prospect.service.reason if prospect.service else None
    refusal = {"o": obstacle.name, "r": reason, "c": asked.client.client_id, "i": interaction.seal()}
    return _go("refusal.show", interaction, r=seal.seal("refusal", refusal))


REFUSALS = frozenset(
    {
        Obstacle.PARTNER_CLOSED,
        Obstacle.NOT_TEACHER,
        Obstacle.NOT_TEST_ACCOUNT,
        Obstacle.TEST_ACCOUNT,
        Obstacle.LOCKED,
        Obstacle.UNVERIFIED,
    }
)


def inform(asked: "Asked", changed: frozenset[DataItem]) -> Response:
    """D-56: show once what changed since the last sign-in; no consent is asked."""
    interaction = asked.interaction()
    question = _question(asked, interaction.seal(), changed)
    return _go("consent.changed", interaction, q=question)


def _question(asked: "Asked", interaction: str, changed: frozenset[DataItem] = frozenset()) -> str:
    """Seal what the consent page asks; it is bound to account, session and client."""
    session, account = asked.context.session, asked.context.account
    if session is None or account is None:
        raise AssertionError
    requested = asked.items | {DataItem.USER_ID}
    facts = {
        "account": account.id,
        "session": session.id,
        "client": asked.client.client_id,
        "items": list(ordered(changed or requested & asked.client.approved)),
        "wished": list(ordered(asked.claims.essential)),
        "i": interaction,
    }
    return seal.seal("consent-question", facts)


def _audit_refusal(asked: "Asked", prospect: Prospect, obstacle: Obstacle, connection: Connection) -> None:
    """DOMAIN §2.8: client and reason code; a closed partner seen by nobody known is not worth a row."""
    account = asked.context.account
    if account is None:
        return
    reason = prospect.service.reason if prospect.service else None
    record(
        "roaming.refused",
        actor=f"account:{account.id}",
        subject=f"account:{account.id}",
        client_id=asked.client.client_id,
        detail={"obstacle": obstacle.name.lower(), "reason": reason, "silent": "none" in asked.prompts},
        on=connection,
    )


def _go(endpoint: str, interaction: Interaction, **values: str) -> Response:
    """Send the browser to a page of ours, in the language that the partner wishes."""
    return redirect(url_for(endpoint, **(values | interaction.language())), 303)  # type: ignore[arg-type]  # only texts
