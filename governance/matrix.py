"""Who may see what of whom: the agreements in force as an officer reads them.

Invariant: every cell is what `governance.policy` decides for that role and purpose, nothing is
worked out a second time.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from governance import registration
from governance.policy import Agreement, categories, deciding_for, london_date
from governance.viewer import Level
from records.keys import share_key


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one agency may see of one dataset.

    Attributes:
        levels: how many of all categories are shown at each level; the rest are not shown.
        agreements: category -> the agreement that decides it.
    """

    levels: Mapping[Level, int]
    of: int
    agreements: Mapping[str, Agreement]

    @property
    def whole(self) -> Level | None:
        """The level, if every category is shown at the same one."""
        only = next(iter(self.levels), None)
        return only if only is not None and self.levels[only] == self.of else None


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Cells by (giving agency, dataset) and receiving agency, for one role and purpose."""

    role: str
    purpose: str
    givers: tuple[tuple[str, str], ...]
    receivers: tuple[str, ...]
    cells: Mapping[tuple[str, str, str], Cell]


def matrix(session: Session, role: str, purpose: str, now: dt.datetime) -> Matrix:
    """What every agency's users of a role may see of every dataset for a purpose."""
    receivers = tuple(a.agency_id for a in registration.agencies(session) if a.active)
    givers = tuple((d.agency, d.dataset_id) for d in registration.datasets(session))
    cells: dict[tuple[str, str, str], Cell] = {}
    for receiver in receivers:
        decided = deciding_for(session, receiver, role, purpose, now)
        for agency, dataset in givers:
            found = {
                category: decided[key]
                for category in categories()
                if (key := share_key(agency, dataset, category)) in decided
            }
            levels = Counter(agreement.terms.level for agreement in found.values())
            cells[agency, dataset, receiver] = Cell(
                levels=dict(sorted(levels.items(), reverse=True)),
                of=len(categories()),
                agreements=found,
            )
    return Matrix(role=role, purpose=purpose, givers=givers, receivers=receivers, cells=cells)


def expiring(agreements: list[Agreement], now: dt.datetime, days: int) -> list[Agreement]:
    """Agreements in force whose last day comes within some days, the soonest first."""
    today = london_date(now)
    last = today + dt.timedelta(days=days)
    found = [
        agreement
        for agreement in agreements
        if agreement.in_force(now)
        and agreement.terms.expires is not None
        and agreement.terms.expires <= last
    ]
    return sorted(found, key=lambda each: (each.terms.expires or today, each.agreement_id))


def state_of(agreement: Agreement, now: dt.datetime) -> str:
    """`in force`, `waits for approval`, `withdrawn`, `expired` or `begins later`."""
    today = london_date(now)
    if agreement.withdrawn_at is not None:
        return "withdrawn"
    if agreement.approved_at is None:
        return "waits for approval"
    if agreement.terms.expires is not None and agreement.terms.expires < today:
        return "expired"
    return "in force" if agreement.in_force(now) else "begins later"
