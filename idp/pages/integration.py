"""The integration page of a client: its own values and ready-to-paste settings, as a page, text, JSON and variables."""

from flask import Blueprint, Response, render_template

from config.settings import settings
from idp.integration.facts import QUOTES, Integration, as_env, as_json, integration_of, shell_quoted
from idp.pages.partner_access import seen_client

blueprint = Blueprint("integration", __name__)
SNIPPETS = {
    "php": "PHP / XOOPS",
    "java": "Java / Spring Boot",
    "dotnet": ".NET",
    "node": "Node.js",
    "python": "Python",
    "apache": "Apache",
}


@blueprint.record_once
def add_quotes(state: object) -> None:
    """Let the snippets quote as their languages do."""
    state.app.jinja_env.filters |= QUOTES  # type: ignore[attr-defined]  # Flask's setup state


@blueprint.get("/partners/<client_id>/integration")
def show(client_id: str) -> str:
    """Show the values and the snippets."""
    client = seen_client(client_id)
    found = integration_of(client, settings().issuer)
    shown = [(name, title, snippet(name, found)) for name, title in SNIPPETS.items()]
    return render_template("integration.html", client=client, it=found, snippets=shown)


def snippet(name: str, found: Integration) -> str:
    """Return the settings of a kind of software with the values of a client."""
    return render_template(f"integration/{name}.txt", it=found)


@blueprint.get("/partners/<client_id>/integration.txt")
def as_text(client_id: str) -> Response:
    """Hand out a summary to be read."""
    client = seen_client(client_id)
    text = render_template("integration/summary.txt", client=client, it=integration_of(client, settings().issuer))
    return Response(text, mimetype="text/plain")


@blueprint.get("/partners/<client_id>/integration.json")
def as_object(client_id: str) -> dict[str, object]:
    """Hand the values out for programs."""
    return as_json(integration_of(seen_client(client_id), settings().issuer))


@blueprint.get("/partners/<client_id>/integration.env")
def as_variables(client_id: str) -> Response:
    """Hand out the variables of the example site."""
    variables = as_env(integration_of(seen_client(client_id), settings().issuer))
    lines = [f"{name}={shell_quoted(value)}" for name, value in variables.items()]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
