"""Whom to tell of a weakness in this installation: security.txt of RFC 9116.

Invariant: it says what the settings say and nothing else; one that has expired is not served,
because what it says may no longer be so.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance.declared import records_nothing
from webapp.access import open_to_all
from webapp.context import now, web

blueprint = Blueprint("contact", __name__)


@blueprint.get("/.well-known/security.txt")
@open_to_all()
@records_nothing("it shows nobody")
def security_txt() -> Response:
    """The contacts, and until when they hold."""
    settings = web().home.settings
    expires = settings.security_expires
    if not settings.security_contacts or expires is None or now().date() > expires:
        raise NotFound
    end = dt.datetime.combine(expires, dt.time(23, 59, 59), dt.UTC)
    lines = [f"Contact: {contact}" for contact in settings.security_contacts]
    lines += [f"Expires: {end:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
