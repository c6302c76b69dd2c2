"""Contacts, warnings, plans and other facts that agencies record about people and addresses.

Invariant: an event names people only by keys of records that its own system holds, and happens
where its subject lived on that day; many have an address and nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from areas.maker.columns import NEVER, Array, Columns, Ints, pick, size, texts, weighted
from areas.maker.population import Population
from areas.maker.sightings import Book
from areas.maker.wording import summaries


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One category of contact of a system: how common, at which ages, with whom."""

    weight: float
    ages: tuple[int, int] = (0, 110)
    nobody: float = 0.1
    role: str = "subject"
    others: str = ""
    repeats: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One indicator of a system: how many per thousand records, at which ages."""

    kind: str
    code: str
    per_thousand: float
    ages: tuple[int, int] = (0, 110)
    years: float = 1.5
    address_only: float = 0.0
    severity: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Diary:
    """What a system records beside people."""

    contacts_per_record: float
    kinds: Mapping[str, Kind]
    services: tuple[str, ...]
    rings: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    severities: Mapping[str, float] = field(
        default_factory=lambda: {"": 0.4, "low": 0.25, "medium": 0.25, "high": 0.1}
    )
    since_years: float = 6.0


def keep_diary(rng: np.random.Generator, population: Population, book: Book, diary: Diary) -> None:
    """Fill a book's contacts, parts and indicators."""
    _contacts(rng, population, book, diary)
    for mark in diary.marks:
        _mark(rng, population, book, mark, diary)


def _contacts(rng: np.random.Generator, population: Population, book: Book, diary: Diary) -> None:
    people = book.people
    need = population.people["need"][people["person"]] + 0.05
    total = round(size(people) * diary.contacts_per_record)
    weight_sum = sum(kind.weight for kind in diary.kinds.values())
    at_home = _at_home(people)
    serial = 0
    for category, kind in diary.kinds.items():
        wanted = round(total * kind.weight / weight_sum)
        on = population.until - rng.exponential(diary.since_years * 110, wanted * 2)
        on = on.clip(population.until - diary.since_years * 365).astype(np.int64)
        subject = weighted(rng, wanted * 2, need)
        person = people["person"][subject]
        age = (on - population.people["birth"][person]) / 365.25
        fits = (age >= kind.ages[0]) & (age < kind.ages[1])
        fits &= population.people["death"][person] > on
        at = np.flatnonzero(fits)[:wanted]
        repeat = np.where(rng.random(len(at)) < kind.repeats, rng.integers(2, 8, len(at)), 1)
        at = np.repeat(at, repeat)
        days = np.minimum(
            on[at] + rng.integers(0, 60, len(at)) * (np.repeat(repeat, repeat) > 1),
            population.until - 1,
        )
        contacts = _describe(rng, population, category, subject[at], days, book, diary)
        named = rng.random(len(at)) >= kind.nobody
        contacts["number"] = np.arange(serial, serial + len(at))
        serial += len(at)
        book.contacts.append(contacts)
        book.parts.append(_parts(book, contacts, subject[at], named, kind, at_home))


def _describe(
    rng: np.random.Generator,
    population: Population,
    category: str,
    subject: Ints,
    on: Ints,
    book: Book,
    diary: Diary,
) -> Columns:
    count = len(subject)
    recent = population.until - on < 75
    status = pick(rng, count, {"closed": 0.8, "no_further_action": 0.2})
    fresh = pick(rng, count, {"open": 0.4, "ongoing": 0.35, "closed": 0.25})
    dwelling, _ = population.dwelling_at(book.people["person"][subject], on)
    desk = rng.integers(0, len(diary.services), count)
    return {
        "category": texts([category] * count),
        "service": texts([diary.services[at] for at in desk]),
        "on": on,
        "status": np.where(recent, fresh, status),
        "severity": pick(rng, count, dict(diary.severities)),
        "summary": summaries(rng, category, count),
        "ring": texts([diary.rings[at % len(diary.rings)] for at in desk]),
        "dwelling": dwelling,
    }


def _at_home(people: Columns) -> dict[int, list[int]]:
    """Dwelling -> rows of the people whom the system has there."""
    table: dict[int, list[int]] = defaultdict(list)
    for row, dwelling in enumerate(people["dwelling"].tolist()):
        if dwelling > 1:
            table[dwelling].append(row)
    return {dwelling: rows for dwelling, rows in table.items() if 1 < len(rows) < 9}


def _parts(
    book: Book,
    contacts: Columns,
    subject: Ints,
    named: Array,
    kind: Kind,
    at_home: dict[int, list[int]],
) -> Columns:
    """Who was involved: the subject, and for some kinds the others at home."""
    key = book.people["key"]
    rows: list[tuple[int, str, str]] = []
    for at in np.flatnonzero(named):
        number, row = int(contacts["number"][at]), int(subject[at])
        rows.append((number, key[row], kind.role))
        if not kind.others:
            continue
        others = [one for one in at_home.get(int(contacts["dwelling"][at]), []) if one != row]
        for one in others[:3]:
            age = (contacts["on"][at] - _born(book, one)) / 365.25
            if age < 0:
                continue
            role = "child_present" if age < 18 else kind.others
            rows.append((number, key[one], role))
    return {
        "number": np.array([row[0] for row in rows], dtype=np.int64),
        "record": texts([row[1] for row in rows]),
        "role": texts([row[2] for row in rows]),
    }


def _born(book: Book, row: int) -> int:
    return int(book.people["born"][row])


def _mark(
    rng: np.random.Generator, population: Population, book: Book, mark: Mark, diary: Diary
) -> None:
    people = book.people
    person = people["person"]
    age = (population.until - population.people["birth"][person]) / 365.25
    fits = (age >= mark.ages[0]) & (age < mark.ages[1])
    fits &= population.people["death"][person] >= NEVER
    weight = np.where(fits, population.people["need"][person] + 0.02, 0.0)
    if not weight.sum():
        return
    wanted = max(1, round(size(people) * mark.per_thousand / 1000))
    row = np.unique(weighted(rng, wanted, weight))
    count = len(row)
    start = population.until - rng.integers(3, max(30, round(mark.years * 700)), count)
    start = np.maximum(start, population.people["birth"][person[row]] + 1)
    ended = start + rng.integers(30, max(60, round(mark.years * 365)), count)
    running = (rng.random(count) < 0.55) | (ended > population.until)
    end = np.where(running, NEVER, ended)
    nobody = rng.random(count) < mark.address_only
    dwelling, _ = population.dwelling_at(person[row], start)
    book.indicators.append(
        {
            "record": np.where(nobody, "", people["key"][row]).astype(object),
            "kind": texts([mark.kind] * count),
            "code": texts([mark.code] * count),
            "value": texts([mark.value] * count),
            "severity": texts([mark.severity] * count),
            "start": start,
            "end": end,
            "ring": texts([diary.rings[at % len(diary.rings)] for at in range(count)]),
            "dwelling": dwelling,
        }
    )
