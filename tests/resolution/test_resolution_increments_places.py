"""Addresses of a change are those that a run over everything finds."""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import identities as ledger
from governance.register import Register
from records.schema import Involvement, arrow_schema
from records.snapshot import Snapshot
from resolution.addresses import resolve_addresses
from resolution.identities import name_clusters, name_touched
from resolution.increments.changes import Changes, find_changes
from resolution.increments.derived import Placed
from resolution.increments.places import INDEX, keep_index, place_changed
from resolution.increments.seen import Seen
from resolution.prepare import open_workspace, prepare
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import KEYS, Row, contact, lives, record, snapshot
from tests.resolution.increment_builders import in_leaves

GEOGRAPHY = pa.table(
    {
        "postcode": ["WS1 1AA", "WS1 1AB"],
        "latitude": [52.5, 52.6],
        "longitude": [-1.9, -1.8],
        "small_area": ["E1", "E2"],
    }
)
LINES = [
    f"{number} {street}{town}"
    for number in ("1", "2", "Flat 1, 2", "Flat 2, 2", "2a", "Rose House,", "")
    for street in ("Alder Road", "Aldr Road", "Alder Rd", "Elm Close", "")
    for town in ("", ", Walsall", ", Bloxwich")
] + ["No fixed abode", "Manor Hospital, Elm Close", "Hope Hostel, 1 Alder Road", "Walsall"]
POSTCODES = ["WS1 1AA", "WS1 1AB", "WS1 2AB", "ZZ99 3VZ", None, None]
UPRNS = [None, None, None, "100", "200", "300"]
BORNE = {"agency": "police", "dataset": "niche", "load_id": "l_1", "file_line": 1}
KINDS = [None, None, "dwelling", "hostel", "unknown"]


@dataclass
class World:
    """Everybody's rows, to be edited."""

    records: list[Row]
    stays: list[Row]
    contacts: list[Row]
    parts: list[Row]
    facts: list[Row]

    def write(self, folder: Path) -> Snapshot:
        made = snapshot(folder / "flat", self.records, self.stays, self.contacts, self.facts)
        schema = arrow_schema(Involvement)
        rows = [{name: row.get(name) for name in schema.names} for row in self.parts]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), made.path("involvement"))
        return in_leaves(made, folder / "leaves")

    def copy(self) -> World:
        return World(*([dict(row) for row in rows] for rows in vars(self).values()))


def somewhere(chance: random.Random) -> Row:
    return {
        "address_line": chance.choice([*LINES, None]),
        "flat": chance.choice([None, None, None, "Flat 1", " "]),
        "uprn": chance.choice(UPRNS),
        "postcode": chance.choice(POSTCODES),
    }


def a_day(chance: random.Random) -> dt.date | None:
    return chance.choice([None, dt.date(2020, chance.randint(1, 12), 1)])


def stay(chance: random.Random, person: Row) -> Row:
    kind, since = chance.choice(KINDS), a_day(chance)
    where = somewhere(chance)
    return lives(person, where.pop("address_line"), where.pop("postcode"), **where,
                 place_kind=kind, from_date=since)  # fmt: skip


def part(person: Row, call: Row) -> Row:
    return {**BORNE, "record_id": person["record_id"], "record_key": person["source_key"],
            "contact_id": call["contact_id"], "contact_key": call["source_key"],
            "role": "subject"}  # fmt: skip


def fact(chance: random.Random, number: int, person: Row | None) -> Row:
    return {**BORNE, "indicator_id": f"i_{number}", "record_id": person and person["record_id"],
            "share_key": "k", "source_key": f"{number}", "kind": "k", "code": "c",
            "valid_from": a_day(chance), **somewhere(chance)}  # fmt: skip


def a_town(chance: random.Random) -> World:
    people = [record(f"{number}") for number in range(14)]
    calls = [
        {**contact(f"{number}", None), **somewhere(chance), "on_date": a_day(chance)}
        for number in range(10)
    ]
    return World(
        records=people,
        stays=[stay(chance, chance.choice(people)) for _ in range(24)],
        contacts=calls,
        parts=[part(chance.choice(people), chance.choice(calls)) for _ in range(24)],
        facts=[fact(chance, n, chance.choice([None, *people])) for n in range(5)],
    )


