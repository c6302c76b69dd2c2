"""What an agency wrote down about people, on the day when it last asked them.

Invariant: before faults, a sighting is the truth of its day: the surname borne and the dwelling
lived at then, however old that has become since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from areas.maker.columns import NEVER, Array, Columns, Ints, date_texts, size, stack, texts
from areas.maker.faults import Faults, spoil
from areas.maker.population import Population

PLACE = ("flat", "building", "number", "street", "town", "postcode", "uprn")


@dataclass
class Book:
    """What one system holds, in Kith's own words; a writer turns it into the system's.

    `people` are sightings with a `key`; `contacts`, `parts` (who was involved), `indicators`
    and `ties` (who is whose parent) name people by that key and dwellings by number.
    """

    system: str
    people: Columns = field(default_factory=dict)
    contacts: list[Columns] = field(default_factory=list)
    parts: list[Columns] = field(default_factory=list)
    indicators: list[Columns] = field(default_factory=list)
    ties: list[Columns] = field(default_factory=list)

    def add_people(self, seen: Columns) -> None:
        """More people under the ones there are."""
        self.people = stack([self.people, seen]) if self.people else seen


def see(population: Population, person: Ints, on: Ints) -> Columns:
    """People as they truly were on the day each was seen."""
    people = population.people
    dwelling, start = population.dwelling_at(person, on)
    seen: Columns = {
        "person": person,
        "seen": on,
        "born": people["birth"][person],
        "dwelling": dwelling,
        "given": people["given"][person].copy(),
        "middle": people["middle"][person].copy(),
        "family": population.family_at(person, on),
        "born_family": people["born_family"][person].copy(),
        "birth": date_texts(people["birth"][person]),
        "death": texts([""] * len(person)),
        "sex": np.where(people["female"][person], "female", "male").astype(object),
        "nhs": people["nhs"][person].copy(),
        "upn": people["upn"][person].copy(),
        "phone": people["mobile"][person].copy(),
        "email": people["email"][person].copy(),
        "ethnicity": people["ethnicity"][person].copy(),
        "restricted": people["restricted"][person].copy(),
        "from": date_texts(start),
        "asked": date_texts(on),
    }
    seen |= place_columns(population, dwelling)
    outside = population.places.kind[dwelling] == "unknown"
    seen["from"][outside] = ""
    for name in PLACE:
        seen[name][outside] = ""
    return seen


def place_columns(population: Population, dwelling: Ints) -> Columns:
    """The parts of the address of dwellings."""
    return {name: population.places.columns[name][dwelling].copy() for name in PLACE}


def record(
    population: Population,
    rng: np.random.Generator,
    person: Ints,
    on: Ints,
    faults: Faults,
) -> Columns:
    """People as an agency holds them, faults and all."""
    seen = see(population, person, on)
    spoil(rng, seen, faults, population.people["nhs"])
    return seen


def keys(seen: Columns, make: Callable[[int], str], rng: np.random.Generator, span: int) -> None:
    """Give each sighting the system's own key: distinct serials in no telling order."""
    serial = np.sort(rng.choice(span, size(seen), replace=False))
    seen["key"] = texts([make(int(number)) for number in rng.permutation(serial)])


def last_asked(
    rng: np.random.Generator, population: Population, person: Ints, years: float
) -> Ints:
    """When an agency last asked: mostly lately, in a person's lifetime."""
    ago = rng.exponential(years * 365 / 2, len(person)).clip(1, years * 365).astype(np.int64)
    on = population.until - ago
    born = population.people["birth"][person]
    died = np.minimum(population.people["death"][person], NEVER)
    on = np.where(died <= on, died - 1 - ago % 200, on)
    asked: Ints = np.maximum(on, born + 1)
    return asked


def sample(rng: np.random.Generator, population: Population, wanted: int, weight: Array) -> Ints:
    """Distinct people, likelier the greater their weight; never those of weight nought."""
    weight = np.where(weight > 0, weight, 0.0)
    possible = int((weight > 0).sum())
    order = np.full(len(population), -np.inf)
    likely = weight > 0
    # The largest of log(uniform) / weight: a weighted sample without replacement.
    order[likely] = np.log(rng.random(possible)) / weight[likely]
    chosen = np.argsort(-order, kind="stable")[: min(wanted, possible)]
    return np.sort(chosen)
