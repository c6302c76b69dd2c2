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
from areas.maker.places import NO_FIXED_ABODE, OUTSIDE
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
        subject, days = _occasions(rng, population, people, need, kind, wanted, diary)
        dwelling, _ = population.dwelling_at(people["person"][subject], days)
        inside = dwelling != OUTSIDE
        subject, days, dwelling = subject[inside], days[inside], dwelling[inside]
        contacts = _describe(rng, population.until - days, category, diary)
        contacts |= {"on": days, "dwelling": dwelling}
        named = (rng.random(len(subject)) >= kind.nobody) | (dwelling == NO_FIXED_ABODE)
        contacts["number"] = np.arange(serial, serial + len(subject))
        serial += len(subject)
        book.contacts.append(contacts)
        book.parts.append(_parts(book, contacts, subject, named, kind, at_home))


def _occasions(
    rng: np.random.Generator,
    population: Population,
    people: Columns,
    need: Array,
    kind: Kind,
    wanted: int,
    diary: Diary,
) -> tuple[Ints, Ints]:
    """About whom (rows of `people`) and on which days; some kinds come in series."""
    window = diary.since_years * 365
    ago = rng.exponential(window * 0.3, wanted * 2)
    ago = np.where(ago > window, rng.random(wanted * 2) * window, ago)
    on = population.until - 1 - ago.astype(np.int64)
    subject = weighted(rng, wanted * 2, need)
    person = people["person"][subject]
    age = (on - population.people["birth"][person]) / 365.25
    death = population.people["death"][person]
    fits = (age >= kind.ages[0]) & (age < kind.ages[1]) & (death > on)
    at = np.flatnonzero(fits)[:wanted]
    series = np.where(rng.random(len(at)) < kind.repeats, rng.integers(2, 8, len(at)), 1)
    at, series = np.repeat(at, series), np.repeat(series, series)
    days = on[at] + rng.integers(0, 60, len(at)) * (series > 1)
    last = np.minimum(population.until, death[at]) - 1
    return subject[at], np.minimum(days, last)


def _describe(rng: np.random.Generator, ago: Ints, category: str, diary: Diary) -> Columns:
    count = len(ago)
    status = pick(rng, count, {"closed": 0.8, "no_further_action": 0.2})
    fresh = pick(rng, count, {"open": 0.4, "ongoing": 0.35, "closed": 0.25})
    desk = rng.integers(0, len(diary.services), count)
    return {
        "category": texts([category] * count),
        "service": texts([diary.services[at] for at in desk]),
        "status": np.where(ago < 75, fresh, status),
        "severity": pick(rng, count, dict(diary.severities)),
        "summary": summaries(rng, category, count),
        "ring": texts([diary.rings[at % len(diary.rings)] for at in desk]),
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
    dwelling, _ = population.dwelling_at(person[row], start)
    nobody = (rng.random(count) < mark.address_only) & (dwelling > OUTSIDE)
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
