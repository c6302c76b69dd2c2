"""Everything that follows from the linking, made again for what a change touched.

Invariant: the run's folder is what a run over all records would have written, given the same
clusters and addresses. A person is made again if a record of theirs changed, came or went, if
they are made of other records, if one of their addresses is told otherwise, or if the last day
of a stay has passed since the run before; a household, if anybody's stay at its address is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from governance.identities import IdentityEvent
from records.keys import KeyMaker
from records.snapshot import Snapshot
from resolution.errors import ResolutionError
from resolution.golden import golden_people, write_agency_kinds
from resolution.households import derive_households
from resolution.identities import Naming, name_touched
from resolution.increments.rewriting import Rewriting, only, without
from resolution.residences import derive_residences
from resolution.survivorship import Survivorship
from resolution.tables import ORDERS, SCHEMAS, derived_rows

_TELLING = ("flat", "number", "street", "postcode")  # of an address: what stays are joined by


class NotClosedError(ResolutionError):
    """A person lost a record to a change that does not hold their other records."""


@dataclass(frozen=True, kw_only=True)
class Relinked:
    """What linking made of a change: whole clusters, in the order of their first record ids.

    `edges` are the links inside them (`record_a`, `record_b`, `p`, `decided_by`, `words`,
    `reasons`, `place` as in `tables.write_links`); `pairs` the possible pairs (as in the table)
    that a record of `asked` has part in.
    """

    clusters: list[list[str]]
    edges: pa.Table
    pairs: pa.Table
    asked: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What resolving addresses made of a change.

    `addresses` (`address_no` from 0, then the columns of an address) with `evidence` for each:
    all that were touched and all that what follows names. `records`, `contacts` and `indicators`
    are those placed again, whole; `record_place` (`record_id`, `address_no`, `from_date`,
    `to_date`), `contact_place` and `indicator_place` (id, `address_no`) say where.
    """

    addresses: pa.Table
    evidence: list[set[str]]
    records: frozenset[str]
    contacts: frozenset[str]
    indicators: frozenset[str]
    record_place: pa.Table
    contact_place: pa.Table
    indicator_place: pa.Table


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a run over all records would be given too."""

    snapshot: Snapshot
    rules: Survivorship
    kinds: dict[str, str]
    session: Session
    keys: KeyMaker
    run_id: str
    today: dt.date


@dataclass(kw_only=True)
class Derived:
    """What came of it: rows by table, changes of the ledger, and how many people were touched."""

    rows: dict[str, int]
    people: Naming
    addresses: Naming
    touched_people: int
    touched_addresses: int

    @property
    def events(self) -> list[IdentityEvent]:
        return [*self.people.events, *self.addresses.events]


class Derivation:
    """One change on its way into the tables; call the stages in their order."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        setting: Setting,
        tables: Rewriting,
        *,
        relinked: Relinked,
        placed: Placed,
        removed: Collection[str],
        expired: Collection[str],
    ) -> None:
        """Start it.

        Args:
            tables: the run before, on the way to its next form.
            removed: records that are gone.
            expired: records with a residence whose last day passed since the run before.
        """
        self._con = con
        self._set = setting
        self._tables = tables
        self._relinked, self._placed = relinked, placed
        self._again = {record for cluster in relinked.clusters for record in cluster}
        self._removed = frozenset(removed) - self._again
        self._expired = frozenset(expired)
        self._moved_from: set[str] = set()
        self._moves: list[tuple[str, str, frozenset[str]]] = []

    def name(self) -> None:
        """Give addresses and people their lasting ids."""
        make = self._set.keys.derived_id
        evidence = [sorted(make("e", text) for text in group) for group in self._placed.evidence]
        self.addresses = self._name("address", evidence)
        self.people = self._name("person", self._relinked.clusters)
        ids = pa.array(self.addresses.ids, pa.string())
        self._named = self._placed.addresses.append_column("address_id", ids)
        self._con.register("named", self._named)
        self._con.execute(_NAMED)
        self._con.unregister("named")

    def _name(self, kind: str, clusters: list[list[str]]) -> Naming:
        given = self._set
        return name_touched(given.session, given.keys, kind, clusters, given.run_id)

    @cached_property
    def _retired(self) -> set[str]:
        """Addresses that others took over."""
        return {event.identity_id for event in self.addresses.events if event.action == "retire"}

    @cached_property
    def _left(self) -> set[str]:
        """People who had one of the records that were linked again, or are gone."""
        whose = self._persons(self._again | self._removed)
        members = self._column("bearer", whose, "record_id")
        if not members <= self._again | self._removed:
            raise NotClosedError("a person lost a record to a change that lacks their others")
        return whose

    @cached_property
    def _also(self) -> set[str]:
        """People of the same records as before, of whom something else must be told again."""
        old = self._tables.rows_of("address", [*self.addresses.ids, *self._retired])
        told = _by_id(self._named)
        otherwise = {key for key, row in _by_id(old).items() if told.get(key) != row}
        lodged = self._column("lodger", otherwise, "record_id")
        records = lodged | self._placed.records | self._expired
        return self._persons(records - self._again - self._removed) - self._left

    def _persons(self, records: Collection[str]) -> set[str]:
        return self._column("link", records, "person_id")

    def _column(self, table: str, keys: Collection[str], column: str) -> set[str]:
        return set(self._tables.rows_of(table, keys, [column])[column].to_pylist())

    @cached_property
    def _touched(self) -> set[str]:
        """Everybody who is made again or is no more."""
        return self._left | self._also | set(self.people.ids)

    def choose_golden(self) -> None:
        """Golden records of the people made again."""
        members = self._memberships()
        self._members = set(members["record_id"].to_pylist())
        rows = self._set.snapshot.read_keys("record", "record_id", self._members)
        self._make("numbered", _NUMBERED, given=rows)
        self._con.execute("create temp view person as from numbered")
        self._make("member", _MEMBER, given=members)
        write_agency_kinds(self._con, self._set.kinds)
        golden_people(self._con, self._set.rules)
        self._put("person", self._touched)
        self._put("bearer", self._touched)

    def _memberships(self) -> pa.Table:
        """Whose each record is, of everybody who is made again."""
        named = zip(self._relinked.clusters, self.people.ids, strict=True)
        pairs = [(person, record) for cluster, person in named for record in cluster]
        columns = [[pair[place] for pair in pairs] for place in (0, 1)]
        linked = pa.Table.from_arrays(
            [pa.array(column, pa.string()) for column in columns], schema=SCHEMAS["bearer"]
        )
        return pa.concat_tables([linked, self._tables.rows_of("bearer", self._also)])

    def derive_stays(self) -> None:
        """Who of them lives where."""
        placed = self._placed
        kept = self._tables.rows_of("record_address", self._members - placed.records)
        self._show_addresses(kept["address_id"].to_pylist())
        self._make("record_place", _RECORD_PLACE, given=kept, placed=placed.record_place)
        derive_residences(self._con, self._set.rules, self._set.today)
        self._put("record_address", self._members | self._removed)
        self._put("lives_at", self._touched)

    def _show_addresses(self, more: Iterable[str]) -> None:
        """Add addresses to the table `address`, as they were: those placed again are there."""
        others = set(more) - set(self.addresses.ids)
        self._con.register("given", self._tables.rows_of("address", others))
        self._con.execute(_MORE_ADDRESSES)
        self._con.unregister("given")

    def derive_households(self) -> None:
        """Who lives with whom, at every address that somebody's stay touches."""
        stays = derived_rows(self._con, "stay", self._set.today)
        at = self._column("lives_at", self._touched, "address_id")
        at |= {*stays["address_id"].to_pylist(), *self.addresses.ids, *self._retired}
        held = without(self._tables.rows_of("stay", at), "person_id", self._touched)
        self._show_addresses(at)
        self._make("stay", _STAY, given=pa.concat_tables([held, stays]))
        derive_households(self._con, self._set.rules, self._set.keys)
        were = self._column("household", at, "household_id")
        self._put("stay", at)
        self._put("household", at)
        self._put("member", were)

    def tell_links(self) -> None:
        """Why each record of the clusters is where it is, and what may yet be one person."""
        self._make("edge", _EDGE, given=self._relinked.edges)
        rows = only(derived_rows(self._con, "link", self._set.today), "record_id", self._again)
        old = self._tables.rows_of("link", self._again)
        self._make("link", _LINK, given=rows, old=old)
        rows = self._con.table("link").to_arrow_table()
        self._tables.put("link", self._again | self._removed, rows)
        self._put_pairs()

    def _put_pairs(self) -> None:
        asked = self._relinked.asked | self._removed
        pairs = self._tables.before.read("possible_pair", ["record_a", "record_b"])
        wanted = pa.array(sorted(asked), pa.string())
        hit = pc.or_(pc.is_in(pairs["record_a"], wanted), pc.is_in(pairs["record_b"], wanted))
        firsts = set(pairs.filter(hit)["record_a"].to_pylist())
        firsts.update(self._relinked.pairs["record_a"].to_pylist())
        held = self._tables.rows_of("possible_pair", firsts)
        held = without(without(held, "record_a", asked), "record_b", asked)
        new = self._relinked.pairs.select(held.schema.names).cast(held.schema)
        self._tables.put("possible_pair", firsts, pa.concat_tables([held, new]))

    def put_places(self) -> None:
        """Addresses, and what was recorded at them."""
        placed = self._placed
        rows = derived_rows(self._con, "lodger", self._set.today)
        self._turn("lodger", "record_address", placed.records | self._removed, rows)
        for kind, moved, where in (
            ("contact", placed.contacts, placed.contact_place),
            ("indicator", placed.indicators, placed.indicator_place),
        ):
            rows = self._with_ids(where, f"{kind}_id")
            self._turn(f"{kind}_at", f"{kind}_address", moved, rows)
            self._tables.put(f"{kind}_address", moved, rows)
        gone = self._deserted() | self._retired
        self._tables.put("address", gone | set(self.addresses.ids), self._named)

    def _with_ids(self, where: pa.Table, column: str) -> pa.Table:
        self._make("placed", f"select distinct address_id, {column} {_PLACED}", given=where)
        return self._con.table("placed").to_arrow_table()

    def _turn(self, table: str, forward: str, moved: frozenset[str], rows: pa.Table) -> None:
        """Write who or what is at each address that some moved from or to."""
        column = ORDERS[table][1]
        rows = only(rows, column, moved)
        left = self._column(forward, moved, "address_id")
        at = left | set(rows["address_id"].to_pylist())
        held = without(self._tables.rows_of(table, at), column, moved)
        new = rows.select(held.schema.names).cast(held.schema)
        self._tables.put(table, at, pa.concat_tables([held, new]))
        self._moves.append((table, column, moved))
        self._moved_from |= left

    def _deserted(self) -> set[str]:
        """Addresses at which nobody and nothing is left."""
        left = self._moved_from - set(self.addresses.ids)
        for table, column, moved in self._moves:
            held = without(self._tables.rows_of(table, left), column, moved)
            left -= set(held["address_id"].to_pylist())
        return left

    def finish(self, beside: Callable[[Path], None]) -> Derived:
        """Put the folder in its place."""
        return Derived(
            rows=self._tables.finish(beside),
            people=self.people,
            addresses=self.addresses,
            touched_people=len(self._touched),
            touched_addresses=self._named.num_rows,
        )

    def _put(self, table: str, keys: Collection[str]) -> None:
        self._tables.put(table, keys, derived_rows(self._con, table, self._set.today))

    def _make(self, table: str, query: str, **given: pa.Table) -> None:
        """A table of the workspace, from rows at hand."""
        for name, rows in given.items():
            self._con.register(name, rows)
        self._con.execute(f"create or replace temp table {table} as {query}")
        for name in given:
            self._con.unregister(name)


