"""The links around a person or an address.

Invariant: picture and table hold the same links; both come from the desk, which names every centre
that is opened in the audit.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from governance.declared import records
from governance.events import NetworkViewed
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.request_events import PractitionerTold
from webapp.access import Purpose, needs
from webapp.context import viewer, web
from webapp.links.arrange import Chosen, arrange

blueprint = Blueprint("links", __name__)


@blueprint.get("/links/<centre>")
@needs(Permission.VIEW_NETWORK, purpose=Purpose.STATED, rate="40 per minute")
@records(NetworkViewed, PractitionerTold)
def around(centre: str) -> str:
    """The network around a centre, and around every node that was expanded since."""
    chosen = Chosen.from_query(request.args)
    if not is_opaque(centre) or not all(is_opaque(key) for key in chosen.expanded):
        raise NotFound
    asking = viewer()
    network = web().desk.network(asking, centre, chosen.hops)
    if network is None or not network.nodes:
        raise NotFound
    known = {node.key for node in network.nodes}
    further = []
    for key in chosen.expanded:
        if key in known:  # only what is on the page already can be expanded
            more = web().desk.network(asking, key, 1)
            further.append(more)
            known |= {node.key for node in more.nodes}
    return render_template("links.html", page=arrange(network, further, chosen))
