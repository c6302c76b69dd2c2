"""What a run over a change goes on from: the last good resolution, its snapshot and its model.

Invariant: the answer is a whole run before or none; nothing here changes anything.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

import loaders
from governance import runs
from records.snapshot import Resolved
from resolution.increments.resolving import Before, can_go_on
from resolution.linking.settings import LinkingSettings
from resolution.linking.trained import Trained


def run_before(
    session: Session,
    resolved: Resolved,
    context: loaders.LoadContext,
    model: Trained,
    settings: LinkingSettings,
) -> Before | None:
    """The run to go on from; None if it left nothing to go on from, or is of other rules.

    Args:
        resolved: the last good resolution.
        model: what was learned last.
    """
    made = next((run for run in reversed(runs.runs(session, runs.RESOLUTION))
                 if run.run_id == resolved.run_id), None)  # fmt: skip
    try:
        snapshot = loaders.open_snapshot(context, resolved.snapshot_id)
    except loaders.StagingError:
        return None
    if made is None:
        return None
    day = made.started_at.date()
    before = Before(resolved=resolved, snapshot=snapshot, model=model, day=day)
    return before if can_go_on(before, settings=settings) else None
