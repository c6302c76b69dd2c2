"""Folders of Parquet that rooms hand to each other: what is staged now, what was resolved.

Invariant: a folder is complete when it exists (it is written beside and renamed into place) and
is never changed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True, kw_only=True)
class TableFolder:
    """One Parquet file per table, named for it; every table of its kind is there, if empty."""

    folder: Path

    def path(self, table_name: str) -> Path:
        return self.folder / f"{table_name}.parquet"

    def read(self, table_name: str, columns: list[str] | None = None) -> pa.Table:
        """The table, or some of its columns. Raises FileNotFoundError for an unknown one."""
        return pq.read_table(self.path(table_name), columns=columns)


@dataclass(frozen=True, kw_only=True)
class Snapshot(TableFolder):
    """What all agencies hold now: the tables of `records.schema`, one row per source key."""

    snapshot_id: str


@dataclass(frozen=True, kw_only=True)
class Resolved(TableFolder):
    """What resolution derived from a snapshot: the tables of `records.resolved`."""

    run_id: str
    snapshot_id: str
