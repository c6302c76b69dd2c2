"""The told stories become people of the population and rows of the books.

Invariant: a story's records carry no faults beyond those it tells of, in every area and for
every seed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from areas.maker.columns import NEVER, Array, Columns, Ints, day, size, stack, texts, years
from areas.maker.numbers import story_nhs_numbers, upns
from areas.maker.population import Population
from areas.maker.sightings import Book, see
from areas.maker.told import TOLD_ON, Happened, Holds, Seen, Someone, place_names, stories
from areas.pack import Pack

FIRST_DWELLING = 2
_RINGS = {
    "police": "PPU duty desk 01632 960101",
    "children": "J. Hale 01632 960210",
    "adults": "Adult safeguarding desk 01632 960303",
    "education": "Education inclusion 01632 960404",
    "emergency": "ED safeguarding nurse 01632 960515",
    "housing": "Neighbourhood officer 01632 960616",
    "fire": "Safe and well team 01632 960707",
}
_SERVICES = {
    "police": "Response",
    "children": "Front door",
    "adults": "Contact centre",
    "education": "Inclusion",
    "emergency": "Emergency department",
    "housing": "Neighbourhood",
    "fire": "Operations",
}


@dataclass(frozen=True)
class Cast:
    """Where the stories' people and places stand in the population."""

    person: dict[str, int]
    dwelling: dict[str, int]
    shift: int

    def on(self, date: str) -> int:
        """A story's date as a day number of this area; none is never."""
        return NEVER if not date else day(dt.date.fromisoformat(date)) + self.shift


def with_cast(population: Population, pack: Pack) -> tuple[Population, Cast]:
    """The population with the stories' people at its end."""
    first = len(population)
    told = [someone for story in stories() for someone in story.people]
    cast = Cast(
        {someone.who: first + at for at, someone in enumerate(told)},
        {name: FIRST_DWELLING + at for at, name in enumerate(place_names())},
        population.until - day(TOLD_ON),
    )
    people = stack([population.people, _people(told, cast, population, pack)])
    stays = stack([population.stays, _stays(told, cast)])
    names = stack([population.names, _names(told, cast)])
    bonds = stack([population.bonds, _bonds(told, cast)])
    return replace(population, people=people, stays=stays, names=names, bonds=bonds), cast


def _people(told: list[Someone], cast: Cast, population: Population, pack: Pack) -> Columns:
    count = len(told)
    # A birth is no event of the story: it stays where it is when the story's dates move.
    birth = np.array([day(dt.date.fromisoformat(one.born)) for one in told], dtype=np.int64)
    council = texts([next(iter(pack.school_authority.values()))] * count)
    upn = upns(council, years(birth) + 5, np.arange(count) + 9_000)
    given = {
        "birth": birth,
        "death": np.array([cast.on(one.died) for one in told], dtype=np.int64),
        "mother": _nobody(count),
        "father": _nobody(count),
        "origin": np.zeros(count, dtype=np.int64),
        "twin": _nobody(count),
        "female": np.array([one.sex == "female" for one in told]),
        "partner": _nobody(count),
        "given": texts([one.given for one in told]),
        "middle": texts([one.middle for one in told]),
        "born_family": texts([one.family for one in told]),
        "ethnicity": texts(["WBRI"] * count),
        "nhs": story_nhs_numbers(count),
        "mobile": texts([f"07700 900{900 + at}" for at in range(count)]),
        "landline": texts([f"01632 960{900 + at}" for at in range(count)]),
        "upn": np.where(years(birth) >= 1996, upn, "").astype(object),
        "email": texts([f"{one.given.lower()}.story@example.org" for one in told]),
        "restricted": np.zeros(count, dtype=bool),
        "need": np.zeros(count),
    }
    return {key: given[key] for key in population.people}


def _nobody(count: int) -> Ints:
    return np.full(count, -1, dtype=np.int64)


def _stays(told: list[Someone], cast: Cast) -> Columns:
    rows = [
        (cast.person[one.who], cast.dwelling[place], cast.on(start), cast.on(end))
        for one in told
        for place, start, end in one.stays
    ]
    table = np.array(rows, dtype=np.int64)
    return {
        "person": table[:, 0],
        "dwelling": table[:, 1],
        "start": table[:, 2],
        "end": table[:, 3],
    }


def _names(told: list[Someone], cast: Cast) -> Columns:
    return {
        "person": np.array([cast.person[one.who] for one in told], dtype=np.int64),
        "start": np.array([day(dt.date.fromisoformat(one.born)) for one in told], dtype=np.int64),
        "family": texts([one.family for one in told]),
    }


