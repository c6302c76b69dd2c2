"""Random small worlds and viewers, all from one seed."""

from __future__ import annotations

import datetime as dt
import random

from governance.viewer import Grant, Level, Viewer
from tests.graph.builders import CATEGORIES, SYSTEMS, World, viewer

PEOPLE = ["p_a", "p_b", "p_c", "p_d"]
ADDRESSES = ["a_a", "a_b", "a_c"]
AGENCIES = list(SYSTEMS)[:3]
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
    return world


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
    return viewer(grants)


def _day(dice: random.Random) -> dt.date:
    return dt.date(2022, 1, 1) + dt.timedelta(days=dice.randrange(1780))
