"""A person's page.

Invariant: a person whom this viewer may not see is answered like one who does not exist.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from governance.declared import records
from governance.events import PersonViewed
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.request_events import PractitionerTold
from webapp.access import Purpose, needs
from webapp.addresses.forms import AddressForm
from webapp.context import agencies, system_labels, today, viewer, web
from webapp.people.arrange import Chosen, arrange

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/<person_id>")
@needs(Permission.VIEW_PERSON, purpose=Purpose.STATED)
@records(PersonViewed, PractitionerTold)
def person(person_id: str) -> str:
    """Identity, warnings, one timeline, addresses, relationships, systems, and why."""
    if not is_opaque(person_id):
        raise NotFound
    answer = web().desk.person(viewer(), person_id)
    if answer.person is None:
        raise NotFound
    chosen = Chosen.from_query(request.args)
    return render_template(
        "person.html",
        answer=answer,
        page=arrange(answer.person, chosen, system_labels(), agencies(), today()),
        chosen=chosen,
        form=AddressForm(formdata=None),
    )
