"""Who and what is at the places that a change touches, asked of the snapshots.

Invariant: rows are read from the snapshots as they are; what is made of them is made by the
statements of a run over everything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from records.schema import ORDERS, TABLES, arrow_schema
from records.snapshot import Snapshot
from resolution.address_index import TELLING, AddressIndex, Code, Written
from resolution.addresses import LODGED, WRITTEN_IN
from resolution.increments.changes import Changes
from resolution.increments.regrouping import Used
from resolution.increments.seen import Seen
from resolution.whereabouts import MOST_TOGETHER, find_among


@dataclass(frozen=True, kw_only=True)
class Ids:
    """Records, contacts and indicators."""

    records: frozenset[str]
    contacts: frozenset[str]
    indicators: frozenset[str]

    def __or__(self, other: Ids) -> Ids:
        return Ids(
            records=self.records | other.records,
            contacts=self.contacts | other.contacts,
            indicators=self.indicators | other.indicators,
        )


class Surroundings:
    """Both snapshots, in a workspace that asks them."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, old: Snapshot, new: Snapshot, changes: Changes
    ) -> None:
        self._con = con
        self._snapshots = {"old": old, "new": new}
        came_or_went = changes["record"].added | changes["record"].removed
        self.changed = Ids(
            records=changes["residence"].all | came_or_went,
            contacts=changes["contact"].all,
            indicators=changes["indicator"].all,
        )
        self._rewritten = {name: changes[name].all for name in WRITTEN_IN}
        self._involved = changes["involvement"].all | came_or_went

    def used(self) -> dict[Written, Used]:
        """How places are written otherwise than before: more or less often, with which kinds."""
        parts = []
        for name in WRITTEN_IN:
            for when, sign in (("old", -1), ("new", 1)):
                self._keep(f"{name}_{when}", name, when, self._rewritten[name])
                kind = "place_kind" if name == "residence" else "null"
                parts.append(f"select {_PLACE}, {kind} kind, {sign} n from {name}_{when}")
        used: dict[Written, tuple[int, dict[str, int]]] = {}
        for line, flat, uprn, postcode, kind, more in self._rows(
            f"select {_PLACE}, kind, sum(n)::integer more from ({' union all '.join(parts)})"
            f" where coalesce({_PLACE}) is not null group by all having more <> 0"
        ):
            sum_before, kinds = used.get((line, flat, uprn, postcode), (0, {}))
            if kind is not None:
                kinds[kind] = more
            used[line, flat, uprn, postcode] = (sum_before + more, kinds)
        return dict(used)

    def at(self, places: Collection[Written]) -> Ids:
        """Whoever and whatever is at some places now."""
        found = {name: frozenset[str]() for name in WRITTEN_IN}
        if places:
            self._show("asked", _PARTS, places)
            for name in WRITTEN_IN:
                near = self._all(name, "new", _NEAR)
                found[name] = self._ids(
                    f"select {ORDERS[name][0]} from ({near}) r semi join asked a on {_SAME}"
                )
        return Ids(
            records=found["residence"], contacts=found["contact"], indicators=found["indicator"]
        )

    def gather(self, ids: Ids) -> None:
        """Make `residence_in`, `contact_in`, `indicator_in`: all rows of some of each, now."""
        self._keep("residence_in", "residence", "new", ids.records)
        self._keep("contact_in", "contact", "new", ids.contacts)
        self._keep("indicator_in", "indicator", "new", ids.indicators)

    def locate(self, index: AddressIndex, numbers: dict[Code, int] | None = None) -> list[Code]:
        """Make `place` of the rows gathered; the addresses by their `address_no`.

        Args:
            numbers: the `address_no` of each, if they have one already.
        """
        query = " union ".join(f"select {_PLACE} from {name}_in" for name in WRITTEN_IN)
        written = self._rows(f"from ({query}) where coalesce({_PLACE}) is not null")
        ways = [way for way in map(index.find, written) if way]
        numbers = {} if numbers is None else numbers
        rows = [(*way.written, numbers.setdefault(way.address, len(numbers))) for way in ways]
        self._show("place", [*_PARTS, "address_no"], rows)
        return list(numbers)

    def located(self, table: str, columns: str) -> pa.Table:
        """Columns of the rows gathered of a table, with the `address_no` of each."""
        return self._con.sql(
            f"select distinct {columns} from {table}_in r join place a on {_SAME}"
        ).to_arrow_table()

    def seen_otherwise(self, ids: Ids) -> frozenset[str]:
        """The records whose whereabouts are told again if some of each are."""
        found = ids.records | self._involved
        for when in self._snapshots:
            if ids.contacts:
                self._show("asked", ["id"], [[key] for key in ids.contacts])
                found |= self._ids(
                    f"select record_id from ({self._all('involvement', when)})"
                    " semi join asked on contact_id = id"
                )
            if ids.indicators:
                self._keep("about", "indicator", when, ids.indicators)
                found |= self._ids("select record_id from about where record_id is not null")
            if self._involved:
                self._involve(self._involved, when)
                found |= self._ids(_FAMILIES)
        return found

    def _involve(self, records: frozenset[str], when: str) -> None:
        """Make `involvement_in`, all parts in contacts of some records, and `present`."""
        self._keep("part", "involvement", when, records)
        contacts = self._ids("select contact_id from part")
        if contacts:
            everybody = self._all("involvement", when)
            self._make("involvement_in", f"from ({everybody}) semi join part using (contact_id)")
        else:
            self._make("involvement_in", "from part")
        known = records | self._ids("select record_id from involvement_in")
        self._keep("present", "record", when, known)

    def seen(self, index: AddressIndex, records: frozenset[str]) -> Seen:
        """Where some records are known, and with whom."""
        self._involve(records, "new")
        self._make("person", _PERSON)
        self._show("asked", ["id"], [[key] for key in records])
        self._keep("residence_in", "residence", "new", records)
        about = self._all("indicator", "new")
        self._make("indicator_in", f"from ({about}) semi join asked on record_id = id")
        contacts = self._ids("select contact_id from part")
        self._keep("contact_in", "contact", "new", contacts)
        codes = self.locate(index)
        told = index.told(codes)
        rows = [(number, *json.loads(told[code][0])) for number, code in enumerate(codes)]
        self._show("address", ["address_no", *TELLING], rows)
        self._con.execute(LODGED)
        find_among(self._con)
        known, together = self._con.sql(_KNOWN), self._con.sql(_TOGETHER)
        return Seen(
            records=records, known=known.to_arrow_table(), together=together.to_arrow_table()
        )

    def _all(self, name: str, when: str, where: str = "true") -> str:
        """A table of a snapshot, with its places as they are written."""
        path = str(self._snapshots[when].path(name)).replace("'", "''")
        places = _AS_WRITTEN if name in WRITTEN_IN else "*"
        return f"select {places} from read_parquet('{path}') where {where}"

    def _keep(self, table: str, name: str, when: str, keys: Collection[str]) -> None:
        """Make a table of the rows of some keys (of the column that rows are found by)."""
        key = ORDERS[name][0]
        if len(keys) <= _FEW:
            rows = _READ[name].empty_table()
            if keys:
                rows = self._snapshots[when].read_keys(name, key, keys, rows.column_names)
            self._con.register("given", rows)
            places = _AS_WRITTEN if name in WRITTEN_IN else "*"
            self._make(table, f"select {places} from given")
            self._con.unregister("given")
        else:
            self._show("wanted", ["id"], [[value] for value in keys])
            self._make(table, f"from ({self._all(name, when)}) semi join wanted on {key} = id")

    def _show(self, table: str, columns: Sequence[str], rows: Collection[Sequence[Any]]) -> None:
        given = list(rows)
        arrays = [
            pa.array([row[n] for row in given], _TYPES.get(name, pa.string()))
            for n, name in enumerate(columns)
        ]
        self._con.register("given", pa.table(dict(zip(columns, arrays, strict=True))))
        self._make(table, "from given")
        self._con.unregister("given")

    def _make(self, table: str, query: str) -> None:
        self._con.execute(f"create or replace temp table {table} as {query}")

    def _rows(self, query: str) -> list[Any]:
        return self._con.execute(query).fetchall()

    def _ids(self, query: str) -> frozenset[str]:
        return frozenset(key for (key,) in self._rows(query))


