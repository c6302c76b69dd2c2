"""Random small worlds and viewers, all from one seed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random

from governance.viewer import Grant, Level, Viewer
from tests.graph.builders import CATEGORIES, SYSTEMS, World, viewer

PEOPLE = ["p_a", "p_b", "p_c", "p_d"]
ADDRESSES = ["a_a", "a_b", "a_c"]
AGENCIES = list(SYSTEMS)[:3]
_WORDS = ["Same date of birth", "Speaking for it: same name; 2 people were seen with both", ""]
_WITHHELD = ["birth_date", "phone", "address_line", "summary", "role", "status", "code"]


def small_world(dice: random.Random) -> World:
    """Four people, one of them restricted as a rule, at three addresses."""
    world = World()
    for number, key in enumerate(ADDRESSES):
        world.address(key, f"{number + 1} Oak Way", uprn=f"90000{number}")
    for key in PEOPLE:
        world.person(key, restricted=dice.random() < 0.3)
    records: list[tuple[str, str]] = []
    for _ in range(dice.randrange(3, 10)):
        agency = dice.choice(AGENCIES)
        birth, phone = dice.choice(["1980-01-02", "2015-06", None]), f"07700{dice.randrange(900)}"
        key = world.record(
            agency, dice.choice(PEOPLE), birth_date=birth, phone=phone, updated_on=_day(dice)
        )
        records.append((agency, key))
        for address in dice.sample(ADDRESSES, dice.randrange(3)):
            world.lives(key, address, _day(dice), dice.choice([None, _day(dice)]))
    keys = [key for _, key in records]
    for _ in range(dice.randrange(8)):
        world.contact(
            dice.choice(AGENCIES),
            dice.choice(CATEGORIES[1:3]),
            at=dice.choice([*ADDRESSES, None]),
            people=dict.fromkeys(dice.sample(keys, dice.randrange(3)), "victim"),
            on_date=dice.choice([_day(dice), _day(dice), None]),
            status=dice.choice(["open", "closed"]),
            summary=f"summary {dice.randrange(99)}",
        )
    for _ in range(dice.randrange(4)):
        kind, code = dice.choice([("warning", "violent"), ("plan", "child_in_need")])
        world.indicator(
            dice.choice(AGENCIES),
            kind,
            code,
            record_id=dice.choice([*keys, None]),
            at=dice.choice([*ADDRESSES, None]),
            valid_to=dice.choice([None, _day(dice)]),
        )
    for _ in range(dice.randrange(3)):
        agency, key = dice.choice(records)
        world.states(agency, key, dice.choice(["parent", "partner"]), dice.choice(keys))
    _join(world)
    return world


def _join(world: World) -> None:
    """Say of most records what joined them to others of their person.

    Drawn apart from the rest, so that worlds of earlier runs are those that they were.
    """
    dice = random.Random(str(world.rows["record"]))
    owner = {row["record_id"]: row["person_id"] for row in world.rows["link"]}
    for row in world.rows["link"]:
        others = [r for r, p in owner.items() if p == row["person_id"] and r != row["record_id"]]
        told = [
            {"by": "model:x", "record": other, "words": dice.choice(_WORDS)}
            for other in dice.sample(others, min(len(others), dice.randrange(3)))
        ]
        row["evidence"] = json.dumps(told)


def whole_viewer(dice: random.Random) -> Viewer:
    """Grants drawn share key by share key, with every record of anybody shown whole."""
    drawn = any_viewer(dice)
    grants = {key: Grant(level=Level.DETAIL) for key in drawn.records}
    return dataclasses.replace(drawn, grants={**drawn.grants, **grants})


def any_viewer(dice: random.Random) -> Viewer:
    """Grants drawn share key by share key."""
    grants = {}
    for agency in AGENCIES:
        for category in CATEGORIES:
            if dice.random() < 0.8:
                grants[f"{agency}|{SYSTEMS[agency]}|{category}"] = Grant(
                    level=dice.choice([Level.EXISTENCE, Level.HEADLINE, *[Level.DETAIL] * 3]),
                    since=dice.choice([dt.date.min, dt.date.min, _day(dice)]),
                    latest_only=dice.random() < 0.3,
                    withheld=frozenset(dice.sample(_WITHHELD, dice.choice([0, 0, 1, 2]))),
                    restricted_allowed=dice.random() < 0.5,
                )
    records = frozenset(f"{agency}|{SYSTEMS[agency]}|person" for agency in AGENCIES)
    return dataclasses.replace(viewer(grants), records=records)


def _day(dice: random.Random) -> dt.date:
    return dt.date(2022, 1, 1) + dt.timedelta(days=dice.randrange(1780))
