"""How labelling stands, for whoever answers for it.

Invariant: record ids and counts only; nothing about anybody is told.
"""

from __future__ import annotations

from dataclasses import dataclass

import loaders
from governance import judgements
from governance.labels import Contradiction, labels
from governance.sessions import SignedInUser
from kith import pipeline
from kith.home import Home
from kith.labelling.desk import LabelDesk
from kith.labelling.questions import Progress


@dataclass(frozen=True, kw_only=True)
class Status:
    """Progress, answers about records that are gone, and answers that contradict each other."""

    progress: Progress
    ignored: int
    contradictions: list[Contradiction]


def read_status(home: Home, user: SignedInUser) -> Status:
    """How labelling stands now. Raises NotPermitted if the user is no steward."""
    progress = LabelDesk(home).progress(user)
    known = _known(home)
    with home.register.session() as session:
        found = labels(judgements.history(session), known)
    return Status(progress=progress, ignored=found.ignored, contradictions=found.contradictions)


def _known(home: Home) -> set[str] | None:
    """The records of the last resolution; None if there is none yet."""
    if pipeline.read_current(home) is None:
        return None
    resolved = pipeline.current_result(home)
    snapshot = loaders.open_snapshot(pipeline.load_context(home), resolved.snapshot_id)
    return set(snapshot.read("record", ["record_id"])["record_id"].to_pylist())