_FEW = 200  # so many keys are looked up one by one
_WHERE = ("address_line", "flat", "uprn", "postcode")
_NAMES = {
    "record": ("record_id",),
    "residence": ("record_id", *_WHERE, "from_date", "to_date", "place_kind"),
    "contact": ("contact_id", *_WHERE, "on_date"),
    "indicator": ("indicator_id", "record_id", *_WHERE, "valid_from"),
    "involvement": ("record_id", "contact_id"),
}
_READ = {
    name: pa.schema([field for field in arrow_schema(TABLES[name]) if field.name in names])
    for name, names in _NAMES.items()
}
"""The columns of each table that whereabouts follow from."""

_TYPES: Mapping[str, pa.DataType] = {"address_no": pa.int32(), "mark": pa.int64()}
_PARTS = ("line", "flat", "uprn", "postcode")
_PLACE = ", ".join(_PARTS)
_SAME = " and ".join(f"r.{part} is not distinct from a.{part}" for part in _PARTS)
_AS_WRITTEN = "* replace (nullif(trim(flat), '') as flat), nullif(trim(address_line), '') as line"
# What may be at a place, before anything is made of its text.
_NEAR = "coalesce(postcode, '') in (select coalesce(postcode, '') from asked)"

# Of a contact that some part came to or went from, everybody, unless it is a crowd.
_FAMILIES = f"""
with present_part as (
  select distinct contact_id, record_id from involvement_in semi join present using (record_id))
select unnest(records) from (
  select list(record_id) records from present_part
  group by contact_id having count(*) <= {MOST_TOGETHER})
"""

_PERSON = """
select (row_number() over (order by record_id) - 1)::integer rid, record_id from present
"""

_KNOWN = """
select p.record_id, a.mark, k.until, k.since, k.dwelling, k.postcode, k.area, k.home, a.number,
  a.street
from known k join address a using (address_no) join person p using (rid)
semi join asked on p.record_id = id
"""

_TOGETHER = """
select p.record_id, t.x from together t join person p using (rid) semi join asked on record_id = id
"""
