"""Erasures: what was erased and stays away, and what was rewritten for it.

Invariant: a key is on record before anything goes, so that an interrupted erasure can only go on;
it is never taken off again. An erasure is done when nothing of it is left to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from governance.erasure_tables import ErasedRow, ErasureRow, RewrittenLoadRow
from governance.errors import GovernanceError
from governance.ids import new_id
from governance.tables import Base

WHATS = ("record", "contact", "indicator")
REASONS = ("request", "retention")

_ERASED = Base.metadata.tables["erased"]


class ErasureError(GovernanceError):
    """Nothing was erased: what was asked for cannot be done."""


@dataclass(frozen=True, kw_only=True)
class Gone:
    """Opaque keys of what was erased, by what it was."""

    record: frozenset[str] = field(default_factory=frozenset)
    contact: frozenset[str] = field(default_factory=frozenset)
    indicator: frozenset[str] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.record or self.contact or self.indicator)

    @property
    def everything(self) -> frozenset[str]:
        """All keys of any kind."""
        return self.record | self.contact | self.indicator


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What an erasure did to a load: rows that went by table, and its files' digests."""

    load_id: str
    rows: Mapping[str, int]
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """An act of erasure. `done_at` is None while it is under way, or was interrupted."""

    erasure_id: str
    reason: str
    begun_by: str
    begun_at: dt.datetime
    done_at: dt.datetime | None
    counts: dict[str, Any]


def begin(session: Session, gone: Gone, reason: str, by: str, at: dt.datetime) -> str:
    """Put on record what is to go from now on, and stay away; the erasure's id.

    What an earlier erasure put there stays with that one.

    Raises:
        ErasureError: if there is nothing to erase, or the reason is not on the list.
    """
    if not gone:
        raise ErasureError("there is nothing to erase")
    if reason not in REASONS:
        raise ErasureError(f"the reason of an erasure is one of: {', '.join(REASONS)}")
    known = erased(session).everything
    row = ErasureRow(erasure_id=new_id("z"), reason=reason, begun_by=by, begun_at=at, counts={})
    session.add(row)
    session.flush()
    new = [
        {"item_id": item, "what": what, "erasure_id": row.erasure_id}
        for what in WHATS
        for item in sorted(getattr(gone, what) - known)
    ]
    if new:
        session.execute(insert(_ERASED), new)
    return row.erasure_id


def erased(session: Session) -> Gone:
    """Everything that was ever erased here."""
    found: dict[str, set[str]] = {what: set() for what in WHATS}
    for item, what in session.execute(select(ErasedRow.item_id, ErasedRow.what)):
        found[what].add(item)
    return Gone(**{what: frozenset(items) for what, items in found.items()})


def note_rewritten(session: Session, erasure_id: str, about: Rewritten) -> None:
    """Write what became of a load; told again after an interruption, rows add up."""
    row = session.get(RewrittenLoadRow, (about.load_id, erasure_id))
    if row is None:
        row = RewrittenLoadRow(
            load_id=about.load_id,
            erasure_id=erasure_id,
            rows=dict(about.rows),
            before=dict(about.before),
            after=dict(about.after),
        )
        session.add(row)
    else:
        names = {**row.rows, **about.rows}
        row.rows = {name: row.rows.get(name, 0) + about.rows.get(name, 0) for name in names}
        row.before = {**about.before, **row.before}
        row.after = {**row.after, **about.after}
    session.flush()


def versions(session: Session) -> dict[str, str]:
    """Of each rewritten load a mark that changes with each rewriting."""
    query = select(RewrittenLoadRow).order_by(RewrittenLoadRow.load_id, RewrittenLoadRow.erasure_id)
    found: dict[str, list[str]] = {}
    for row in session.scalars(query):
        digests = ",".join(f"{name}:{digest}" for name, digest in sorted(row.after.items()))
        found.setdefault(row.load_id, []).append(f"{row.erasure_id}={digests}")
    return {load: ";".join(marks) for load, marks in found.items()}


def rewritten(session: Session, erasure_id: str) -> list[Rewritten]:
    """The loads that were rewritten for an erasure."""
    query = (
        select(RewrittenLoadRow)
        .where(RewrittenLoadRow.erasure_id == erasure_id)
        .order_by(RewrittenLoadRow.load_id)
    )
    return [
        Rewritten(load_id=row.load_id, rows=row.rows, before=row.before, after=row.after)
        for row in session.scalars(query)
    ]


def finish(session: Session, erasure_id: str, at: dt.datetime, counts: Mapping[str, Any]) -> None:
    """Nothing of it is left to do.

    Raises:
        ErasureError: if there is none by this id.
    """
    row = session.get(ErasureRow, erasure_id)
    if row is None:
        raise ErasureError("there is no such erasure")
    row.done_at, row.counts = at, dict(counts)
    session.flush()


def unfinished(session: Session) -> list[Erasure]:
    """Erasures under way, or interrupted, the oldest first."""
    query = select(ErasureRow).where(ErasureRow.done_at.is_(None)).order_by(ErasureRow.begun_at)
    return [_erasure(row) for row in session.scalars(query)]


def erasures(session: Session) -> list[Erasure]:
    """Every erasure, the newest first."""
    query = select(ErasureRow).order_by(ErasureRow.begun_at.desc(), ErasureRow.erasure_id)
    return [_erasure(row) for row in session.scalars(query)]


def _erasure(row: ErasureRow) -> Erasure:
    return Erasure(
        erasure_id=row.erasure_id,
        reason=row.reason,
        begun_by=row.begun_by,
        begun_at=row.begun_at,
        done_at=row.done_at,
        counts=row.counts,
    )
