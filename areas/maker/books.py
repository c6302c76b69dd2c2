"""What the seven agencies of an area hold: their people, faults and all, and their diaries.

Invariant: a book names only records of its own; the truth of a record is its `person`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from areas.maker.columns import Columns, Ints, size, stream, take, texts
from areas.maker.events import keep_diary
from areas.maker.population import Population
from areas.maker.sightings import Book, last_asked, record, sample
from areas.maker.stories import Cast, story_records, tell
from areas.maker.systems import SEVEN, System
from areas.maker.told import STORIES

KEYS: dict[str, Callable[[int], str]] = {
    "police": lambda number: f"N{number:07d}",
    "children": lambda number: f"C{number:06d}",
    "adults": lambda number: f"{4_000_000 + number}",
    "education": lambda number: f"{number:06d}",
    "emergency": lambda number: f"RBK{number:07d}",
    "housing": lambda number: f"HP/{number:06d}",
    "fire": lambda number: f"OCC-{number:06d}",
}


def write_books(population: Population, cast: Cast, people: int, seed: int) -> dict[str, Book]:
    """The books of all systems; `people` is the size that the systems' shares refer to."""
    return {
        name: _book(population, cast, name, system, round(system.share * people), seed)
        for name, system in SEVEN.items()
    }


def _book(
    population: Population, cast: Cast, name: str, system: System, wanted: int, seed: int
) -> Book:
    rng = stream(seed, f"system {name}")
    book = Book(name)
    person = _whom(rng, population, name, system, wanted)
    on = last_asked(rng, population, person, system.years)
    seen = record(population, rng, person, on, system.faults)
    book.add_people({**seen, "told": np.zeros(size(seen), dtype=bool)})
    told = story_records(population, cast, name)
    book.add_people({**told, "told": np.ones(size(told), dtype=bool)})
    _mark_deaths(rng, population, name, book.people)
    give_keys(rng, book, name, population)
    everyone = book.people
    book.people = take(everyone, ~everyone["told"])
    keep_diary(rng, population, book, system.diary)
    book.people = everyone
    for story in STORIES:
        tell(population, cast, book, name, story)
    _ties(population, book)
    book.people = take(everyone, np.argsort(everyone["key"], kind="stable"))
    return book


def _whom(
    rng: np.random.Generator, population: Population, name: str, system: System, wanted: int
) -> Ints:
    people = population.people
    age = population.age(population.until)
    low, high = system.ages
    fits = (age >= low) & (age < high) & (people["need"] > 0)
    # A system forgets the dead only slowly.
    fits &= people["death"] > population.until - round(system.years * 250)
    weight = np.where(fits, 0.15 + people["need"] ** system.need, 0.0)
    if name == "emergency":
        weight *= 1 + (age > 70) + (age < 5)
    if name == "fire":
        weight *= 1 + 3.0 * (age > 65)
    if name == "adults":
        weight *= 1 + 7.0 * (age > 75)
    chosen = sample(rng, population, wanted, weight)
    if name == "children":
        chosen = np.union1d(chosen, _parents(rng, population, chosen))
    if name == "housing":
        chosen = np.union1d(chosen, _housemates(rng, population, chosen))
    again = rng.choice(chosen, round(len(chosen) * system.twice)) if len(chosen) else chosen
    return np.concatenate([chosen, again])


def _parents(rng: np.random.Generator, population: Population, children: Ints) -> Ints:
    bonds = population.bonds
    known = np.isin(bonds["other"], children) & (bonds["relation"] == "parent")
    known &= rng.random(len(known)) < 0.6
    parents = np.unique(bonds["person"][known])
    return parents[population.people["need"][parents] > 0]


def _housemates(rng: np.random.Generator, population: Population, tenants: Ints) -> Ints:
    """A third of tenancies list the household."""
    stays = population.stays
    now = (stays["end"] > population.until) & (stays["dwelling"] > 1)
    homes = np.unique(stays["dwelling"][now & np.isin(stays["person"], tenants)])
    listed = homes[(rng.random(len(homes)) < 0.2) & (population.places.kind[homes] == "dwelling")]
    return np.unique(stays["person"][now & np.isin(stays["dwelling"], listed)])


def give_keys(rng: np.random.Generator, book: Book, name: str, population: Population) -> None:
    """The system's own keys, in no telling order; health's is the NHS number."""
    seen = book.people
    if name == "pds":
        seen["key"] = seen["nhs"].copy()
        return
    serial = np.sort(rng.choice(size(seen) * 9 + 100, size(seen), replace=False) + 1)
    make = KEYS[name]
    seen["key"] = texts([make(int(number)) for number in rng.permutation(serial)])
    if name == "children":
        grown = (seen["seen"] - population.people["birth"][seen["person"]]) / 365.25 >= 18
        seen["key"] = texts(
            [f"A{key[1:]}" if old else key for key, old in zip(seen["key"], grown, strict=True)]
        )


def _mark_deaths(
    rng: np.random.Generator, population: Population, name: str, seen: Columns
) -> None:
    """Health knows of deaths; others hear of one in three."""
    death = population.people["death"][seen["person"]]
    knows = {"pds": 0.97, "emergency": 0.1, "adults": 0.45, "housing": 0.3}.get(name, 0.0)
    heard = (death < population.until) & (rng.random(len(death)) < knows)
    heard = np.where(seen["told"], (name == "pds") & (death < population.until), heard)
    written = death.astype("datetime64[D]").astype(str)
    seen["death"] = np.where(heard, written, "").astype(object)


def _ties(population: Population, book: Book) -> None:
    """Relations that children's services and housing state of people they both hold."""
    if book.system not in {"children", "housing"}:
        return
    key_of = dict(zip(book.people["person"].tolist(), book.people["key"].tolist(), strict=True))
    bonds = population.bonds
    rows = [
        (key_of[one], key_of[other], relation)
        for one, other, relation in zip(
            bonds["person"].tolist(), bonds["other"].tolist(), bonds["relation"], strict=True
        )
        if one in key_of and other in key_of
    ]
    rows.sort()
    book.ties.append(
        {
            "record": texts([row[0] for row in rows]),
            "other": texts([row[1] for row in rows]),
            "relation": texts([row[2] for row in rows]),
        }
    )
