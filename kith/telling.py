"""Tells practitioners that somebody looked at a person with whom they work.

Invariant: the look is in the audit before anybody is told of it, and who was told is in the audit
before they can read it.
"""

from __future__ import annotations

from governance import telling
from governance.request_events import PractitionerTold
from governance.viewer import Viewer
from graph.owners import has_open_involvement, owned
from kith.home import Home


def tell_of_look(home: Home, looked: Viewer, person_id: str) -> None:
    """Call after a look at a person was recorded."""
    records = owned(home.store, looked, person_id)
    if not records:
        return
    now = home.clock()
    with home.register.session() as session:
        told = [
            each.user_id
            for each in telling.to_be_told(session, looked, records, now)
            if has_open_involvement(home.store, each.viewer, person_id)
            and telling.tell(session, each, looked, person_id, now)
        ]
        if not told:
            return
        home.audit.record(
            PractitionerTold(
                user_id=looked.user_id, agency=looked.agency, told=told, what=[person_id]
            ),
            now,
        )
        session.commit()
