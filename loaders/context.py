"""What a load needs of its home, and what it answers.

Invariant: nothing here opens anything; the caller owns the register, the keys and the clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from governance.loads import LoadEntry
from loaders.at_rest import AtRest
from records.keys import KeyMaker

Progress = Callable[[str, float], None]
"""Called with a stage in words and its share done, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class LoadContext:
    """A home, as the loaders see it: `home` is its folder, `session` opens its register."""

    home: Path
    session: Callable[[], AbstractContextManager[Session]]
    keys: KeyMaker
    user_id: str
    clock: Callable[[], dt.datetime]
    at_rest: AtRest = field(default_factory=AtRest)


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """The outcome of one file.

    `state` is `staged`, `unchanged` (this very file is what is staged already) or `refused`;
    `quarantine` the Parquet file of its findings, if there are any. A refused one has its `reason`
    in words and its `ground` as the audit has it.
    """

    state: str
    entry: LoadEntry
    reason: str | None = None
    ground: str | None = None
    quarantine: Path | None = None


def no_progress(_stage: str, _share: float) -> None:
    """Tell nobody."""
