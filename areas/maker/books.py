"""What the agencies of an area hold: their people, faults and all, and their diaries.

Invariant: a book names only records of its own; the truth of a record is its `person`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from areas.maker.columns import Array, Bools, Columns, Ints, size, stream, take, texts
from areas.maker.events import keep_diary
from areas.maker.population import Population
from areas.maker.sightings import Book, last_asked, record, sample
from areas.maker.stories import Cast, Route, story_records, tell
from areas.maker.systems import SEVEN, System
from areas.maker.systems_gwent import FIVE, VIP_COUNTS, VIP_PEOPLE
from areas.pack import Pack

_SOCIAL = {
    "bg_social": "W06000019",
    "caerphilly_social": "W06000018",
    "torfaen_social": "W06000020",
}
_KEYS: dict[str, Callable[[int], str]] = {
    "police": lambda number: f"N{number:07d}",
    "children": lambda number: f"C{number:06d}",
    "adults": lambda number: f"{4_000_000 + number}",
    "education": lambda number: f"{number:06d}",
    "emergency": lambda number: f"RBK{number:07d}",
    "housing": lambda number: f"HP/{number:06d}",
    "fire": lambda number: f"OCC-{number:06d}",
    "bg_social": lambda number: f"BG{number:07d}",
    "caerphilly_social": lambda number: f"{1_000_000 + number}",
    "torfaen_social": lambda number: f"T-{number:07d}",
    "health_board": lambda number: f"EPX{number:07d}",
    "gwent_police": lambda number: f"GP{number:08d}",
}


def write_books(
    pack: Pack, population: Population, cast: Cast, people: int, seed: int, *, vip: bool
) -> dict[str, Book]:
    """The books of all systems of an area.

    Args:
        pack: the area; its `systems.layout` says which agencies there are.
        population: the truth.
        cast: the stories' people in it.
        people: the size that the systems' shares refer to.
        seed: of the area.
        vip: the five agencies of Gwent at their counts, the others with the stories alone.
    """
    if pack.systems["layout"] == "seven":
        wanted = {name: round(system.share * people) for name, system in SEVEN.items()}
        return {
            name: _book(population, cast, name, SEVEN[name], count, seed, _same)
            for name, count in wanted.items()
        }
    share = people / VIP_PEOPLE
    counts = {name: count if vip else round(count * share) for name, count in VIP_COUNTS.items()}
    for name in ("education", "housing", "fire"):
        counts[name] = 0 if vip else round(SEVEN[name].share * people)
    systems = FIVE | SEVEN
    route = _gwent(population)
    return {
        name: _book(population, cast, name, systems[name], count, seed, route)
        for name, count in counts.items()
    }


def _same(system: str, _dwelling: int) -> str:
    return system


def _gwent(population: Population) -> Route:
    """Social services by council, one health board, one police force."""
    council = {code: name for name, code in _SOCIAL.items()}

    def route(system: str, dwelling: int) -> str:
        if system in {"children", "adults"}:
            return council[str(population.places.columns["authority"][dwelling])]
        return {
            "pds": "health_board",
            "emergency": "health_board",
            "police": "gwent_police",
        }.get(system, system)

    return route


def _book(
    population: Population,
    cast: Cast,
    name: str,
    system: System,
    wanted: int,
    seed: int,
    route: Route,
) -> Book:
    rng = stream(seed, f"system {name}")
    book = Book(name)
    on = last_asked(rng, population, np.arange(len(population)), system.years)
    person = _whom(rng, population, name, system, wanted, on)
    again = last_asked(rng, population, person, system.years)
    _, first = np.unique(person, return_index=True)
    again[first] = on[person[first]]
    seen = record(population, rng, person, again, system.faults)
    book.add_people({**seen, "told": np.zeros(size(seen), dtype=bool)})
    told = story_records(population, cast, name, route)
    book.add_people({**told, "told": np.ones(size(told), dtype=bool)})
    _mark_deaths(rng, population, name, book.people)
    _give_keys(rng, book, name, population)
    everyone = book.people
    book.people = take(everyone, ~everyone["told"])
    if wanted:
        keep_diary(rng, population, book, system.diary)
    book.people = everyone
    tell(cast, book, route)
    _ties(population, book)
    book.people = take(everyone, np.argsort(everyone["key"], kind="stable"))
    return book


def _whom(
    rng: np.random.Generator,
    population: Population,
    name: str,
    system: System,
    wanted: int,
    on: Ints,
) -> Ints:
    """The people of a system, some twice: exactly `wanted` rows unless it lists families."""
    people = population.people
    fits = _fits(population, name, system, on)
    weight = np.where(fits, 0.15 + people["need"] ** system.need, 0.0)
    weight *= _by_age(population, name)
    if name in {"children", "housing"}:
        chosen = sample(rng, population, wanted, weight)
        add = _parents if name == "children" else _housemates
        chosen = np.union1d(chosen, add(rng, population, chosen))
        again = rng.choice(chosen, round(len(chosen) * system.twice)) if wanted else chosen
        return np.concatenate([chosen, again])
    chosen = sample(rng, population, round(wanted / (1 + system.twice)), weight)
    missing = wanted - len(chosen)
    again = rng.choice(chosen, missing) if missing else chosen[:0]
    return np.concatenate([chosen, again])


def _fits(population: Population, name: str, system: System, on: Ints) -> Bools:
    people = population.people
    age = population.age(population.until)
    low, high = system.ages
    fits = (age >= low) & (age < high) & (people["need"] > 0)
    # A system forgets the dead only slowly.
    fits &= people["death"] > population.until - round(system.years * 250)
    if name in _SOCIAL:
        dwelling, _ = population.dwelling_at(np.arange(len(population)), on)
        fits &= population.places.columns["authority"][dwelling] == _SOCIAL[name]
    return np.asarray(fits, dtype=bool)


def _by_age(population: Population, name: str) -> Array:
    age = population.age(population.until)
    if name in {"emergency", "health_board"}:
        return 1.0 + (age > 70) + (age < 5)
    if name == "fire":
        return 1 + 3.0 * (age > 65)
    if name == "adults":
        return 1 + 7.0 * (age > 75)
    if name in _SOCIAL:
        return 1 + 1.5 * (age > 75) + 1.0 * (age < 18)
    return np.ones(len(population))


def _parents(rng: np.random.Generator, population: Population, children: Ints) -> Ints:
    bonds = population.bonds
    known = np.isin(bonds["other"], children) & (bonds["relation"] == "parent")
    known &= rng.random(len(known)) < 0.6
    parents: Ints = np.unique(bonds["person"][known])
    return parents[population.people["need"][parents] > 0]


def _housemates(rng: np.random.Generator, population: Population, tenants: Ints) -> Ints:
    """A fifth of tenancies list the household."""
    stays = population.stays
    now = (stays["end"] > population.until) & (stays["dwelling"] > 1)
    homes = np.unique(stays["dwelling"][now & np.isin(stays["person"], tenants)])
    listed = homes[(rng.random(len(homes)) < 0.2) & (population.places.kind[homes] == "dwelling")]
    return np.unique(stays["person"][now & np.isin(stays["dwelling"], listed)])


def _give_keys(rng: np.random.Generator, book: Book, name: str, population: Population) -> None:
    """The system's own keys, in no telling order; health's demographics use the NHS number."""
    seen = book.people
    if name == "pds":
        seen["key"] = seen["nhs"].copy()
        return
    serial = np.sort(rng.choice(size(seen) * 9 + 100, size(seen), replace=False) + 1)
    make = _KEYS[name]
    seen["key"] = texts([make(int(number)) for number in rng.permutation(serial)])
    if name == "children":
        grown = (seen["seen"] - population.people["birth"][seen["person"]]) / 365.25 >= 18
        seen["key"] = texts(
            [f"A{key[1:]}" if old else key for key, old in zip(seen["key"], grown, strict=True)]
        )


def _mark_deaths(
    rng: np.random.Generator, population: Population, name: str, seen: Columns
) -> None:
    """Health knows of deaths; others hear of some of them."""
    death = population.people["death"][seen["person"]]
    shares = {"pds": 0.97, "health_board": 0.9, "emergency": 0.1, "adults": 0.45}
    knows = shares.get(name, 0.35 if name in _SOCIAL else 0.0)
    heard = (death < population.until) & (rng.random(len(death)) < knows)
    health = name in {"pds", "health_board"}
    heard = np.where(seen["told"], health & (death < population.until), heard)
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