def _by_id(addresses: pa.Table) -> dict[str, tuple[str | None, ...]]:
    """What each address says of itself."""
    columns = [addresses[name].to_pylist() for name in ("address_id", *_TELLING)]
    return {row[0]: row[1:] for row in zip(*columns, strict=True)}


_NAMED = "create or replace temp table address as from named"

_MORE_ADDRESSES = """
insert into address by name
select (select count(*) from address) + row_number() over () - 1 as address_no, g.*
from given g anti join address using (address_id)
"""

_NUMBERED = "select (row_number() over (order by record_id) - 1)::integer as rid, * from given"

_MEMBER = "select p.rid, g.person_id from given g join person p using (record_id)"

_RECORD_PLACE = """
select p.rid, a.address_no, g.from_date, g.to_date
from given g join person p using (record_id) join address a using (address_id)
union all
select p.rid, n.address_no, n.from_date, n.to_date from placed n join person p using (record_id)
"""

_STAY = (
    "select a.address_no, g.* exclude (address_id) from given g join address a using (address_id)"
)

_PLACED = "from given join address using (address_no)"

_EDGE = """
select a.rid i, b.rid j, g.p, g.decided_by, g.words, g.reasons, g.place from given g
join person a on a.record_id = g.record_a join person b on b.record_id = g.record_b
"""

# What was decided so before was decided then.
_LINK = """
select g.* replace (coalesce(o.decided_on, g.decided_on) as decided_on) from given g
left join old o on o.record_id = g.record_id and o.person_id = g.person_id
  and o.probability = g.probability and o.decided_by = g.decided_by and o.evidence = g.evidence
"""
