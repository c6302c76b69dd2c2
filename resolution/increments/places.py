"""What addresses make of a change: which are told anew, and who is somewhere else.

Invariant: the answer is what `resolve_addresses` and `find_whereabouts` over the new snapshot
would give of the records, contacts, indicators and addresses that it names, and of all others
they would say what they said before.

The index of the run before is copied and brought up to date; snapshots are only asked for rows
of what changed, and of whoever is at a place that changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy.orm import Session

from governance.identities import touched
from records.keys import KeyMaker
from records.snapshot import Snapshot
from resolution.address_index import AddressIndex, Code, name_addresses, telling
from resolution.addresses import write_addresses
from resolution.identities import name_touched
from resolution.increments.changes import Changes
from resolution.increments.derived import Placed
from resolution.increments.describing import Described, describe
from resolution.increments.regrouping import Regrouping
from resolution.increments.seen import Seen
from resolution.increments.surroundings import Ids, Surroundings
from resolution.prepare import open_workspace

INDEX = Path("state") / "places" / "index.sqlite"
"""Where a run's folder has it."""


def keep_index(made: Path, folder: Path, address_ids: Sequence[str]) -> None:
    """Put the index that `resolve_addresses` left into a run's folder, with the lasting ids."""
    name_addresses(made, address_ids)
    _move(made, folder)


def _move(made: Path, folder: Path) -> None:
    target = folder / INDEX
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, target)


@dataclass(frozen=True, kw_only=True)
class Placing:
    """A change placed: for what follows from linking, and for linking itself."""

    placed: Placed
    seen: Seen
    index: AddressIndex
    file: Path
    codes: list[Code]

    def keep(self, folder: Path, address_ids: Sequence[str]) -> None:
        """Leave the index in the new run's folder.

        Args:
            address_ids: the lasting ids of `placed.addresses`, in their order.
        """
        self.index.set_ids(zip(address_ids, self.codes, strict=True))
        self.index.close()
        _move(self.file, folder)


def place_changed(
    before: Path,
    temporary: Path,
    *,
    old: Snapshot,
    new: Snapshot,
    changes: Changes,
    geography: pa.Table | None,
    session: Session,
    keys: KeyMaker,
) -> Placing:
    """Resolve the addresses that a change touches.

    Args:
        before: folder of the run over the old snapshot, which has an index.
        temporary: a folder for the index in the making.
        geography: as that run was given.
    """
    file = temporary / INDEX.name
    shutil.copyfile(before / INDEX, file)
    index = AddressIndex(file)
    with open_workspace() as con:
        around = Surroundings(con, old, new, changes)
        regrouped = Regrouping(index).run(around.used())
        described = _closed(index, regrouped.addresses, session, keys)
        renamed = _renamed(index, described, session, keys)
        written = [way.written for way in index.ways("address", renamed)]
        again = around.changed | around.at([*regrouped.moved, *written])
        around.gather(again)
        more = set(around.locate(index)).difference(described.codes)
        described += describe(index, more)
        otherwise = _told_otherwise(index, described)
        index.drop_addresses(regrouped.addresses.difference(described.codes))
        index.set_told(described.codes, described.rows)
        placed = _placed(con, around, again, index, described, geography)
        there = around.at([way.written for way in index.ways("address", otherwise)])
        seen = around.seen(index, around.seen_otherwise(again | there))
    return Placing(placed=placed, seen=seen, index=index, file=file, codes=described.codes)


def _closed(
    index: AddressIndex, codes: Collection[Code], session: Session, keys: KeyMaker
) -> Described:
    """Tell addresses, with those that have an id in force of any of their evidence."""
    described = describe(index, codes)
    members = {keys.derived_id("e", text) for texts in described.evidence for text in texts}
    assigned = touched(session, "address", members).assigned
    named = index.named({assigned[member] for member in members if member in assigned})
    return described + describe(index, set(named).difference(codes))


def _renamed(
    index: AddressIndex, described: Described, session: Session, keys: KeyMaker
) -> list[Code]:
    """The addresses that take over another id than the one they had."""
    before = index.told(described.codes)
    # As the ledger holds it.
    members = [sorted(keys.derived_id("e", text) for text in e) for e in described.evidence]
    ids = name_touched(session, keys, "address", members, "").ids
    named = zip(described.codes, ids, strict=True)
    return [code for code, made in named if code in before and before[code][1] != made]


def _told_otherwise(index: AddressIndex, described: Described) -> list[Code]:
    """The addresses of which something is told that it was not before."""
    before = index.told(described.codes)
    now = zip(described.codes, telling(described.rows), strict=True)
    return [code for code, told in now if code not in before or before[code][0] != told]


def _placed(
    con: duckdb.DuckDBPyConnection,
    around: Surroundings,
    again: Ids,
    index: AddressIndex,
    described: Described,
    geography: pa.Table | None,
) -> Placed:
    numbers = {code: number for number, code in enumerate(described.codes)}
    around.locate(index, numbers)
    write_addresses(con, described.rows, geography)
    return Placed(
        addresses=con.sql("from address order by address_no").to_arrow_table(),
        evidence=described.evidence,
        records=again.records,
        contacts=again.contacts,
        indicators=again.indicators,
        record_place=around.located("residence", "record_id, address_no, from_date, to_date"),
        contact_place=around.located("contact", "contact_id, address_no"),
        indicator_place=around.located("indicator", "indicator_id, address_no"),
    )
