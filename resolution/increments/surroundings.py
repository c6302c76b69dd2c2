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

from records.schema import ORDERS
from records.snapshot import Snapshot
from resolution.address_index import TELLING, AddressIndex, Code, Written
from resolution.addresses import LODGED, WRITTEN_IN, count_places
from resolution.increments.changes import Changes
from resolution.increments.regrouping import Used
from resolution.increments.seen import Seen
from resolution.whereabouts import MOST_TOGETHER, find_among

_KEY = {name: ORDERS[name][0] for name in ("record", *WRITTEN_IN)}


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
        for name in ("record", "involvement", *WRITTEN_IN):
            self._show(f"changed_{name}", ["id"], [[key] for key in changes[name].all])
            for when, snapshot in (("old", old), ("new", new)):
                rows = con.read_parquet(str(snapshot.path(name)))
                if name in WRITTEN_IN:
                    rows = rows.project(_WITH_PLACE)
                rows.create_view(f"{name}_{when}", replace=True)
        came_or_went = changes["record"].added | changes["record"].removed
        self.changed = Ids(
            records=changes["residence"].all | came_or_went,
            contacts=changes["contact"].all,
            indicators=changes["indicator"].all,
        )
        self._involved = changes["involvement"].all | came_or_went

    def used(self) -> dict[Written, Used | None]:
        """The ways of writing in rows that changed, and how they are used now."""
        query = " union ".join(
            f"select {_PLACE} from {name}_{when} semi join changed_{name} c on {_KEY[name]} = c.id"
            for name in WRITTEN_IN
            for when in ("old", "new")
        )
        places = self._rows(f"from ({query}) where coalesce({_PLACE}) is not null")
        self._show("asked", _PARTS, places)
        for name in WRITTEN_IN:
            self._make(f"{name}_in", f"from {name}_new r semi join asked a on {_SAME}")
        count_places(self._con)
        used: dict[Written, Used | None] = dict.fromkeys(places)
        for line, flat, uprn, postcode, uses, kind in self._rows(
            f"select {_PLACE}, uses, kind from place_in"
        ):
            used[line, flat, uprn, postcode] = (uses, kind)
        return used

    def at(self, places: Collection[Written]) -> Ids:
        """Whoever and whatever is at some places now."""
        self._show("asked", _PARTS, places)
        found = {
            name: self._ids(f"select {_KEY[name]} from {name}_new r semi join asked a on {_SAME}")
            for name in WRITTEN_IN
            if places
        }
        none = frozenset[str]()
        return Ids(
            records=found.get("residence", none),
            contacts=found.get("contact", none),
            indicators=found.get("indicator", none),
        )

    def gather(self, ids: Ids) -> None:
        """Make `residence_in`, `contact_in`, `indicator_in`: all rows of some of each, now."""
        for name, some in (
            ("residence", ids.records),
            ("contact", ids.contacts),
            ("indicator", ids.indicators),
        ):
            self._show("asked", ["id"], [[key] for key in some])
            self._make(f"{name}_in", f"from {name}_new semi join asked on {_KEY[name]} = id")

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
        self._show("asked_contact", ["id"], [[key] for key in ids.contacts])
        self._show("asked_indicator", ["id"], [[key] for key in ids.indicators])
        self._show("involved", ["id"], [[key] for key in self._involved])
        found = self._ids(_INVOLVED) | self._ids(_ABOUT) | self._ids(_CROWD)
        return ids.records | found | self._involved

    def seen(self, index: AddressIndex, records: frozenset[str]) -> Seen:
        """Where some records are known, and with whom."""
        self._show("asked", ["id"], [[key] for key in records])
        self._make("involvement_in", _INVOLVEMENT)
        self._make("person", _PERSON)
        self._make("residence_in", "from residence_new semi join asked on record_id = id")
        self._make("indicator_in", "from indicator_new semi join asked on record_id = id")
        self._make("contact_in", "from contact_new semi join involvement_in using (contact_id)")
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


_TYPES: Mapping[str, pa.DataType] = {"address_no": pa.int32(), "mark": pa.int64()}
_PARTS = ("line", "flat", "uprn", "postcode")
_PLACE = ", ".join(_PARTS)
_SAME = " and ".join(f"r.{part} is not distinct from a.{part}" for part in _PARTS)
_WITH_PLACE = "* replace (nullif(trim(flat), '') as flat), nullif(trim(address_line), '') as line"

_INVOLVED = """
select record_id from (from involvement_old union all by name from involvement_new)
semi join asked_contact on contact_id = id
"""

_ABOUT = """
select record_id from (from indicator_old union all by name from indicator_new)
semi join asked_indicator on indicator_id = id where record_id is not null
"""

# Of a contact that some part came to or went from, everybody, unless it is and was a crowd.
_CROWD = f"""
with part as (
  select distinct false now, contact_id, record_id
    from involvement_old semi join record_old using (record_id)
  union all select distinct true, contact_id, record_id
    from involvement_new semi join record_new using (record_id)),
theirs as (select distinct contact_id from part semi join involved on record_id = id)
select unnest(records) from (
  select list(record_id) records from part semi join theirs using (contact_id)
  group by contact_id, now having count(*) <= {MOST_TOGETHER})
"""

_INVOLVEMENT = """
from involvement_new semi join (
  select contact_id from involvement_new semi join asked on record_id = id) using (contact_id)
"""

_PERSON = """
select (row_number() over (order by record_id) - 1)::integer rid, record_id
from record_new where record_id in (select id from asked union select record_id from involvement_in)
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
