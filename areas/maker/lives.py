"""Households over time: who was born, moved, married, parted and died, half a year at a time.

Invariant: a living person is in exactly one household and a household at exactly one dwelling;
an ordinary dwelling holds at most one household at a time. Every step is set-wise, so a county
takes seconds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from areas.maker.columns import NEVER, Array, Bools, Columns, Ints, day
from areas.maker.places import OUTSIDE, Places

START = day(dt.date(2012, 1, 1))
YEAR = 365.25
HALF = 183

_INTS = ("birth", "death", "mother", "father", "partner", "house", "since", "origin", "twin")


@dataclass
class Lives:
    """The state of the simulation; person -1 is nobody."""

    rng: np.random.Generator
    places: Places
    capacity: int
    shares: Array
    count: int = 0
    houses: int = 0
    people: Columns = field(default_factory=dict)
    dwelling: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    vacant: list[int] = field(default_factory=list)
    stays: list[Columns] = field(default_factory=list)
    weddings: list[Columns] = field(default_factory=list)
    partings: list[Columns] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = {key: np.full(self.capacity, -1, dtype=np.int64) for key in _INTS}
        self.people["death"][:] = NEVER
        self.people["female"] = np.zeros(self.capacity, dtype=bool)
        self.people["married"] = np.zeros(self.capacity, dtype=bool)
        self.people["lodger"] = np.zeros(self.capacity, dtype=bool)
        self.dwelling = np.full(self.capacity, OUTSIDE, dtype=np.int64)
        self.vacant = [int(at) for at in self.rng.permutation(self.places.free)]

    def __getitem__(self, key: str) -> Array:
        return self.people[key][: self.count]

    def add(self, births: Ints, female: Bools, house: Ints, since: Ints, origin: Ints) -> Ints:
        """New people; those over the capacity are not made."""
        wanted = min(len(births), self.capacity - self.count)
        ids = np.arange(self.count, self.count + wanted)
        self.count += wanted
        for key, values in (
            ("birth", births),
            ("female", female),
            ("house", house),
            ("since", since),
            ("origin", origin),
        ):
            self.people[key][ids] = values[:wanted]
        return ids

    def new_houses(self, dwellings: Ints) -> Ints:
        """New households at these dwellings."""
        ids = np.arange(self.houses, self.houses + len(dwellings))
        self.houses += len(dwellings)
        if self.houses > len(self.dwelling):
            more = np.full(self.houses, OUTSIDE, dtype=np.int64)
            self.dwelling = np.concatenate([self.dwelling, more])
        self.dwelling[ids] = dwellings
        return ids

    def find_dwellings(self, count: int) -> Ints:
        """Vacant ordinary dwellings; outside the area when there are none."""
        found = [self.vacant.pop(0) for _ in range(min(count, len(self.vacant)))]
        return np.array(found + [OUTSIDE] * (count - len(found)), dtype=np.int64)

    def age(self, on: int) -> Array:
        return (on - self["birth"]) / YEAR

    def alive(self, on: int) -> Bools:
        inside = self.dwelling[self["house"]] != OUTSIDE
        # Who dies within the half year does nothing else in it: deaths are drawn first.
        there: Bools = (self["death"] >= NEVER) & (self["birth"] <= on) & inside
        return there

    def close(self, people: Ints, on: Ints) -> None:
        """Write down the stay that ends for these people."""
        self.stays.append(
            {
                "person": people,
                "dwelling": self.dwelling[self["house"][people]],
                "start": self["since"][people].copy(),
                "end": on,
            }
        )

    def move(self, people: Ints, houses: Ints, on: Ints) -> None:
        """These people join other households."""
        left = self["house"][people]
        self.close(people, on)
        self["house"][people] = houses
        self["since"][people] = on
        self.release(left)

    def release(self, houses: Ints) -> None:
        """Dwellings whose household has died out or gone become vacant."""
        houses = np.unique(houses)
        living = self["house"][self["death"] >= NEVER]
        empty = houses[~np.isin(houses, living)]
        freed = self.dwelling[empty]
        ordinary = (self.places.kind[freed] == "dwelling") & (freed != OUTSIDE)
        self.vacant += [int(at) for at in freed[ordinary]]

    def days(self, start: int, count: int) -> Ints:
        """A random day of the half year for each."""
        return start + self.rng.integers(0, HALF, count)


def couple(lives: Lives, men: Ints, women: Ints, married: Bools) -> None:
    lives["partner"][men], lives["partner"][women] = women, men
    lives["married"][men] = lives["married"][women] = married


def bear(lives: Lives, heads: Ints, births: Ints) -> None:
    """Children of these parents (and of their partners); some are twins."""
    rng = lives.rng
    twins = np.flatnonzero(rng.random(len(heads)) < 0.016)
    heads = np.concatenate([heads, heads[twins]])
    births = np.concatenate([births, births[twins]])
    children = lives.add(
        births,
        rng.random(len(heads)) < 0.49,
        lives["house"][heads],
        np.maximum(births, lives["since"][heads]),
        lives["origin"][heads],
    )
    heads = heads[: len(children)]
    other = lives["partner"][heads]
    woman = lives["female"][heads]
    lives["mother"][children] = np.where(woman, heads, other)
    lives["father"][children] = np.where(woman, other, heads)
    first_twin = len(births) - len(twins)
    for order, at in enumerate(twins):
        if first_twin + order < len(children):
            lives["twin"][children[first_twin + order]] = children[at]
