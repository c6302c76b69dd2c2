"""How much one user looks at: officers are told of what is unusual, and there is a most.

Invariant: what is counted are the audit's own rows of the last hour, of one user and purpose, so
that no process, restart or second session begins a new count.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from governance.audit import Audit
from governance.errors import NotPermitted
from governance.notices import NoticeKind, notify, told_since
from governance.viewer import Viewer

COUNTED = frozenset(
    {
        *("address_searched", "address_checked", "person_viewed", "network_viewed"),
        *("request_considered", "link_explained"),
    }
)
"""Looks at what somebody named by an id or an address; what Kith puts before them is not."""
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Disclosures in an hour to one user for one purpose."""

    unusual: int = 60
    most: int = 300


class LimitReached(NotPermitted):
    """The most that may be looked at in an hour."""


def watch(session: Session, audit: Audit, viewer: Viewer, now: dt.datetime, limits: Limits) -> bool:
    """Call before a disclosure; writes a notice where officers must be told, commit afterwards.

    Returns:
        Whether the disclosure may be made.
    """
    since = now - HOUR
    seen = audit.count_of(COUNTED, viewer.user_id, viewer.purpose, since, most=limits.most)
    if seen < limits.unusual:
        return True
    kind = NoticeKind.LIMIT if seen >= limits.most else NoticeKind.BULK
    if not told_since(session, kind, viewer.user_id, since):
        notify(session, kind, viewer.user_id, viewer.agency, viewer.user_id, now)
    return seen < limits.most
