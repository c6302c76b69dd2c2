"""Policy against an oracle: what may not be seen makes no difference to an answer.

For random grants, a world is made in which every value that the viewer may not see is left out or
replaced by another. The answers from both worlds must be the same.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.viewer import Grant, Level, Viewer
from graph import check_address, ego_network, person, project
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import AGENCIES, CATEGORIES, SYSTEMS, World, viewer

PEOPLE = [f"p_{letter}" for letter in "abcdefgh"]
ADDRESSES = [f"a_{letter}" for letter in "abcde"]
_KEYS = {"agency", "dataset", "share_key", "load_id", "file_line", "source_key"}
_KEPT = {
    "record": {"record_id", "updated_on"},
    "contact": {"contact_id", "category", "on_date"},
    "indicator": {"indicator_id", "record_id", "kind", "valid_to"},
}
_HEADLINE = {
    "contact": {"status", "ring", "category", "on_date"},
    "indicator": {"code", "valid_from", "valid_to", "ring"},
    "record": {
        *("given_name", "family_name", "birth_date", "updated_on"),
    },
}
_WITHHELD = ["birth_date", "family_name", "address_line", "summary", "value", "role", "status"]


def random_world(dice: random.Random) -> World:
    world = World()
    for number, address_id in enumerate(ADDRESSES):
        world.address(address_id, f"{number + 1} Oak Way", uprn=f"90000{number}")
    records: dict[str, list[str]] = {agency: [] for agency in SYSTEMS}
    for _ in range(26):
        agency = dice.choice(list(SYSTEMS))
        record = world.record(
            agency,
            dice.choice(PEOPLE),
            f"{dice.choice(['Ann', 'Bo', 'Cy'])} {dice.choice(['Lee', 'Ray'])}",
            birth_date=dice.choice(["1980-01-02", "2015-06", None]),
            updated_on=_day(dice),
            phone=f"077{dice.randrange(10**8)}",
        )
        records[agency].append(record)
        for _ in range(dice.randrange(3)):
            world.lives(record, dice.choice(ADDRESSES), _day(dice), dice.choice([None, _day(dice)]))
    for _ in range(30):
        agency = dice.choice(list(SYSTEMS))
        few = dice.sample(records[agency], min(len(records[agency]), dice.randrange(3)))
        world.contact(
            agency,
            dice.choice(CATEGORIES[1:4]),
            at=dice.choice([*ADDRESSES, None]),
            people={record: dice.choice(["subject", "victim"]) for record in few},
            on_date=_day(dice),
            status=dice.choice(["open", "closed"]),
            severity=dice.choice(["low", "high", None]),
            summary=f"summary {dice.randrange(999)}",
        )
        world.indicator(
            agency,
            *dice.choice([("warning", "violent"), ("plan", "child_in_need")]),
            record_id=dice.choice([*records[agency], None]),
            at=dice.choice([*ADDRESSES, None]),
            value=f"value {dice.randrange(999)}",
            valid_from=_day(dice),
            valid_to=dice.choice([None, _day(dice)]),
        )
    return world


def random_viewer(dice: random.Random) -> Viewer:
    grants = {}
    for agency, system in SYSTEMS.items():
        for category in CATEGORIES:
            if dice.random() < 0.75:
                grants[f"{agency}|{system}|{category}"] = Grant(
                    level=dice.choice([Level.EXISTENCE, Level.HEADLINE, *[Level.DETAIL] * 3]),
                    since=dice.choice([dt.date.min, dt.date(2020, 1, 1)]),
                    latest_only=dice.random() < 0.15,
                    withheld=frozenset(dice.sample(_WITHHELD, dice.choice([0, 0, 1, 2]))),
                )
    return viewer(grants)


def seen_through(world: World, seen: Viewer) -> World:
    """The world without what the viewer may not see; values of what only exists are replaced."""
    less = copy.deepcopy(world)
    out: set[str] = set()
    unplaced: set[str] = set()
    for table, day in (("record", "updated_on"), ("contact", "on_date"), ("indicator", "valid_to")):
        kept = []
        for row in less.rows[table]:
            key = str(row[f"{table}_id"])
            grant = seen.grants.get(row["share_key"])
            if grant is None or (row.get(day) is not None and row[day] < grant.since):
                out.add(key)
                continue
            if "address_line" in grant.withheld:
                unplaced.add(key)
            kept.append(_reduced(table, row, grant))
        less.rows[table] = kept
    for table in ("link", "record_address", "contact_address", "indicator_address"):
        less.rows[table] = [
            row for row in less.rows[table] if not out & {str(value) for value in row.values()}
        ]
        if table != "link":
            less.rows[table] = [
                row for row in less.rows[table] if not unplaced & {str(v) for v in row.values()}
            ]
    for row in less.rows["involvement"]:
        grant = seen.grants.get(row["share_key"])
        if grant is None or grant.level < Level.DETAIL or "role" in grant.withheld:
            row["role"] = "caller"
    return less


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_what_may_not_be_seen_makes_no_difference(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    world = random_world(dice)
    whole = _store(world, folder, "whole")
    for turn in range(3):
        seen = random_viewer(dice)
        less = _store(seen_through(world, seen), folder, f"less{turn}")
        for address_id in ADDRESSES:
            assert _told(check_address(whole, seen, address_id=address_id)) == _told(
                check_address(less, seen, address_id=address_id)
            )
        for person_id in PEOPLE:
            assert _told(person(whole, seen, person_id)) == _told(person(less, seen, person_id))
            assert _told(ego_network(whole, seen, person_id, 2)) == _told(
                ego_network(less, seen, person_id, 2)
            )
        less.close()
    whole.close()


def test_the_oracle_can_fail(folder: Path) -> None:
    """The two worlds do differ for somebody who sees everything."""
    dice = random.Random(1)
    world = random_world(dice)
    seen = random_viewer(dice)
    every = viewer(
        {
            f"{agency}|{system}|{category}": Grant(level=Level.DETAIL)
            for agency, system in SYSTEMS.items()
            for category in CATEGORIES
        }
    )
    whole, less = _store(world, folder, "whole"), _store(seen_through(world, seen), folder, "less")
    assert any(
        _told(check_address(whole, every, address_id=key))
        != _told(check_address(less, every, address_id=key))
        for key in ADDRESSES
    )
    whole.close()
    less.close()


def _reduced(table: str, row: dict[str, Any], grant: Grant) -> dict[str, Any]:
    kept = _KEYS | _KEPT[table]
    if grant.level == Level.HEADLINE:
        kept = kept | _HEADLINE[table]
    if grant.level == Level.DETAIL:
        kept = kept | set(row)
    hidden = grant.withheld - _KEPT[table] - _KEYS if grant.level > Level.EXISTENCE else set()
    changed = dict(row)
    for name in row:
        if name not in kept or name in hidden:
            changed[name] = _OTHERWISE.get(name)
    return changed


_OTHERWISE: dict[str, Any] = {
    "given_name": "Other",
    "family_name": "Name",
    "birth_date": "1900-01-01",
    "summary": "another summary",
    "value": "another value",
    "status": "open",
    "code": "weapons",
    "severity": "high",
}


def _store(world: World, folder: Path, name: str) -> EmbeddedStore:
    store = EmbeddedStore(folder / name / "graph")
    snapshot, resolved = world.write(folder / name, "w")
    project(store, snapshot, resolved, folder=folder / name / "projection", agencies=AGENCIES)
    return store


def _told(answer: Any) -> Any:
    return None if answer is None else dataclasses.asdict(answer)


def _day(dice: random.Random) -> dt.date:
    return dt.date(2015, 1, 1) + dt.timedelta(days=dice.randrange(4300))
