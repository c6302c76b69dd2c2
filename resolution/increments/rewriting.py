"""The next form of a run's folder: tables that change are written, all others are linked.

Invariant: the folder appears whole, by rename, or not at all; the run before is only read.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from records.leaves import link_files, link_table, replace_rows
from records.resolved import RESOLVED_TABLES
from records.snapshot import Resolved
from resolution.tables import ORDERS, SCHEMAS

QUESTIONS = "questions"


class Rewriting:
    """One run's tables on the way to the next run's."""

    def __init__(self, before: Resolved, folder: Path) -> None:
        self.before = before
        self._folder = folder
        self._building = folder.with_name(f".{folder.name}.building")
        shutil.rmtree(self._building, ignore_errors=True)
        self._building.mkdir(parents=True)
        self._rows: dict[str, int] = {}

    def rows_of(
        self, table: str, keys: Collection[str], columns: list[str] | None = None
    ) -> pa.Table:
        """What the run before has of some keys (of the column that the table is ordered by)."""
        return self.before.read_keys(table, ORDERS[table][0], keys, columns)

    def put(self, table: str, keys: Collection[str], rows: pa.Table) -> None:
        """All rows of some keys give way to others, which may be of other keys as well."""
        replaced = replace_rows(
            self.before.folder / table,
            self._building / table,
            keys=keys,
            rows=rows.select(SCHEMAS[table].names).cast(SCHEMAS[table]),
            order=ORDERS[table],
        )
        self._rows[table] = replaced.rows

    def finish(self, beside: Callable[[Path], None]) -> dict[str, int]:
        """Link what did not change, and put the folder in place; rows per table.

        Args:
            beside: writes what else belongs into the folder.
        """
        for table in SCHEMAS:
            if table not in self._rows:
                link_table(self.before.folder / table, self._building / table)
                self._rows[table] = self.before.rows(table)
        questions = self.before.folder / QUESTIONS
        if questions.is_dir():
            link_files(questions, self._building / QUESTIONS)
        beside(self._building)
        self._building.rename(self._folder)
        return {name: self._rows[name] for name in RESOLVED_TABLES}


def _among(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def without(rows: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """The rows whose column holds none of some values."""
    return rows.filter(pc.invert(_among(rows[column], values)))


def only(rows: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """The rows whose column holds one of some values."""
    return rows.filter(_among(rows[column], values))
