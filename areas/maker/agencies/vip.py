"""Gwent's five: three councils' social care, a health board and a police force.

Invariant: each of the five sends three files (people, contacts, flags) and no two agree on
headers, date format, encoding, separator, codes or the case of names.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    first_line,
    joined,
    parts_of,
    subject_of,
    typed_places,
    write_tables,
    written_date,
)
from areas.maker.agencies.vip_layouts import LAYOUTS, Layout
from areas.maker.columns import Array, Columns, date_texts, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write one agency's people, contacts, flags and (where it says so) roles."""
    layout = LAYOUTS[book.system]
    tables = {
        "people": _headed(_people(book, layout), layout.people),
        "contacts": _headed(_contacts(book, desk, layout), layout.contacts),
        "flags": _headed(_facts(book, desk, layout), layout.facts),
    }
    if layout.involved:
        tables["roles"] = _headed(_roles(book, layout), layout.involved)
    return write_tables(
        desk,
        tables,
        agency=layout.agency,
        dataset=layout.dataset,
        name=f"{layout.prefix}_{{}}.csv",
        people="people",
        write=functools.partial(write_csv, delimiter=layout.delimiter, encoding=layout.encoding),
    )


def _headed(columns: Columns, words: Mapping[str, str]) -> Columns:
    return {word: columns[name] for name, word in words.items()}


def _number(layout: Layout) -> Callable[[int], str]:
    return lambda serial: f"{layout.prefix[:2].upper()}{serial + 3_000_001}"


def _people(book: Book, layout: Layout) -> Columns:
    people = dict(book.people)
    people |= _lines(people)
    if layout.forenames_together:
        people["given"] = joined(" ", people["given"], people["middle"])
    if layout.upper:
        for name in ("given", "middle", "family"):
            people[name] = texts([value.upper() for value in people[name]])
    for name in ("birth", "death", "asked", "from"):
        # A year of two digits would lose the century of a birth: those stay long.
        pattern = layout.date.replace("%y", "%Y") if name in {"birth", "death"} else layout.date
        people[name] = written_date(people[name], pattern)
    people["sex"] = coded(people["sex"], dict(layout.sex))
    return people


def _lines(place: Columns) -> Columns:
    return {
        "line": first_line(place),
        "house": joined(" ", place["building"], place["number"]),
    }


def _contacts(book: Book, desk: Desk, layout: Layout) -> Columns:
    contacts = contacts_of(book, _number(layout))
    contacts["subject"] = subject_of(parts_of(book, _number(layout)), contacts)
    contacts |= _typed(desk, contacts["dwelling"], uprn=0.5)
    contacts["on"] = date_texts(contacts["on"], layout.date)
    contacts["category"] = coded(contacts["category"], dict(layout.categories))
    contacts["status"] = coded(contacts["status"], dict(layout.status))
    contacts["severity"] = coded(contacts["severity"], dict(layout.levels))
    return contacts


def _roles(book: Book, layout: Layout) -> Columns:
    parts = parts_of(book, _number(layout))
    parts["role"] = coded(parts["role"], dict(layout.roles))
    return parts


def _facts(book: Book, desk: Desk, layout: Layout) -> Columns:
    facts = facts_of(book, lambda serial: f"{layout.prefix[:2].upper()}F{serial + 50_001}")
    facts |= _typed(desk, facts["dwelling"], uprn=0.7)
    facts["start"] = date_texts(facts["start"], layout.date)
    facts["end"] = date_texts(facts["end"], layout.date)
    facts["code"] = coded(facts["code"], dict(layout.marks))
    facts["severity"] = coded(facts["severity"], dict(layout.levels))
    return facts


def _typed(desk: Desk, dwelling: Array, *, uprn: float) -> Columns:
    place = typed_places(desk, dwelling, uprn=uprn)
    return place | _lines(place)
