"""What linking and addresses make of a change, worked out from a whole run: for tests alone."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

import resolution
from governance import identities as ledger
from governance.register import Register
from records.leaves import write_leaves
from records.schema import ORDERS, TABLES
from records.snapshot import Resolved, Snapshot
from resolution.addresses import resolve_addresses
from resolution.explaining import tell_links
from resolution.increments.changes import Changes
from resolution.increments.derived import Placed, Relinked
from resolution.linking.settings import read_linking
from resolution.matching import match_records
from resolution.prepare import open_workspace, prepare
from resolution.rules import read_ladder
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import KEYS, clock

TEXT, NUMBER, DAY = pa.string(), pa.int32(), pa.date32()


def in_leaves(snapshot: Snapshot, folder: Path) -> Snapshot:
    """The same snapshot as loaders write it."""
    for name in TABLES:
        rows = snapshot.read(name).sort_by([(column, "ascending") for column in ORDERS[name]])
        write_leaves(rows, folder / name, ORDERS[name][0])
    return Snapshot(folder=folder, snapshot_id=folder.name)


def resolved_in(register: Register, snapshot: Snapshot, out: Path) -> Resolved:
    with register.session() as session:
        made = resolution.resolve(
            snapshot,
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=out,
            clock=clock,
        )
        session.commit()
    return made


def assigned(register: Register) -> dict[str, dict[str, str]]:
    with register.session() as session:
        return {kind: ledger.assignments(session, kind) for kind in ("person", "address")}


class Oracle:
    """A whole run over the new snapshot, asked for what differs from the run before."""

    def __init__(self, before: Resolved, after: Resolved, new: Snapshot, changes: Changes) -> None:
        self._before, self._after, self._changes = before, after, changes
        self._con = open_workspace()
        prepare(self._con, new)
        _, self._evidence = resolve_addresses(self._con, new, None)
        find_whereabouts(self._con, new)

    def relinked(self) -> Relinked:
        ladder = read_ladder()
        matching = match_records(
            self._con, ladder, [], settings=read_linking(), model=None, stage=lambda _words: None
        )
        told = tell_links(matching, ladder)
        rows = self._con.execute("select record_id from person order by rid").fetchall()
        ids = [row[0] for row in rows]
        clusters: dict[int, list[str]] = {}
        for record, label in zip(ids, matching.labels.tolist(), strict=True):
            clusters.setdefault(label, []).append(record)
        touched = self._closed(list(clusters.values()))
        again = {record for cluster in touched for record in cluster}
        links = matching.links
        edges = [
            (ids[a], ids[b], p, by, words, reasons, len(ladder.rules) if rule < 0 else rule)
            for a, b, p, rule, by, words, reasons in zip(
                links.left.tolist(), links.right.tolist(), links.probability.tolist(),
                links.rule.tolist(), told.decided_by.tolist(), told.words.tolist(),
                told.reasons.tolist(), strict=True,
            )
            if ids[a] in again
        ]  # fmt: skip
        names = ["record_a", "record_b", "p", "decided_by", "words", "reasons", "place"]
        kinds = [TEXT, TEXT, pa.float64(), TEXT, TEXT, TEXT, NUMBER]
        return Relinked(
            clusters=touched,
            edges=table(edges, names, kinds),
            pairs=self._after.read("possible_pair"),
            asked=frozenset(ids),
        )

    def _closed(self, clusters: list[list[str]]) -> list[list[str]]:
        """Clusters told otherwise than before, and whoever shared a person with one of them."""
        was, now = (_by(made.read("link").drop(["decided_on"]), "record_id")
                    for made in (self._before, self._after))  # fmt: skip
        person = {
            row["record_id"]: row["person_id"] for row in self._before.read("link").to_pylist()
        }
        dirty = {key for key in now if was.get(key) != now[key]}
        dirty |= self._changes["record"].all | self._changes["residence"].all
        lost = {person[key] for key in was.keys() - now.keys()}
        touched: list[list[str]] = []
        while True:
            borne = {person.get(key) for cluster in touched for key in cluster} - {None} | lost
            found = [
                cluster for cluster in clusters
                if dirty & set(cluster) or borne & {person.get(key) for key in cluster}
            ]  # fmt: skip
            if found == touched:
                return touched
            touched = found

    def placed(self, assigned_before: dict[str, str], assigned_now: dict[str, str]) -> Placed:
        records = self._moved("record_address", "record_id", self._changes["residence"].all)
        contacts = self._moved("contact_address", "contact_id", self._changes["contact"].all)
        old, now = (_by(made.read("address"), "address_id") for made in (self._before, self._after))
        used = {key for key in now if now[key] != old.get(key)}
        for name, column, moved in (
            ("record_address", "record_id", records),
            ("contact_address", "contact_id", contacts),
        ):
            rows = self._after.read(name).to_pylist()
            used |= {row["address_id"] for row in rows if row[column] in moved}
        numbers = [
            number
            for number, group in enumerate(self._evidence)
            if any(
                assigned_now[key] in used or assigned_before.get(key) != assigned_now[key]
                for key in (KEYS.derived_id("e", text) for text in group)
            )
        ]
        return self._placed(numbers, records, contacts)

    def _placed(
        self, numbers: list[int], records: frozenset[str], contacts: frozenset[str]
    ) -> Placed:
        place = {number: new for new, number in enumerate(numbers)}
        addresses = self._con.sql("from address order by address_no").to_arrow_table()
        addresses = addresses.take(pa.array(numbers, pa.int64()))
        renumbered = pa.array(range(len(numbers)), NUMBER)
        homes = _rows(self._con, "select record_id, address_no, from_date, to_date "
                      "from record_place join person using (rid)")  # fmt: skip
        visits = _rows(self._con, _CONTACT_PLACES)
        return Placed(
            addresses=addresses.set_column(0, "address_no", renumbered),
            evidence=[self._evidence[number] for number in numbers],
            records=records,
            contacts=contacts,
            indicators=frozenset(),
            record_place=table(
                [(r, place[n], begin, end) for r, n, begin, end in homes if r in records],
                ["record_id", "address_no", "from_date", "to_date"],
                [TEXT, NUMBER, DAY, DAY],
            ),
            contact_place=table(
                [(c, place[n]) for c, n in visits if c in contacts],
                ["contact_id", "address_no"],
                [TEXT, NUMBER],
            ),
            indicator_place=table([], ["indicator_id", "address_no"], [TEXT, NUMBER]),
        )

    def _moved(self, name: str, column: str, more: Collection[str]) -> frozenset[str]:
        was, now = (_by(made.read(name), column) for made in (self._before, self._after))
        moved = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
        return frozenset(moved | set(more))


def table(rows: list[Any], names: list[str], kinds: list[pa.DataType]) -> pa.Table:
    columns = [pa.array([row[n] for row in rows], kind) for n, kind in enumerate(kinds)]
    return pa.table(columns, names=names)


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return con.execute(query).fetchall()


def _by(rows: pa.Table, column: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows.to_pylist():
        found.setdefault(row[column], []).append(str(row))
    return found


_CONTACT_PLACES = """
select distinct c.contact_id, p.address_no from contact_in c
join place p on p.line is not distinct from nullif(trim(c.address_line), '')
  and p.flat is not distinct from nullif(trim(c.flat), '')
  and p.uprn is not distinct from c.uprn and p.postcode is not distinct from c.postcode
"""
