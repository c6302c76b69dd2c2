"""Households over time: who was born, moved, married, parted and died, half a year at a time.

Invariant: a living person is in exactly one household and a household at exactly one dwelling;
an ordinary dwelling holds at most one household at a time. Every step is set-wise, so a county
takes seconds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from areas.maker.columns import NEVER, Array, Bools, Columns, Ints, day, stack
from areas.maker.places import NO_FIXED_ABODE, OUTSIDE, Places

START = day(dt.date(2012, 1, 1))
_YEAR = 365.25
_HALF = 183

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
        return (on - self["birth"]) / _YEAR

    def alive(self, on: int) -> Bools:
        inside = self.dwelling[self["house"]] != OUTSIDE
        return (self["death"] > on) & (self["birth"] <= on) & inside

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
        self._release(left)

    def _release(self, houses: Ints) -> None:
        """Dwellings whose household has died out or gone become vacant."""
        houses = np.unique(houses)
        living = self["house"][self["death"] >= NEVER]
        empty = houses[~np.isin(houses, living)]
        freed = self.dwelling[empty]
        ordinary = (self.places.kind[freed] == "dwelling") & (freed != OUTSIDE)
        self.vacant += [int(at) for at in freed[ordinary]]

    def days(self, start: int, count: int) -> Ints:
        """A random day of the half year for each."""
        return start + self.rng.integers(0, _HALF, count)


def simulate(lives: Lives, people: int, until: int) -> None:
    """Fill an area and let it live to `until`."""
    _settle(lives, people)
    steps = (_deaths, _births, _partings, _pairings, _weddings, _leave_home, _elders, _moves)
    for start in range(START, until - 30, _HALF):
        for step in steps:
            step(lives, start)
    alive = np.flatnonzero(lives["death"] >= NEVER)
    lives.close(alive, np.full(len(alive), NEVER))
    _cut(lives, until)


def _cut(lives: Lives, until: int) -> None:
    """Nothing happens after the last day: what was drawn for later has not happened yet."""
    stays = stack(lives.stays)
    keep = (stays["start"] < until) & (stays["end"] > stays["start"])
    stays = {key: values[keep] for key, values in stays.items()}
    stays["end"] = np.where(stays["end"] > until, NEVER, stays["end"])
    lives.stays = [stays]
    lives.people["death"][lives.people["death"] > until] = NEVER


# -- the first day ---------------------------------------------------------------------------


def _settle(lives: Lives, people: int) -> None:
    rng = lives.rng
    kinds = np.array([0.29, 0.14, 0.10, 0.13, 0.12, 0.15, 0.04, 0.03])
    sizes = np.array([3.8, 2.0, 2.9, 1.0, 2.0, 1.0, 3.0, 4.8])
    count = int(people * 0.93 / (kinds * sizes).sum())
    kind = rng.choice(8, count, p=kinds)
    houses = lives.new_houses(lives.find_dwellings(count))
    origin = _origins(lives, count)
    family = np.isin(kind, (0, 2, 7))
    base = np.select(
        [family, kind == 1, kind == 3, kind == 6, kind >= 4],
        [rng.normal(36, 7, count), rng.normal(38, 13, count), rng.normal(42, 13, count)]
        + [rng.normal(27, 5, count), rng.normal(73, 7, count)],
    ).clip(19, 96)
    man = np.where(np.isin(kind, (0, 1, 4, 7)), True, rng.random(count) < 0.5)
    man[kind == 2] = rng.random((kind == 2).sum()) < 0.12
    first = _adults(lives, houses, base, ~man, origin)
    pairs = np.flatnonzero(np.isin(kind, (0, 1, 4, 7)))
    second = _adults(
        lives,
        houses[pairs],
        (base[pairs] - rng.normal(2, 3, len(pairs))).clip(18, 97),
        rng.random(len(pairs)) > 0.015,
        np.where(rng.random(len(pairs)) < 0.93, origin[pairs], _origins(lives, len(pairs))),
    )
    _couple(lives, first[pairs], second, rng.random(len(pairs)) < 0.7)
    sharers = np.repeat(np.flatnonzero(kind == 6), 2)
    _adults(
        lives,
        houses[sharers],
        rng.normal(26, 5, len(sharers)).clip(18, 60),
        rng.random(len(sharers)) < 0.45,
        _origins(lives, len(sharers)),
    )
    _first_children(lives, first, base, family)
    _first_grandparents(lives, first[kind == 7])
    _institutions(lives, max(6, int(people * 0.012)))


def _origins(lives: Lives, count: int) -> Ints:
    return lives.rng.choice(len(lives.shares), count, p=lives.shares).astype(np.int64)


def _adults(lives: Lives, houses: Ints, ages: Array, female: Bools, origin: Ints) -> Ints:
    rng = lives.rng
    births = (START - ages * _YEAR - rng.random(len(ages)) * 365).astype(np.int64)
    lived = (rng.exponential(6, len(ages)) * _YEAR).astype(np.int64)
    shared = dict(zip(houses.tolist(), lived.tolist(), strict=True))
    since = START - np.array([shared[house] for house in houses.tolist()], dtype=np.int64)
    return lives.add(births, female, houses, np.maximum(since, births), origin)


def _couple(lives: Lives, men: Ints, women: Ints, married: Bools) -> None:
    lives["partner"][men], lives["partner"][women] = women, men
    lives["married"][men] = lives["married"][women] = married


def _first_children(lives: Lives, first: Ints, base: Array, family: Bools) -> None:
    rng = lives.rng
    parents = first[family]
    wanted = 1 + rng.choice(4, len(parents), p=[0.42, 0.38, 0.14, 0.06])
    heads = np.repeat(parents, wanted)
    top = np.minimum(np.repeat(base[family], wanted) - 19, 19).clip(0.2)
    births = (START - rng.random(len(heads)) * top * _YEAR).astype(np.int64)
    _bear(lives, heads, births)


def _bear(lives: Lives, heads: Ints, births: Ints) -> None:
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


def _first_grandparents(lives: Lives, heads: Ints) -> None:
    rng = lives.rng
    ages = ((START - lives["birth"][heads]) / _YEAR + rng.normal(27, 4, len(heads))).clip(50, 96)
    female = rng.random(len(heads)) < 0.7
    houses, origin = lives["house"][heads], lives["origin"][heads]
    elders = _adults(lives, houses, ages, female, origin)
    heads = heads[: len(elders)]
    lives["since"][elders] = np.maximum(lives["since"][elders], lives["since"][heads])
    mothers = female[: len(elders)]
    lives["mother"][heads[mothers]] = elders[mothers]
    lives["father"][heads[~mothers]] = elders[~mothers]


def _institutions(lives: Lives, count: int) -> None:
    """Residents of hostels and homes, and people without an abode: households of one."""
    rng = lives.rng
    where = rng.choice(3, count, p=[0.4, 0.4, 0.2])
    dwellings = np.select(
        [where == 0, where == 1],
        [rng.choice(lives.places.hostels, count), rng.choice(lives.places.homes, count)],
        NO_FIXED_ABODE,
    )
    ages = np.where(where == 1, rng.normal(80, 6, count), rng.normal(36, 11, count)).clip(18, 98)
    people = _adults(
        lives, lives.new_houses(dwellings), ages, rng.random(count) < 0.4, _origins(lives, count)
    )
    lives["since"][people] = np.maximum(
        lives["since"][people], START - rng.integers(30, 900, len(people))
    )


# -- half a year -----------------------------------------------------------------------------


def _deaths(lives: Lives, start: int) -> None:
    age = lives.age(start)
    hazard = 0.5 * np.exp(-9.9 + 0.089 * age.clip(0))
    dying = np.flatnonzero(lives.alive(start) & (lives.rng.random(lives.count) < hazard))
    on = np.maximum(lives.days(start, len(dying)), lives["since"][dying] + 1)
    lives.close(dying, on)
    lives["death"][dying] = on
    widowed = lives["partner"][dying]
    lives["partner"][widowed[widowed >= 0]] = -1
    lives["partner"][dying] = -1
    lives._release(lives["house"][dying])


def _births(lives: Lives, start: int) -> None:
    age = lives.age(start)
    partner = lives["partner"] >= 0
    rate = np.where(partner, 0.088, 0.02) * np.exp(-(((age - 29) / 6.5) ** 2))
    able = lives.alive(start) & lives["female"] & (age > 17) & (age < 44)
    mothers = np.flatnonzero(able & (lives.rng.random(lives.count) < rate))
    _bear(lives, mothers, lives.days(start, len(mothers)))


def _partings(lives: Lives, start: int) -> None:
    rng = lives.rng
    men = ~lives["female"] & (lives["partner"] >= 0) & lives.alive(start)
    rate = 0.011 * np.where(lives["married"], 0.7, 1.6) * (lives.age(start) < 65)
    leaving = np.flatnonzero(men & (rng.random(lives.count) < rate))
    other = lives["partner"][leaving]
    lives["partner"][leaving] = lives["partner"][other] = -1
    lives["married"][leaving] = lives["married"][other] = False
    on = lives.days(start, len(leaving))
    goes = np.where(rng.random(len(leaving)) < 0.8, leaving, other)
    lives.partings.append(
        {"person": leaving, "other": other, "day": on, "house": lives["house"][other].copy()}
    )
    _new_home(lives, goes, on, hostel=0.09, street=0.05)


def _new_home(lives: Lives, people: Ints, on: Ints, *, hostel: float, street: float) -> None:
    """Each of these people sets up alone: in a dwelling, a hostel or nowhere."""
    rng = lives.rng
    draw = rng.random(len(people))
    dwellings = np.full(len(people), NO_FIXED_ABODE)
    hostels = (draw >= street) & (draw < street + hostel)
    dwellings[hostels] = rng.choice(lives.places.hostels, hostels.sum())
    ordinary = draw >= street + hostel
    dwellings[ordinary] = lives.find_dwellings(int(ordinary.sum()))
    lives.move(people, lives.new_houses(dwellings), np.maximum(on, lives["since"][people] + 1))


def _pairings(lives: Lives, start: int) -> None:
    rng = lives.rng
    age = lives.age(start)
    single = lives.alive(start) & (lives["partner"] < 0) & (age > 19) & (age < 66)
    single &= rng.random(lives.count) < 0.045
    women = np.flatnonzero(single & lives["female"])
    men = np.flatnonzero(single & ~lives["female"])
    women = women[np.argsort(lives["birth"][women] + rng.normal(0, 900, len(women)))]
    men = men[np.argsort(lives["birth"][men] + rng.normal(0, 900, len(men)))]
    count = min(len(women), len(men))
    women, men = np.sort(rng.permutation(len(women))[:count]), men[:count]
    women = np.flatnonzero(single & lives["female"])[women]
    apart = lives["house"][women] != lives["house"][men]
    women, men = women[apart], men[apart]
    _couple(lives, men, women, np.zeros(len(men), dtype=bool))
    parent = age < 24
    to_her = rng.random(len(men)) < 0.6
    both_young = parent[men] & parent[women]
    on = lives.days(start, len(men))
    moving = np.where(to_her, men, women)
    hosts = np.where(to_her, women, men)
    on = np.maximum(on, np.maximum(lives["since"][moving], lives["since"][hosts]) + 1)
    plain = np.flatnonzero(~both_young)
    lives.move(moving[plain], lives["house"][hosts[plain]], on[plain])
    young = np.flatnonzero(both_young)
    houses = lives.new_houses(lives.find_dwellings(len(young)))
    lives.move(men[young], houses, on[young])
    lives.move(women[young], houses, on[young])


def _weddings(lives: Lives, start: int) -> None:
    rng = lives.rng
    couples = ~lives["female"] & (lives["partner"] >= 0) & ~lives["married"] & lives.alive(start)
    men = np.flatnonzero(couples & (rng.random(lives.count) < 0.05))
    women = lives["partner"][men]
    lives["married"][men] = lives["married"][women] = True
    lives.weddings.append({"man": men, "woman": women, "day": lives.days(start, len(men))})


def _leave_home(lives: Lives, start: int) -> None:
    rng = lives.rng
    age = lives.age(start)
    child = (lives["mother"] >= 0) | (lives["father"] >= 0)
    with_parent = np.zeros(lives.count, dtype=bool)
    for side in ("mother", "father"):
        known = np.flatnonzero(lives[side] >= 0)
        same = lives["house"][known] == lives["house"][lives[side][known]]
        with_parent[known[same]] = True
    ready = child & with_parent & lives.alive(start) & (age > 17.8) & (age < 35)
    leaving = np.flatnonzero(ready & (rng.random(lives.count) < 0.06))
    on = lives.days(start, len(leaving))
    lodge = rng.random(len(leaving)) < 0.35
    _new_home(lives, leaving[~lodge], on[~lodge], hostel=0.12, street=0.03)
    lodgers = leaving[lodge]
    hosts = np.flatnonzero(lives.alive(start) & (age > 24) & (lives["partner"] < 0))
    if len(hosts) and len(lodgers):
        host = rng.choice(hosts, len(lodgers))
        when = np.maximum(on[lodge], np.maximum(lives["since"][lodgers], lives["since"][host]) + 1)
        lives["lodger"][lodgers] = True
        lives.move(lodgers, lives["house"][host], when)


def _elders(lives: Lives, start: int) -> None:
    """Old people who move to a child or into a home."""
    rng = lives.rng
    old = lives.alive(start) & (lives.age(start) > 78) & (lives["partner"] < 0)
    going = np.flatnonzero(old & (rng.random(lives.count) < 0.03))
    on = np.maximum(lives.days(start, len(going)), lives["since"][going] + 1)
    child_of: dict[int, int] = {}
    for side in ("mother", "father"):
        known = np.flatnonzero(lives[side] >= 0)
        child_of |= dict(zip(lives[side][known].tolist(), known.tolist(), strict=True))
    child = np.array([child_of.get(person, -1) for person in going.tolist()], dtype=np.int64)
    family = (child >= 0) & lives.alive(start)[child]
    host = child[family]
    lives.move(going[family], lives["house"][host], np.maximum(on, 0)[family])
    rest = np.flatnonzero(~family)
    homes = lives.new_houses(rng.choice(lives.places.homes, len(rest)))
    lives.move(going[rest], homes, on[rest])


def _moves(lives: Lives, start: int) -> None:
    """Whole households move; some leave the area."""
    rng = lives.rng
    alive = np.flatnonzero(lives.alive(start))
    houses = np.unique(lives["house"][alive])
    kind = lives.places.kind[lives.dwelling[houses]]
    # The renting half moves often, the owning half hardly; a household keeps its nature.
    restless = (houses * 2654435761 % 97) < 45
    rate = np.where(restless, 0.062, 0.012)
    rate = np.where(np.isin(kind, ("hostel", "no_fixed_abode")), 0.12, rate)
    rate = np.where(kind == "institution", 0.0, rate)
    moving = houses[rng.random(len(houses)) < rate]
    dwellings = lives.find_dwellings(len(moving))
    dwellings[rng.random(len(moving)) < 0.05] = OUTSIDE
    fresh = lives.new_houses(dwellings)
    on_house = lives.days(start, len(moving))
    who = alive[np.isin(lives["house"][alive], moving)]
    slot = np.searchsorted(moving, lives["house"][who])
    on = np.maximum(on_house[slot], lives["since"][who] + 1)
    lives.move(who, fresh[slot], on)
