"""The difference between two states of the graph's tables, in batches.

Invariant: all changes that hang together through a person, an address or a contact stand in one
batch, unless they are more than a batch holds (a first build does); the plan follows from
the two folders alone, so it comes out the same when a killed projection is resumed.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from graph.model import LINKS, NODES, LinkTable, NodeTable

BATCH_ROWS = 4000
_CROWD = 60  # more records or contacts than this at one address are a hub's
_Table = NodeTable | LinkTable
_TABLES: tuple[_Table, ...] = (*NODES, *LINKS)
_ADDRESS_LINKS = tuple(link for link in LINKS if link.end == "address" or link.begin == "address")
_OTHER_LINKS = tuple(link for link in LINKS if link not in _ADDRESS_LINKS)


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows by table, as the statements of cypher/write take them."""

    put: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    drop: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(len(rows) for part in (self.put, self.drop) for rows in part.values())


class Changes:
    """What turns the tables of `base` (None: an empty graph) into those of `target`."""

    def __init__(self, base: Path | None, target: Path) -> None:
        self._con = duckdb.connect(config={"threads": 2})
        for table in _TABLES:
            self._compare(table, base, target)
        if base is None:
            self._number_first_build()
        else:
            self._number_by_unit(target, base)
        self.rows = self._sum("count(*)")
        last = self._con.execute(
            "select max(batch_no) from ("
            + " union all ".join(f"select batch_no from change_{t.table}" for t in _TABLES)
            + ")"
        ).fetchone()
        assert last is not None
        self.batches = 0 if last[0] is None else int(last[0]) + 1

    def __iter__(self) -> Iterator[Batch]:
        streams = {t.table: _Stream(self._con, t) for t in _TABLES}
        for number in range(self.batches):
            batch = Batch()
            for table, stream in streams.items():
                for op, row in stream.take(number):
                    part = batch.put if op == "put" else batch.drop
                    part.setdefault(table, []).append(row)
            yield batch

    def close(self) -> None:
        self._con.close()

    def _sum(self, what: str) -> int:
        total = 0
        for table in _TABLES:
            row = self._con.execute(f"select {what} from change_{table.table}").fetchone()
            assert row is not None
            total += int(row[0])
        return total

    def _compare(self, table: _Table, base: Path | None, target: Path) -> None:
        new = _read(target, table)
        if base is None:
            self._con.execute(
                f"create table change_{table.table} as "
                f"select 'put' op, null::bigint batch_no, * from {new}"
            )
            return
        old = _read(base, table)
        keys = ", ".join(_keys(table))
        self._con.execute(
            f"create table change_{table.table} as "
            f"select 'put' op, null::bigint batch_no, * from "
            f"(select * from {new} except select * from {old}) "
            f"union all by name select 'drop' op, null::bigint batch_no, * from "
            f"(select * from {old} anti join (select {keys} from {new}) using ({keys}))"
        )

    def _number_first_build(self) -> None:
        """Nodes, then what hangs on people, then address by address."""
        begin = 0
        first: tuple[_Table, ...] = (*NODES, *_OTHER_LINKS)
        for table in first:
            keys = ", ".join(_keys(table))
            self._con.execute(
                f"update change_{table.table} c set batch_no = n.batch_no from "
                f"(select {keys}, {begin} + (row_number() over (order by {keys}) - 1) "
                f"// {BATCH_ROWS} batch_no from change_{table.table}) n "
                f"where {' and '.join(f'c.{key} = n.{key}' for key in _keys(table))}"
            )
            begin = self._next_batch(table, begin)
        every = " union all ".join(
            f"select {_address_key(link)} address_id from change_{link.table}"
            for link in _ADDRESS_LINKS
        )
        self._con.execute(
            f"create table address_batch as select address_id, "
            f"{begin} + (sum(weight) over (order by address_id) - weight)::bigint // {BATCH_ROWS} "
            f"batch_no from (select address_id, count(*) weight from ({every}) group by 1)"
        )
        for link in _ADDRESS_LINKS:
            self._con.execute(
                f"update change_{link.table} c set batch_no = n.batch_no from address_batch n "
                f"where c.{_address_key(link)} = n.address_id"
            )

    def _next_batch(self, table: _Table, begin: int) -> int:
        row = self._con.execute(f"select max(batch_no) from change_{table.table}").fetchone()
        assert row is not None
        return begin if row[0] is None else int(row[0]) + 1

    def _number_by_unit(self, target: Path, base: Path) -> None:
        """Pack the units into batches; a unit too large for one is spread over several."""
        units = _Units()
        members: list[tuple[int, tuple[str, ...], str]] = []
        for place, table in enumerate(_TABLES):
            keys = ", ".join(_keys(table))
            rows = self._con.execute(
                f"select {keys} from change_{table.table} order by all"
            ).fetchall()
            for row in rows:
                members.append((place, row, units.join(_ends(table, row))))
        self._join_records_with_people(units, base, target)
        self._join_with_places(units, base, target)
        groups: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for place, row, end in members:
            groups[units.find(end)].append((place, row))
        numbered: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        number, filled = 0, 0
        for unit in groups.values():
            if filled and filled + len(unit) > BATCH_ROWS:
                number, filled = number + 1, 0
            for place, row in unit:
                if filled == BATCH_ROWS:
                    number, filled = number + 1, 0
                numbered[place].append((*row, number))
                filled += 1
        for place, rows in numbered.items():
            self._write_numbers(_TABLES[place], rows)

    def _join_records_with_people(self, units: _Units, base: Path, target: Path) -> None:
        for folder in (base, target):
            pairs = self._con.execute(
                f"select distinct from_key, to_key from "
                f"read_parquet('{_quoted(folder / 'identifies.parquet')}') "
                f"where from_key in (select record_id from change_record) order by all"
            ).fetchall()
            for record_id, person_id in pairs:
                units.join([f"record {record_id}", f"person {person_id}"])

    def _join_with_places(self, units: _Units, base: Path, target: Path) -> None:
        """Changed records with where they are now, changed contacts with where they were.

        An address with many of them joins nothing: it would chain a town into one unit.
        """
        for table, label, still in (
            ("recorded_at", "record", "where to_date is null"),
            ("at", "contact", ""),
        ):
            for folder in (base, target):
                source = f"read_parquet('{_quoted(folder / f'{table}.parquet')}')"
                pairs = self._con.execute(
                    f"select distinct from_key, to_key from {source} {still} qualify "
                    f"count(*) over (partition by to_key) <= {_CROWD} intersect "
                    f"select from_key, to_key from {source} "
                    f"where from_key in (select {label}_id from change_{label}) order by all"
                ).fetchall()
                for key, address_id in pairs:
                    units.join([f"{label} {key}", f"address {address_id}"])

    def _write_numbers(self, table: _Table, rows: list[tuple[Any, ...]]) -> None:
        import pyarrow as pa

        names = [*_keys(table), "batch_no"]
        columns = list(zip(*rows, strict=True))
        numbers = pa.table(dict(zip(names, (pa.array(c) for c in columns), strict=True)))
        self._con.register("numbers", numbers)
        same = " and ".join(f"c.{key} = n.{key}" for key in _keys(table))
        self._con.execute(
            f"update change_{table.table} c set batch_no = n.batch_no from numbers n where {same}"
        )
        self._con.unregister("numbers")


