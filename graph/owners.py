"""Which records of a person name a lead worker, and whether one may see an open involvement.

Invariant: the first is read under the grants of whoever looked, the second under those of who may
be told; the name of a lead worker is used to find them and is never shown from here.
"""

from __future__ import annotations

from governance.telling import Owned
from governance.viewer import Level, Viewer
from graph.disclosure import Desk
from graph.store import GraphStore

_OPEN = frozenset({"open", "ongoing"})


def owned(store: GraphStore, looked: Viewer, person_id: str) -> list[Owned]:
    """The records of a person that the look could see anything of and that name a lead worker."""
    rows = Desk(store=store, viewer=looked).rows("records_of", person_ids=[person_id])
    return [
        Owned(agency=row["agency_id"], share_key=row["share_key"], lead_worker=row["lead_worker"])
        for row in rows
        if row["lead_worker"]
    ]


def has_open_involvement(store: GraphStore, viewer: Viewer, person_id: str) -> bool:
    """Whether the viewer may see a record and an open contact of their own agency with a person."""
    desk = Desk(store=store, viewer=viewer)
    rows = [
        row
        for name in ("records_of", "contacts_of")
        for row in desk.rows(name, person_ids=[person_id])
        if row["agency_id"] == viewer.agency and row["level"] > Level.EXISTENCE
    ]
    return any("contact_id" not in row for row in rows) and any(
        row.get("status") in _OPEN for row in rows
    )
