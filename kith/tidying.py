"""Tidying a home: Kith's own rows and folders past their time.

Invariant: what is in force is never removed: the last resolution, the snapshot that it and the
graph rest on, what is staged. The audit has its own, long period and is not shortened here.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from governance import loads as ledger
from governance import retention_tidy, runs
from governance.policy import london_date
from governance.retention_events import Tidied
from governance.sessions import SignedInUser
from kith import pipeline
from kith.home import Home
from kith.rights.access import drop_bundles, past_bundles
from loaders.files import locked
from loaders.findings import findings_file

Tidy = Callable[[Session, int, dt.datetime], int]


def tidy(home: Home, user: SignedInUser, *, dry: bool = False) -> dict[str, int]:
    """Remove what is past its time; how many of each.

    Args:
        dry: only count.
    """
    now, keep = home.clock(), home.settings
    rows: dict[str, tuple[Tidy, int]] = {
        "requests": (retention_tidy.tidy_requests, keep.keep_requests),
        "notices": (retention_tidy.tidy_notices, keep.keep_notices),
        "emergencies": (retention_tidy.tidy_emergencies, keep.keep_emergencies),
        "sessions": (retention_tidy.tidy_sessions, keep.keep_sessions),
        "tries": (retention_tidy.tidy_tries, keep.keep_tries),
    }
    with home.register.session() as session:
        counts = {name: act(session, days, now) for name, (act, days) in rows.items()}
        files = list(_quarantined(home, session, now))
        folders = list(_folders(home, session, now))
        past = past_bundles(home, session, london_date(now))
        counts |= {"quarantined": len(files), "runs": len(folders), "bundles": len(past)}
        if dry:
            return counts
        fields: dict[str, Any] = {"user_id": user.user_id, "agency": user.agency, **counts}
        home.audit.record(Tidied(**fields), now)
        session.commit()
    drop_bundles(home, past)
    with locked(home.folder / "staging"):
        for file in files:
            file.unlink(missing_ok=True)
    with locked(home.folder / "snapshots"):
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
    return counts


def _quarantined(home: Home, session: Session, now: dt.datetime) -> Iterator[Path]:
    """Findings of loads, turned-away rows with their values among them."""
    days = home.settings.keep_quarantine
    before = now - dt.timedelta(days=days)
    for entry in ledger.loads(session):
        file = findings_file(home.folder, entry)
        if days and entry.loaded_on < before and file.exists():
            yield file


def _folders(home: Home, session: Session, now: dt.datetime) -> Iterator[Path]:
    """What earlier runs left, but for what somebody may still read."""
    days = home.settings.keep_runs
    if not days:
        return
    before = (now - dt.timedelta(days=days)).timestamp()
    kept = _in_use(home, session)
    for root in ("resolved", "snapshots"):
        for folder in sorted((home.folder / root).glob("[!.]*/")):
            if folder.name not in kept and folder.stat().st_mtime < before:
                yield folder


def _in_use(home: Home, session: Session) -> set[str]:
    current = pipeline.read_current(home) or {}
    shown = runs.last_run(session, runs.PROJECTION)
    used = {current.get("run_id"), current.get("snapshot_id")}
    used |= {shown.parent_run_id, shown.snapshot_id} if shown else set()
    snapshots = list((home.folder / "snapshots").glob("[!.]*/"))
    if snapshots:
        used.add(max(snapshots, key=lambda folder: folder.stat().st_mtime).name)
    return {name for name in used if name}