def edit(chance: random.Random, world: World) -> None:
    """One row comes, goes or says something else."""
    rows: list[Row] = chance.choice([world.stays, world.stays, world.contacts, world.facts])
    what = chance.choice(
        ["place", "place", "typo", "flat", "uprn", "gone", "new", "part", "record"]
    )
    row = chance.choice(rows) if rows else {}
    if what == "place":
        row.update(somewhere(chance))
    elif what == "typo" and row.get("address_line"):
        line = row["address_line"]
        cut = chance.randrange(len(line))
        row["address_line"] = line[:cut] + line[cut + 1 :]
    elif what == "flat":
        row["flat"] = chance.choice([None, "1", "2"])
    elif what == "uprn":
        row["uprn"] = chance.choice(UPRNS)
    elif what == "gone" and rows:
        rows.remove(row)
    elif what == "new":
        world.stays.append(stay(chance, chance.choice(world.records)))
    elif what == "part":
        if world.parts and chance.random() < 0.4:
            world.parts.pop(chance.randrange(len(world.parts)))
        else:
            world.parts.append(part(chance.choice(world.records), chance.choice(world.contacts)
                                    if world.contacts else contact("0", None)))  # fmt: skip
    elif what == "record":
        gone = world.records.pop(chance.randrange(len(world.records)))
        if chance.random() < 0.5:
            world.records.append(record(f"n{chance.randrange(100)}"))
        if chance.random() < 0.7:
            key = gone["record_id"]
            world.stays[:] = [row for row in world.stays if row["record_id"] != key]
            world.parts[:] = [row for row in world.parts if row["record_id"] != key]


class Whole:
    """Addresses of everything, named in a register, with the index in a folder."""

    def __init__(self, folder: Path, made: Snapshot, register: Register) -> None:
        folder.mkdir()
        self.snapshot, self.folder = made, folder
        self.con = open_workspace()
        prepare(self.con, made)
        _, evidence = resolve_addresses(self.con, made, GEOGRAPHY, folder / "made")
        find_whereabouts(self.con, made)
        self.clusters = [digests(texts) for texts in evidence]
        with register.session() as session:
            naming = name_clusters(session, KEYS, "address", self.clusters, "x")
            ledger.append(session, naming.events)
            session.commit()
        self.ids = naming.ids
        keep_index(folder / "made", folder, self.ids)

    def where(self, name: str) -> set[tuple[Any, ...]]:
        """Who or what is at which address, by the address's lasting id."""
        rows = self.con.execute(_WHERE[name].format(same=_SAME)).fetchall()
        return {(*row[:-1], self.ids[row[-1]]) for row in rows}

    def told(self, query: str) -> set[tuple[Any, ...]]:
        return set(self.con.execute(query).fetchall())

    def addresses(self) -> dict[str, tuple[Row, list[str]]]:
        """What each address says, and its evidence."""
        rows = self.con.sql("from address order by address_no").to_arrow_table().drop("address_no")
        told = zip(rows.to_pylist(), self.clusters, strict=True)
        return dict(zip(self.ids, told, strict=True))


def digests(texts: Iterable[str]) -> list[str]:
    return sorted(KEYS.derived_id("e", text) for text in texts)


def indexed(file: Path) -> list[list[Any]]:
    """All that an index says, without its numbers."""
    db = sqlite3.connect(file)
    found = [sorted(map(repr, db.execute(query))) for query in _INDEXED]
    db.close()
    return found


_CODE = """
case when typeof({0}) = 'text' then {0} else (
  select printf('%s|%s|%s|%s|%s', k.postcode, k.street, k.number, k.flat, k.town)
  from key k where k.no = {0})
end
"""
_INDEXED = (
    f"""select p.line, p.flat, p.uprn, p.postcode, p.uses, p.kinds, p.street,
      {_CODE.format("p.key_no")}, {_CODE.format("p.address")} from place p""",
    f"""select o.postcode, o.number, o.flat, o.street, o.town, o.uses, o.towns, o.own,
      {_CODE.format("o.owner")} from key o""",
    f"select {_CODE.format('a.code')}, a.told, a.address_id from address a",
)