def _bonds(told: list[Someone], cast: Cast) -> Columns:
    rows = [(parent, one.who, "parent") for one in told for parent in one.parents]
    rows += [(one.who, one.partner, "partner") for one in told if one.partner]
    return {
        "person": np.array([cast.person[row[0]] for row in rows], dtype=np.int64),
        "other": np.array([cast.person[row[1]] for row in rows], dtype=np.int64),
        "relation": texts([row[2] for row in rows]),
    }


Route = Callable[[str, int], str]
"""From a story's system and a dwelling to the book that holds what happened there."""


def tell(cast: Cast, book: Book, route: Route) -> None:
    """Add what a book holds of the stories; their people's records are in it already."""
    contacts = [one for story in stories() for one in story.contacts]
    mine = [one for one in contacts if route(one.system, cast.dwelling[one.at]) == book.system]
    if mine:
        _tell_contacts(cast, book, mine)
    facts = [one for story in stories() for one in story.facts]
    held = [one for one in facts if route(one.system, cast.dwelling[one.at]) == book.system]
    if held:
        book.indicators.append(_facts(cast, book, held))


def story_records(population: Population, cast: Cast, name: str, route: Route) -> Columns:
    """The sightings of the stories' people in one book, each person once, without keys."""
    told: dict[str, Seen] = {}
    for story in stories():
        for seen in story.records:
            person = np.array([cast.person[seen.who]])
            dwelling, _ = population.dwelling_at(person, np.array([cast.on(seen.on)]))
            if route(seen.system, int(dwelling[0])) == name:
                told[seen.who] = seen
    person = np.array([cast.person[who] for who in told], dtype=np.int64)
    on = np.array([cast.on(seen.on) for seen in told.values()], dtype=np.int64)
    records = see(population, person, on)
    _leave_out(records, list(told.values()))
    return records


_NO_NHS = {"police", "education", "housing", "fire"}
_HAS_UPN = {"children", "education"}


def _leave_out(records: Columns, told: list[Seen]) -> None:
    for at, seen in enumerate(told):
        if seen.system in _NO_NHS:
            records["nhs"][at] = ""
        if seen.system not in _HAS_UPN:
            records["upn"][at] = ""
        for name in seen.without:
            records[name][at] = ""


def _key(book: Book, cast: Cast, who: str) -> str:
    row = np.flatnonzero(book.people["person"] == cast.person[who])
    return str(book.people["key"][row[0]]) if len(row) else ""


def _tell_contacts(cast: Cast, book: Book, told: list[Happened]) -> None:
    first = sum(size(columns) for columns in book.contacts)
    numbers = np.arange(first, first + len(told))
    book.contacts.append(
        {
            "category": texts([one.category for one in told]),
            "service": texts([_SERVICES[one.system] for one in told]),
            "on": np.array([cast.on(one.on) for one in told], dtype=np.int64),
            "status": texts([one.status for one in told]),
            "severity": texts([one.severity for one in told]),
            "summary": texts([one.summary for one in told]),
            "ring": texts([_RINGS[one.system] for one in told]),
            "dwelling": np.array([cast.dwelling[one.at] for one in told], dtype=np.int64),
            "number": numbers,
        }
    )
    parts = [
        (number, _key(book, cast, who), role)
        for number, one in zip(numbers.tolist(), told, strict=True)
        for who, role in one.who
    ]
    book.parts.append(
        {
            "number": np.array([part[0] for part in parts], dtype=np.int64),
            "record": texts([part[1] for part in parts]),
            "role": texts([part[2] for part in parts]),
        }
    )


def _facts(cast: Cast, book: Book, facts: list[Holds]) -> Columns:
    def column(values: list[object]) -> Array:
        return texts(values)

    return {
        "record": column([_key(book, cast, fact.who) if fact.who else "" for fact in facts]),
        "kind": column([fact.kind for fact in facts]),
        "code": column([fact.code for fact in facts]),
        "value": column([fact.value for fact in facts]),
        "severity": column([fact.severity for fact in facts]),
        "start": np.array([cast.on(fact.since) for fact in facts], dtype=np.int64),
        "end": np.array([cast.on(fact.until) for fact in facts], dtype=np.int64),
        "ring": column([_RINGS[fact.system] for fact in facts]),
        "dwelling": np.array([cast.dwelling[fact.at] for fact in facts], dtype=np.int64),
    }
