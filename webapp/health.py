"""Whether the server runs. Invariant: it says nothing about what is in it."""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from governance.declared import records_nothing
from webapp.access import open_to_all
from webapp.context import web

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all(rate="600 per minute")
@records_nothing("it shows nobody")
def healthz() -> tuple[Response, int]:
    """200 if the register answers, 503 if not; the graph is not opened for it."""
    try:
        with web().home.register.session() as session:
            session.connection()
    except Exception:  # whatever it is, the answer is no
        return jsonify(state="down"), 503
    return jsonify(state="up"), 200
