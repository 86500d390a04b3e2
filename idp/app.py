"""The composition root: the wiring of the whole application, in reading order."""

import os

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from clients import pages as case_pages
from clients import registry
from clients.duties import models as _duty_models  # noqa: F401  # its tables are part of the schema
from clients.procedure import models as _procedure_models  # noqa: F401  # its tables are part of the schema
from config.database import db, engine_options, init_database
from config.guard import form_token, may
from config.logs import init_logs
from config.settings import Settings, load_settings
from config.snapshot import init_snapshots
from consent.pages import blueprint as consent_pages
from idp import case_mail, keys, revocation
from idp import probes as _probes  # noqa: F401  # its table is part of the schema
from idp.accounts import directory
from idp.errors import init_errors
from idp.http import init_http
from idp.languages import init_languages
from idp.letters import state_text
from idp.offers import init_offers
from idp.oidc.device_pages import blueprint as device_pages
from idp.oidc.discovery import init_discovery
from idp.oidc.endpoints import blueprint as oidc
from idp.oidc.server import init_server
from idp.pages import (
    account,
    admin,
    agreement,
    apply,
    approvals,
    business,
    functions,
    gates,
    integration,
    kit,
    login,
    partner_log,
    password,
    profile,
    recovery,
    refusal,
    second_factor,
    sessions,
    site,
)
from idp.pages.service import blueprints as service_pages
from idp.principal import init_principal
from idp.scim.endpoints import init_scim

PAGES = (site, kit, login, second_factor, recovery, agreement, refusal, apply, business)
OWN_PAGES = (account, functions, password, profile, sessions)
STAFF_PAGES = (admin, approvals, partner_log, integration)
_MODULES = (*PAGES, *OWN_PAGES, *STAFF_PAGES)
BLUEPRINTS = (
    oidc,
    device_pages,
    consent_pages,
    *case_pages.BLUEPRINTS,
    *service_pages,
    *(module.blueprint for module in _MODULES),
)


def create_app(rules: Settings | None = None) -> Flask:
    """Make the application from settings; without them, from the environment (`SettingsError` names every fault)."""
    rules = rules or load_settings()
    app = Flask("idp")
    app.extensions["settings"] = rules
    init_logs()
    _init_storage(app, rules)
    init_languages(app)
    init_errors(app)
    init_principal(app)
    init_http(app)
    gates.init_gates(app)
    _init_look(app)
    init_offers(app)
    init_server(app)
    revocation.init_revocation()
    case_mail.init_case_mail()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    init_scim(app)
    init_discovery(app)
    _trust_proxies(app, rules)
    return app


def _init_storage(app: Flask, rules: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = rules.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(rules.database_url)
    if rules.database_url.startswith("sqlite"):
        rules.var_dir.mkdir(parents=True, exist_ok=True)
    init_database(app)
    loaders = {registry.SNAPSHOT: registry.load, directory.SNAPSHOT: directory.load, keys.SNAPSHOT: keys.load}
    init_snapshots(app, loaders)
    Migrate(app, db, directory=os.path.join(app.root_path, "migrations"), render_as_batch=True)  # noqa: PTH118  # Flask-Migrate wants text


def _init_look(app: Flask) -> None:
    """Take Bootstrap's style sheet from its package; no script, no content network."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {"form_token": form_token, "may": may, "state_text": state_text}
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600


def _trust_proxies(app: Flask, rules: Settings) -> None:
    """Believe forwarding headers of exactly so many proxies of ours; of nobody by default."""
    if rules.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=rules.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    if not rules.secure_cookies:
        # Authlib refuses http; the settings allow it on development machines only.
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
