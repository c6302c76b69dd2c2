"""The application factory.

Invariant: an application serves one home; nothing is opened or read at import, and a page that
declares no access is refused (webapp.access).
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_login import LoginManager
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChainableUndefined, ChoiceLoader, PackageLoader, PrefixLoader

from kith.desk import Desk
from kith.home import Home
from kith.labelling import LabelDesk
from webapp import (
    access,
    account,
    addresses,
    audit,
    contact,
    emergencies,
    faults,
    health,
    labels,
    links,
    loads,
    people,
    register,
    requestlog,
    requests,
    retention,
    rights,
    security,
    shown,
    signin,
    why,
)
from webapp.context import WebContext, load_user
from webapp.searches import Searches

_MACROS = ("govuk_frontend_jinja", "govuk_frontend_wtf")
_BLUEPRINTS = (
    signin.blueprint,
    account.blueprint,
    addresses.blueprint,
    people.blueprint,
    links.blueprint,
    labels.blueprint,
    loads.blueprint,
    audit.blueprint,
    emergencies.blueprint,
    register.blueprint,
    register.agreements_blueprint,
    register.roles_blueprint,
    requests.blueprint,
    requests.approvers_blueprint,
    retention.blueprint,
    retention.due_blueprint,
    retention.holds_blueprint,
    retention.disposals_blueprint,
    rights.blueprint,
    rights.items_blueprint,
    rights.corrections_blueprint,
    rights.lookup_blueprint,
    why.blueprint,
    health.blueprint,
    contact.blueprint,
)


def create_app(
    home: Home, *, desk: Desk | None = None, label_desk: LabelDesk | None = None
) -> Flask:
    """The pages of one home.

    Raises:
        SettingsError: without a secret, unless the home is a demonstration.
    """
    home.settings.require_secret()
    app = Flask(__name__, static_folder=str(Path(__file__).parent / "static"))
    security.configure(app, home.settings)
    WebContext(
        home=home,
        desk=desk or Desk(home),
        searches=Searches(home.clock),
        labels=label_desk or LabelDesk(home),
    ).install(app)
    requestlog.install(app)
    _sign_in(app)
    _templates(app, demonstration=home.settings.demo)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.install(app)
    faults.install(app)
    security.install(app)
    return app


def _sign_in(app: Flask) -> None:
    """The session token in the signed cookie is all; the register knows the rest."""
    manager = LoginManager(app)
    manager.user_loader(load_user)
    # Sessions are kept, ended and timed on the server; a telephone changes its network address.
    manager.session_protection = None


def _templates(app: Flask, *, demonstration: bool) -> None:
    app.jinja_env.undefined = ChainableUndefined  # the GOV.UK macros rely on it
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["demonstration"] = demonstration
    app.jinja_env.loader = ChoiceLoader(
        [
            PackageLoader("webapp"),
            PrefixLoader({name: PackageLoader(name) for name in _MACROS}),
        ]
    )
    WTFormsHelpers(app)
    shown.install(app)
