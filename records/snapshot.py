"""Folders of Parquet that rooms hand to each other: what is staged now, what was resolved.

Invariant: a folder is complete when it exists (it is written beside and renamed into place) and
is never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from records import leaves


@dataclass(frozen=True, kw_only=True)
class TableFolder:
    """Tables by name, each in leaves or in one Parquet file; all of its kind, if empty."""

    folder: Path

    def path(self, table_name: str) -> Path:
        """Where DuckDB's `read_parquet` finds the table: a file, or a pattern for its leaves."""
        if self.in_leaves(table_name):
            return self.folder / table_name / "*.parquet"
        return self.folder / f"{table_name}.parquet"

    def files(self, table_name: str) -> list[Path]:
        """The files of a table, in its order."""
        if self.in_leaves(table_name):
            return [leaf.file for leaf in leaves.leaves(self.folder / table_name)]
        return [self.folder / f"{table_name}.parquet"]

    def in_leaves(self, table_name: str) -> bool:
        """Whether a table's next form can be made from this one."""
        return leaves.has_leaves(self.folder / table_name)

    def rows(self, table_name: str) -> int:
        """How many rows a table has, without reading them."""
        if self.in_leaves(table_name):
            return sum(leaf.rows for leaf in leaves.leaves(self.folder / table_name))
        return int(pq.read_metadata(self.path(table_name)).num_rows)

    def read(self, table_name: str, columns: list[str] | None = None) -> pa.Table:
        """The table, or some of its columns. Raises FileNotFoundError for an unknown one."""
        return pq.read_table([str(file) for file in self.files(table_name)], columns=columns)

    def read_keys(
        self,
        table_name: str,
        key: str,
        keys: Collection[str],
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """The rows of some values of the column that the table is in the order of."""
        if self.in_leaves(table_name):
            return leaves.read_keys(self.folder / table_name, key, keys, columns)
        table = self.read(table_name, None if columns is None else [*columns, key])
        rows = table.filter(pc.is_in(table[key], value_set=pa.array(list(keys), pa.string())))
        return rows if columns is None else rows.select(list(columns))


@dataclass(frozen=True, kw_only=True)
class Snapshot(TableFolder):
    """What all agencies hold now: the tables of `records.schema`, one row per source key."""

    snapshot_id: str


@dataclass(frozen=True, kw_only=True)
class Resolved(TableFolder):
    """What resolution derived from a snapshot: the tables of `records.resolved`."""

    run_id: str
    snapshot_id: str
