"""The addresses of the interface. What serves them is imported by the first request: its types take long to make."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response

from clients.resources import RESOURCES
from idp.errors import render_errors_below
from idp.scim.errors import http_error

PATH = RESOURCES["scim"].path
_ROUTES = (
    ("/Users", "users", ("GET", "POST")),
    ("/Users/.search", "search", ("POST",)),
    ("/.search", "search", ("POST",)),
    ("/Users/<user_id>", "user", ("GET", "PUT", "PATCH", "DELETE")),
    ("/Bulk", "bulk", ("POST",)),
    ("/ServiceProviderConfig", "config", ("GET",)),
    ("/ResourceTypes", "resource_types", ("GET",)),
    ("/ResourceTypes/<type_name>", "resource_types", ("GET",)),
    ("/Schemas", "schemas", ("GET",)),
    ("/Schemas/<urn>", "schemas", ("GET",)),
    ("/Me", "me", ("GET", "POST", "PUT", "PATCH", "DELETE")),
)


def init_scim(app: Flask) -> None:
    """Attach the interface."""
    blueprint = Blueprint("scim", __name__, url_prefix=PATH)
    views = {name: _view(name) for _, name, _ in _ROUTES}
    for rule, name, methods in _ROUTES:
        blueprint.add_url_rule(rule, name, views[name], methods=methods, provide_automatic_options=False)
    app.register_blueprint(blueprint)
    render_errors_below(app, f"{PATH}/", http_error)


def _view(name: str) -> Callable[..., Response]:
    def view(**arguments: str) -> Response:
        from idp.scim.handlers import respond

        return respond(name, **arguments)

    return view
