"""Who is asking, for what purpose, and what the agreements in force let them see.

Invariant: a `Viewer` is a value made by `governance.policy.viewer_for` for one piece of work at
one moment; no read model takes anything else, and what a statement may return follows from
`grants` alone.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Level(enum.IntEnum):
    """How much an agreement discloses; a higher level includes the lower ones."""

    EXISTENCE = 1  # that the agency holds something, and whom to ring: no age, date or category
    HEADLINE = 2  # category, date and status
    DETAIL = 3  # everything that is not withheld by field


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What may be seen of one share key (`agency|dataset|category`).

    `restricted_allowed`: it may be seen even if the person must not be traced. `agreement_id` is
    the agreement whose terms these are.
    """

    level: Level
    since: dt.date = dt.date(1, 1, 1)
    latest_only: bool = False
    withheld: frozenset[str] = frozenset()
    restricted_allowed: bool = False
    agreement_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A signed-in user at work for a stated purpose.

    Attributes:
        restricted_allowed: true only if every grant allows restricted people.
        records: the share keys of the records of people of every system of the area, those
            included that show the viewer nothing.
    """

    user_id: str
    agency: str
    role: str
    purpose: str
    reference: str
    on: dt.date
    legal_basis: str | None = None
    restricted_allowed: bool = False
    records: frozenset[str] = frozenset()
    grants: Mapping[str, Grant] = field(default_factory=dict)

    def parameters(self) -> dict[str, Any]:
        """`$grants` and `$today` as every Cypher statement takes them."""
        grants = {
            key: {
                "level": int(grant.level),
                "since": grant.since,
                "latest_only": grant.latest_only,
                "withheld": sorted(grant.withheld),
                "restricted": grant.restricted_allowed,
            }
            for key, grant in self.grants.items()
        }
        return {"grants": grants, "today": self.on}
