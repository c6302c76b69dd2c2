"""Runs of resolution and projection.

Invariant: a run's row is written when it starts, and a run that never finished stays `running`
for all to see: it did not happen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import RegistrationError
from governance.ids import new_id
from governance.tables import SYSTEM, RunRow

RESOLUTION = "resolution"
PROJECTION = "projection"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run; `parent_run_id` is the resolution that a projection shows."""

    run_id: str
    kind: str  # resolution | projection
    state: str  # running | done | failed
    snapshot_id: str | None
    parent_run_id: str | None
    started_by: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    counts: dict[str, Any]
    reason: str | None


def start_run(
    session: Session,
    kind: str,
    now: dt.datetime,
    *,
    run_id: str | None = None,
    snapshot_id: str | None = None,
    parent_run_id: str | None = None,
    started_by: str = SYSTEM,
) -> str:
    """Write that a run began; the answer is its id, made here if none is given."""
    if kind not in {RESOLUTION, PROJECTION}:
        raise RegistrationError("a run is a resolution or a projection")
    row = RunRow(
        run_id=run_id or new_id("x"),
        kind=kind,
        state="running",
        snapshot_id=snapshot_id,
        parent_run_id=parent_run_id,
        started_by=started_by,
        started_at=now,
        counts={},
    )
    session.add(row)
    session.flush()
    return row.run_id


def finish_run(
    session: Session,
    run_id: str,
    now: dt.datetime,
    *,
    counts: dict[str, Any] | None = None,
    failed: str | None = None,
) -> Run:
    """Write that a run ended: done with its counts, or failed with the reason.

    Raises:
        RegistrationError: if there is no such run, or it has ended.
    """
    row = session.scalars(select(RunRow).where(RunRow.run_id == run_id)).first()
    if row is None or row.state != "running":
        raise RegistrationError(f"run '{run_id}' is not running")
    row.state = "done" if failed is None else "failed"
    row.finished_at, row.counts, row.reason = now, counts or {}, failed
    session.flush()
    return _run(row)


def last_run(session: Session, kind: str, state: str | None = "done") -> Run | None:
    """The run of a kind that began last, among those in a state (None: any)."""
    query = select(RunRow).where(RunRow.kind == kind).order_by(RunRow.sequence.desc()).limit(1)
    if state is not None:
        query = query.where(RunRow.state == state)
    row = session.scalars(query).first()
    return _run(row) if row else None


def runs(session: Session, kind: str | None = None) -> list[Run]:
    """Every run, or those of a kind, in the order they began."""
    query = select(RunRow).order_by(RunRow.sequence)
    if kind is not None:
        query = query.where(RunRow.kind == kind)
    return [_run(row) for row in session.scalars(query)]


def _run(row: RunRow) -> Run:
    return Run(
        run_id=row.run_id,
        kind=row.kind,
        state=row.state,
        snapshot_id=row.snapshot_id,
        parent_run_id=row.parent_run_id,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.finished_at,
        counts=row.counts,
        reason=row.reason,
    )
