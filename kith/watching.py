"""How much one user looks at, held against what the settings allow.

Invariant: called before a disclosure that somebody chose by an id or an address; whoever has looked
as often as one may is shown nothing more, and that is on record.
"""

from __future__ import annotations

from governance.events import Refused
from governance.permissions import Permission
from governance.viewer import Viewer
from governance.watch import LimitReached, Limits, watch
from kith.home import Home


def admit_look(home: Home, viewer: Viewer, permission: Permission) -> None:
    """Go on only if the viewer may look once more; officers are told of what is unusual.

    Raises:
        LimitReached: if they have looked as often as one may.
    """
    limits = Limits(unusual=home.settings.looks_unusual, most=max(home.settings.looks_most, 1))
    with home.register.session() as session:
        allowed = watch(session, home.audit, viewer, home.clock(), limits)
        session.commit()
    if not allowed:
        home.audit.record(Refused.by(viewer, permission=permission, reason="limit"), home.clock())
        raise LimitReached(
            "You have looked as often as one may in an hour for one reason. Your governance "
            "officers have been told; ring them if you must go on."
        )
