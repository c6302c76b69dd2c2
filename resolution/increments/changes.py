"""What differs between two snapshots, table by table.

Invariant: a key is told exactly if its rows differ in a column that resolution reads: where a row
came from (its load and line) and the raw text beside a canonical value decide nothing.

Leaves that both snapshots share are one file and are not read, so the work is as large as the
change. A dataset sent anew in full is in every leaf and is compared row by row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from records.schema import ORDERS, TABLES, arrow_schema
from records.snapshot import Snapshot

_PROVENANCE = frozenset({"load_id", "file_line"})
_THREADS = 2


@dataclass(frozen=True, kw_only=True)
class TableChanges:
    """Keys (values of the first column of the table's order) by what became of their rows."""

    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.added | self.changed | self.removed


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changed keys of every table of a snapshot."""

    tables: dict[str, TableChanges] = field(default_factory=dict)

    def __getitem__(self, table_name: str) -> TableChanges:
        return self.tables[table_name]

    def __bool__(self) -> bool:
        return any(found.all for found in self.tables.values())

    def count(self) -> int:
        """How many keys differ, over all tables."""
        return sum(len(found.all) for found in self.tables.values())


def find_changes(old: Snapshot, new: Snapshot) -> Changes:
    """Compare two snapshots."""
    con = duckdb.connect(config={"threads": _THREADS})
    try:
        return Changes(tables={name: _compare(con, name, old, new) for name in TABLES})
    finally:
        con.close()


def _compare(
    con: duckdb.DuckDBPyConnection, name: str, old: Snapshot, new: Snapshot
) -> TableChanges:
    before, after = _unshared(old.files(name), new.files(name))
    if not before and not after:
        return TableChanges()
    schema = arrow_schema(TABLES[name])
    columns = [
        column
        for column in schema.names
        if column not in _PROVENANCE and not column.endswith("_raw")
    ]
    _show(con, "old_rows", before, schema, columns)
    _show(con, "new_rows", after, schema, columns)
    query = _DIFFERENT.format(key=ORDERS[name][0], columns=", ".join(columns))
    rows = con.execute(query).fetchall()
    found: dict[str, set[str]] = {"added": set(), "changed": set(), "removed": set()}
    for value, was, remains in rows:
        found["changed" if was and remains else "added" if remains else "removed"].add(value)
    return TableChanges(**{kind: frozenset(keys) for kind, keys in found.items()})


def _unshared(old: Iterable[Path], new: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """The files that are in one alone: a link to the same file is the same rows."""
    before = {_identity(file): file for file in old}
    after = {_identity(file): file for file in new}
    return (
        [file for mark, file in before.items() if mark not in after],
        [file for mark, file in after.items() if mark not in before],
    )


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


def _show(
    con: duckdb.DuckDBPyConnection,
    view: str,
    files: list[Path],
    schema: pa.Schema,
    columns: list[str],
) -> None:
    if files:
        source = con.read_parquet([str(file) for file in files])
    else:
        con.register("shape", schema.empty_table())
        source = con.table("shape")
    source.select(*columns).create_view(view, replace=True)


# Rows are compared by a digest of 64 bits: that one change escapes is as likely as 1 in 2^64.
_DIFFERENT = """
with old_keys as (select {key}, sum(hash({columns})) told, count(*) n from old_rows group by 1),
new_keys as (select {key}, sum(hash({columns})) told, count(*) n from new_rows group by 1)
select coalesce(o.{key}, n.{key}), o.{key} is not null, n.{key} is not null
from old_keys o full join new_keys n on o.{key} = n.{key}
where o.told is distinct from n.told or o.n is distinct from n.n
"""
