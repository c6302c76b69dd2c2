"""The first day of an area: its households as a census would find them.

Invariant: everybody has been where they are since some day before.
"""

from __future__ import annotations

import numpy as np

from areas.maker.columns import Array, Bools, Ints
from areas.maker.lives import START, YEAR, Lives, bear, couple
from areas.maker.places import NO_FIXED_ABODE


def settle(lives: Lives, people: int) -> None:
    """Fill an area with households of about so many people."""
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
        [
            rng.normal(middle, spread, count)
            for middle, spread in ((36, 7), (38, 13), (42, 13), (27, 5), (73, 7))
        ],
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
    couple(lives, first[pairs], second, rng.random(len(pairs)) < 0.7)
    sharers = np.repeat(np.flatnonzero(kind == 6), 2)
    _adults(
        lives,
        houses[sharers],
        rng.normal(26, 5, len(sharers)).clip(18, 60),
        rng.random(len(sharers)) < 0.45,
        _origins(lives, len(sharers)),
    )
    _first_children(lives, first, family)
    _first_grandparents(lives, first[kind == 7])
    _institutions(lives, max(6, int(people * 0.012)))


def _origins(lives: Lives, count: int) -> Ints:
    return lives.rng.choice(len(lives.shares), count, p=lives.shares).astype(np.int64)


def _adults(lives: Lives, houses: Ints, ages: Array, female: Bools, origin: Ints) -> Ints:
    rng = lives.rng
    births = (START - ages * YEAR - rng.random(len(ages)) * 365).astype(np.int64)
    lived = (rng.exponential(6, len(ages)) * YEAR).astype(np.int64)
    shared = dict(zip(houses.tolist(), lived.tolist(), strict=True))
    since = START - np.array([shared[house] for house in houses.tolist()], dtype=np.int64)
    return lives.add(births, female, houses, np.maximum(since, births), origin)


def _first_children(lives: Lives, first: Ints, family: Bools) -> None:
    rng = lives.rng
    parents = first[family]
    wanted = 1 + rng.choice(4, len(parents), p=[0.42, 0.38, 0.14, 0.06])
    heads = np.repeat(parents, wanted)
    partner = lives["partner"][parents]
    younger = np.where(
        partner >= 0,
        np.maximum(lives["birth"][parents], lives["birth"][partner]),
        lives["birth"][parents],
    )
    top = np.repeat(((START - younger) / YEAR - 17.5).clip(0.2, 19), wanted)
    births = (START - rng.random(len(heads)) * top * YEAR).astype(np.int64)
    bear(lives, heads, births)


def _first_grandparents(lives: Lives, heads: Ints) -> None:
    rng = lives.rng
    ages = ((START - lives["birth"][heads]) / YEAR + rng.normal(27, 4, len(heads))).clip(50, 96)
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