class _Units:
    """Which changes hang together (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, key: str) -> str:
        root = key
        while (above := self._parent.setdefault(root, root)) != root:
            root = above
        while self._parent[key] != root:
            self._parent[key], key = root, self._parent[key]
        return root

    def join(self, keys: list[str]) -> str:
        first = self.find(keys[0])
        for key in keys[1:]:
            self._parent[self.find(key)] = first
        return first


class _Stream:
    """One table's changes in order of batch, a batch at a time."""

    def __init__(self, con: duckdb.DuckDBPyConnection, table: _Table) -> None:
        self._table = table
        cursor = con.cursor()
        order = ", ".join(("batch_no", "op", *_keys(table)))
        cursor.execute(f"select * from change_{table.table} order by {order}")
        assert cursor.description is not None
        self._columns = [column[0] for column in cursor.description]
        rows = itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(10_000), []))
        self._groups = itertools.groupby(rows, key=lambda row: row[1])
        self._ahead = next(self._groups, None)

    def take(self, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        if self._ahead is None or self._ahead[0] != number:
            return
        for row in self._ahead[1]:
            named = dict(zip(self._columns[2:], row[2:], strict=True))
            yield row[0], _parameters(self._table, named, row[0])
        self._ahead = next(self._groups, None)


def _parameters(table: _Table, row: dict[str, Any], op: str) -> dict[str, Any]:
    if isinstance(table, NodeTable):
        made: dict[str, Any] = {"key": row.pop(table.key)}
    else:
        made = {key: row.pop(key) for key in _keys(table)}
    if op == "put":
        made["put"] = row
    return made


def _keys(table: _Table) -> tuple[str, ...]:
    if isinstance(table, NodeTable):
        return (table.key,)
    return ("from_key", "to_key", "link_key")


def _ends(table: _Table, row: tuple[str, ...]) -> list[str]:
    if isinstance(table, NodeTable):
        return [f"{table.table} {row[0]}"]
    ends = [(table.begin, row[0]), (table.end, row[1])]
    return [f"{label} {key}" for label, key in ends if label != "agency"]


def _address_key(link: LinkTable) -> str:
    return "to_key" if link.end == "address" else "from_key"


def _read(folder: Path, table: _Table) -> str:
    return f"read_parquet('{_quoted(folder / f'{table.table}.parquet')}')"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
