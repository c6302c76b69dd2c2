"""One run on its way: its stages, how long each took, and what is written of it at the end.

Invariant: the ledger and the run's row are written in the caller's unit of work, after the files.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from governance import identities, runs

STAGES = (
    "preparing records",
    "resolving addresses",
    "finding candidate pairs",
    "comparing records",
    "learning",
    "scoring pairs",
    "comparing clusters",
    "giving ids",
    "choosing golden values",
    "deriving households",
    "writing results",
)

Progress = Callable[[str, int, int], None]
"""Called with a stage's words, how many stages are done, and how many there are."""


def silent(_stage: str, _done: int, _of: int) -> None:
    """No progress told."""


class Running:
    """The stages of one run, and its row in the register.

    Attributes:
        events: changes of the ledger, to be written at the end.
        seconds: how long each stage took.
    """

    def __init__(
        self, *, session: Session, run_id: str, started: dt.datetime, progress: Progress
    ) -> None:
        self.session, self.run_id, self.started = session, run_id, started
        self.progress = progress
        self.events: list[identities.IdentityEvent] = []
        self.seconds: dict[str, float] = {}
        self.current: tuple[str, float] | None = None

    @contextmanager
    def stage(self, words: str) -> Iterator[None]:
        """A stage, as a block."""
        self.begin(words)
        yield
        self.end()

    def begin(self, words: str) -> None:
        """A stage begins, and the one before ends."""
        self.end()
        self.progress(words, STAGES.index(words), len(STAGES))
        self.current = (words, time.perf_counter())

    def end(self) -> None:
        """The stage that runs ends, if one does."""
        if self.current is not None:
            words, begun = self.current
            taken = time.perf_counter() - begun
            self.seconds[words] = round(self.seconds.get(words, 0.0) + taken, 2)
            self.current = None

    def done(self) -> None:
        """All stages are over."""
        self.end()
        self.progress("done", len(STAGES), len(STAGES))

    def record(
        self, now: dt.datetime, snapshot_id: str, counts: dict[str, Any], *, started_here: bool
    ) -> None:
        """Write the ledger and the run's row into the caller's unit of work."""
        if started_here:
            runs.start_run(
                self.session,
                runs.RESOLUTION,
                self.started,
                run_id=self.run_id,
                snapshot_id=snapshot_id,
            )
        begun = time.perf_counter()
        identities.append(self.session, self.events, now)
        self.seconds["writing the ledger"] = round(time.perf_counter() - begun, 2)
        runs.finish_run(self.session, self.run_id, now, counts=counts | {"seconds": self.seconds})
