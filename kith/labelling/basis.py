"""What is asked about: what the last run left, or a first look at what is staged.

Invariant: what a run left is asked, until there are half as many records again as it linked; a
first look is whole or absent, and stands for the snapshot that it is named for.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

import loaders
from governance import loads
from kith import pipeline
from kith.home import Home
from kith.labelling.questions import NoQuestionsError
from kith.labelling.restricted import Restricted, as_like, as_linked
from loaders.files import locked, new_building, put_in_place
from loaders.snapshot import in_force
from records.snapshot import Resolved, Snapshot

FOLDER = "questions"
LOOKING = "Not linked yet: a first look at a sample of the records comes before the first question."

_GROWN = 1.5

Told = Callable[[str], None]
"""Called with a sentence before what takes seconds."""


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A snapshot, the folder of its questions, and the run that left them, if one did."""

    run_id: str
    snapshot: Snapshot
    questions: Path
    resolved: Resolved | None

    def restricted(self) -> Restricted:
        """The records that nobody is asked about."""
        run = self.resolved
        return Restricted(self.snapshot, as_linked(run) if run else as_like(self.snapshot))


def find_basis(home: Home, session: Session) -> Basis:
    """What questions are about now; where nothing was linked a snapshot is taken.

    Raises:
        NoQuestionsError: if no record is staged.
        StagingError: if the snapshot of the last run is gone.
    """
    context = pipeline.load_context(home)
    current = pipeline.read_current(home)
    had = current["counts"].get("records", 0) if current else 0
    if current is not None and not _has_grown(session, had):
        return _of_run(home, context)
    snapshot = loaders.take_snapshot(context)
    count = snapshot.rows("record")
    if current is not None and count < _GROWN * had:  # what was staged were changes to records
        return _of_run(home, context)
    if not count:
        raise NoQuestionsError
    return Basis(
        run_id=f"{FOLDER}-{snapshot.snapshot_id}",
        snapshot=snapshot,
        questions=home.folder / FOLDER / snapshot.snapshot_id,
        resolved=None,
    )


def prepare_ahead(home: Home, report: pipeline.Report = pipeline.silent) -> None:
    """After loading: where a first look would be asked from, take its snapshot before it is asked.

    What goes wrong is told to whoever asks first, and in the log: the loads stand.
    """
    current = pipeline.read_current(home)
    with home.register.session() as session:
        if current is not None and not _has_grown(session, current["counts"].get("records", 0)):
            return
    try:
        loaders.take_ahead(pipeline.load_context(home), progress=report)
    except (loaders.StagingError, OSError) as error:
        structlog.get_logger("kith").warning("no snapshot after loading", exc_info=error)


def look(home: Home, basis: Basis, told: Told) -> None:
    """Take the first look that a basis without a run is asked from; earlier ones go.

    Raises:
        NoQuestionsError: if no two records are alike in anything.
    """
    root = home.folder / FOLDER
    if basis.resolved is not None:
        shutil.rmtree(root, ignore_errors=True)
        return
    with locked(root):
        for other in root.glob("*"):
            if other != basis.questions and other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
        if not basis.questions.exists():
            told(LOOKING)
            _take(basis, root)


def _take(basis: Basis, root: Path) -> None:
    from resolution.first_look import first_look  # heavy
    from resolution.questions import write_pool

    pool = first_look(basis.snapshot)
    if pool is None:
        raise NoQuestionsError
    building = new_building(root, basis.questions.name)
    write_pool(building, pool.form, pool)
    put_in_place(building, basis.questions)


def _of_run(home: Home, context: loaders.LoadContext) -> Basis:
    resolved = pipeline.current_result(home)
    return Basis(
        run_id=resolved.run_id,
        snapshot=loaders.open_snapshot(context, resolved.snapshot_id),
        questions=resolved.folder / "questions",
        resolved=resolved,
    )


def _has_grown(session: Session, had: int) -> bool:
    """Whether there may be half as many records again as a run linked."""
    return had > 0 and _staged(session) >= _GROWN * had


def _staged(session: Session) -> int:
    """Rows of records in all loads that count; a record may be in several."""
    entries = in_force(loads.loads(session))
    return sum(entry.counts.get("rows", {}).get("record", 0) for entry in entries)
