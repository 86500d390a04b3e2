"""Who may see what of a client: those of ours who read all, and the partner's own people."""

from flask import abort

from clients import registry
from clients.procedure.members import parties_of
from clients.registry import RegisteredClient
from config.database import db
from config.guard import require_principal
from scopes.permissions import PERMISSIONS, Permission


def seen_client(client_id: str) -> RegisteredClient:
    """Return a client that the signed-in person may see; for all others there is none."""
    person, client = require_principal(), registry.find(client_id)
    held = PERMISSIONS[person.role]
    if Permission.CLIENT_LOGS in held:
        return client or abort(404)
    if Permission.OWN_CASES not in held:
        abort(403)
    with db.session.begin():
        is_mine = client is not None and bool(parties_of(client.case_id, person.account_id))
    return client if client is not None and is_mine else abort(404)
