"""The projection: what was resolved, brought into the graph.

Invariant: the graph's own watermark says which tables it holds and how many batches of the next
it has; it is written in the transaction of each batch. So a projection that is killed goes on
where it stopped, one that is repeated changes nothing, and a graph that was lost is built anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from governance.registration import Agency
from graph import statements
from graph.model import LINKS, NODES
from graph.projection_changes import Batch, Changes
from graph.projection_tables import build_tables
from graph.store import GraphStore, Work
from records.snapshot import Resolved, Snapshot

Progress = Callable[[str, float], None]
_CLEARED_AT_ONCE = 5000
_FORM = 2
"""Of what is written beside the model; another than the graph's means that it is built anew."""


@dataclass(frozen=True, kw_only=True)
class ProjectionReport:
    """What a projection did: rows changed, rows by table, and references to nothing by table."""

    changes: int
    batches: int
    counts: dict[str, int] = field(default_factory=dict)
    dangling: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ProjectionState:
    """How far the graph has come. `being_updated_since` is null when it is complete."""

    run_id: str
    snapshot_id: str
    started_on: dt.datetime
    finished_on: dt.datetime | None
    batches_done: int
    batches: int

    @property
    def being_updated_since(self) -> dt.datetime | None:
        return self.started_on if self.finished_on is None else None


def silent(_stage: str, _share: float) -> None:
    """Tell nobody."""


def project(
    store: GraphStore,
    snapshot: Snapshot,
    resolved: Resolved,
    *,
    folder: Path,
    agencies: Sequence[Agency],
    restricted: Collection[str] = (),
    progress: Progress = silent,
) -> ProjectionReport:
    """Bring the graph to what was resolved.

    Args:
        folder: where the tables last applied are kept.
        restricted: records of people who must not be traced, beside those that sources mark.
        progress: told the stage and its share done, 0 to 1.
    """
    begun = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    _prepare(store)
    base = _reached(store, folder, progress)
    target = f"{_model_mark()}-{secrets.token_hex(8)}"
    progress("Reading", 0.0)
    built = build_tables(snapshot, resolved, agencies, restricted, folder / target)
    step = _Step(base, target, resolved.run_id, snapshot.snapshot_id, _now())
    changed, batches = _apply(store, folder, step, progress)
    _sweep(folder, keep=target)
    return ProjectionReport(
        changes=changed,
        batches=batches,
        counts=built.counts,
        dangling=built.dangling,
        seconds=time.monotonic() - begun,
    )


def forget(store: GraphStore, folder: Path) -> None:
    """Empty the graph and the tables that it was made from; the next projection makes it whole."""
    shutil.rmtree(folder, ignore_errors=True)
    _clear(store)


def projection_state(store: GraphStore) -> ProjectionState | None:
    """How far the projection under way, or the last one, has come; None if there was none."""
    mark = _watermark(store)
    if mark is None or mark["run_id"] is None:
        return None
    finished = mark["finished_on"]
    return ProjectionState(
        run_id=mark["run_id"],
        snapshot_id=mark["snapshot_id"],
        started_on=dt.datetime.fromisoformat(mark["started_on"]),
        finished_on=dt.datetime.fromisoformat(finished) if finished else None,
        batches_done=mark["batches_done"],
        batches=mark["batches"],
    )


def _prepare(store: GraphStore) -> None:
    for name in statements.names(store.engine):
        store.run(statements.text(name))


def _reached(store: GraphStore, folder: Path, progress: Progress) -> str | None:
    """The tables that the graph holds, after finishing what was under way; None: it is empty."""
    mark = _watermark(store)
    if mark is None:
        _clear(store)
        return None
    applied, target = mark["applied"] or None, mark["target"] or None
    if any(name and not _usable(folder / name) for name in (applied, target)):
        _clear(store)
        return None
    if target is None:
        return str(applied) if applied else None
    step = _Step(
        applied,
        target,
        mark["run_id"],
        mark["snapshot_id"],
        mark["started_on"],
        done=mark["batches_done"],
        batches=mark["batches"],
    )
    _apply(store, folder, step, progress)
    return str(target)


@dataclass(frozen=True)
class _Step:
    """From one state of the tables to another, and how much of it is done."""

    base: str | None
    target: str
    run_id: str
    snapshot_id: str
    started_on: str
    done: int = 0
    batches: int = 0


def _apply(store: GraphStore, folder: Path, step: _Step, progress: Progress) -> tuple[int, int]:
    """Apply the batches of a step; how many rows and batches they are."""
    changes = Changes(folder / step.base if step.base else None, folder / step.target)
    # Another release may cut batches differently; to apply one twice does no harm.
    done = step.done if step.batches == changes.batches else 0
    try:
        _mark(store, _beginning(step, done, changes.batches))
        for number, batch in enumerate(changes):
            if number >= done:
                with store.transaction() as work:
                    _write(work, batch)
                    _mark(work, {"batches_done": number + 1})
            progress("Projecting", (number + 1) / changes.batches)
        _mark(store, {"applied": step.target, "target": "", "finished_on": _now()})
        return changes.rows, changes.batches
    finally:
        changes.close()


def _beginning(step: _Step, done: int, batches: int) -> dict[str, Any]:
    return {
        "run_id": step.run_id,
        "snapshot_id": step.snapshot_id,
        "applied": step.base or "",
        "target": step.target,
        "batches": batches,
        "batches_done": done,
        "started_on": step.started_on,
        "finished_on": None,
    }


def _write(work: Work, batch: Batch) -> None:
    nodes, links = [node.table for node in NODES], [link.table for link in LINKS]
    for part, verb, order in (
        (batch.drop, "drop", links + nodes),
        (batch.put, "put", nodes + links),
    ):
        for table in order:
            if table in part:
                work.run(statements.text(f"write/{verb}_{table}"), {"rows": part[table]})


def _mark(work: Work | GraphStore, put: dict[str, Any]) -> None:
    work.run(statements.text("write/put_projection"), {"put": put})


def _watermark(store: GraphStore) -> dict[str, Any] | None:
    rows = store.run(statements.text("projection_state"))
    return rows[0] if rows else None


def _clear(store: GraphStore) -> None:
    statement = statements.text("write/clear_some")
    while store.run(statement, {"limit": _CLEARED_AT_ONCE})[0]["gone"]:
        pass


def _usable(tables: Path) -> bool:
    """Whether tables that the graph holds are there, and are of this release's model."""
    return tables.is_dir() and tables.name.startswith(f"{_model_mark()}-")


def _model_mark() -> str:
    return hashlib.sha256(repr((_FORM, NODES, LINKS)).encode()).hexdigest()[:12]


def _sweep(folder: Path, keep: str) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != keep:
            shutil.rmtree(entry, ignore_errors=True)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