_WHERE = {
    "record": "select record_id, from_date, to_date, address_no from record_place"
    " join person using (rid)",
    "contact": "select contact_id, address_no from contact_in r join place a on {same}",
    "indicator": "select indicator_id, address_no from indicator_in r join place a on {same}",
}
_SAME = (
    "nullif(trim(r.address_line), '') is not distinct from a.line"
    " and nullif(trim(r.flat), '') is not distinct from a.flat"
    " and r.uprn is not distinct from a.uprn and r.postcode is not distinct from a.postcode"
)
_KNOWN = """
select p.record_id, a.mark, k.until, k.since, k.dwelling, k.postcode, k.area, k.home, a.number,
  a.street
from known k join address a using (address_no) join person p using (rid)
"""
_TOGETHER = "select p.record_id, t.x from together t join person p using (rid)"


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_addresses_of_a_change_are_those_of_everything(seed: int) -> None:
    chance = random.Random(seed)
    world = a_town(chance)
    with (
        tempfile.TemporaryDirectory() as temporary,
        Register("sqlite://") as whole,
        Register("sqlite://") as register,
    ):
        base = Path(temporary)
        for each in (whole, register):
            each.upgrade()
        before = Whole(base / "whole0", world.write(base / "s0"), whole)
        kept = Whole(base / "kept0", before.snapshot, register).folder
        for turn in (1, 2, 3):
            world = world.copy()
            for _ in range(chance.randint(1, 4)):
                edit(chance, world)
            after = Whole(base / f"whole{turn}", world.write(base / f"s{turn}"), whole)
            kept = check_change(before, after, kept, register)
            before = after


def check_change(before: Whole, after: Whole, kept: Path, register: Register) -> Path:
    """Place the change, and compare all that comes of it; the folder with the next index."""
    changes = find_changes(before.snapshot, after.snapshot)
    with register.session() as session:
        found = place_changed(
            kept, kept, old=before.snapshot, new=after.snapshot, changes=changes,
            geography=GEOGRAPHY, session=session, keys=KEYS,
        )  # fmt: skip
        clusters = [digests(texts) for texts in found.placed.evidence]
        naming = name_touched(session, KEYS, "address", clusters, "x")
        ledger.append(session, naming.events)
        session.commit()
    into = kept.with_name(f"kept_{after.folder.name}")
    found.keep(into, naming.ids)
    assert indexed(into / INDEX) == indexed(after.folder / INDEX)
    rows = found.placed.addresses.drop("address_no").to_pylist()
    told = dict(zip(naming.ids, zip(rows, clusters, strict=True), strict=True))
    everything = after.addresses()
    assert told == {identity: everything[identity] for identity in told}
    check_places(before, after, found.placed, naming.ids, changes)
    check_seen(before, after, found.seen, changes["record"].removed)
    return into


def check_places(
    before: Whole, after: Whole, placed: Placed, ids: Sequence[str], changes: Changes
) -> None:
    """Whoever was placed again is where they are, and all others are where they were."""
    for name, again, where in (
        ("record", placed.records, placed.record_place),
        ("contact", placed.contacts, placed.contact_place),
        ("indicator", placed.indicators, placed.indicator_place),
    ):
        left_out = again | changes[name].removed
        rows = {row for row in before.where(name) if row[0] not in left_out}
        present = set(after.snapshot.read(name)[f"{name}_id"].to_pylist())
        for row in where.to_pylist():
            number = row.pop("address_no")
            if row[f"{name}_id"] in present:
                rows.add((*row.values(), ids[number]))
        assert rows == after.where(name)


def check_seen(before: Whole, after: Whole, seen: Seen, removed: Collection[str]) -> None:
    """Whereabouts told again are those of everything, and the others did not change."""
    for query, again in ((_KNOWN, seen.known), (_TOGETHER, seen.together)):
        left_out = {*seen.records, *removed}
        rows = {row for row in before.told(query) if row[0] not in left_out}
        rows |= {tuple(row.values()) for row in again.to_pylist()}
        assert rows == after.told(query)


def test_a_change_of_nothing_touches_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)
    with Register("sqlite://") as register:
        register.upgrade()
        whole = Whole(tmp_path / "whole", a_town(chance).write(tmp_path / "s"), register)
        changes = find_changes(whole.snapshot, whole.snapshot)
        with register.session() as session:
            found = place_changed(
                whole.folder, tmp_path, old=whole.snapshot, new=whole.snapshot, changes=changes,
                geography=None, session=session, keys=KEYS,
            )  # fmt: skip
        found.keep(tmp_path / "kept", [])
    assert found.placed.addresses.num_rows == 0
    assert not found.placed.records
    assert not found.seen.records
    assert indexed(tmp_path / "kept" / INDEX) == indexed(whole.folder / INDEX)
