"""Gwent's five: three councils' social care, a health board and a police force.

Invariant: each of the five sends three files (people, contacts, flags) and no two agree on
headers, date format, encoding, separator, codes or the case of names.
"""

from __future__ import annotations

import numpy as np

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
    written_date,
)
from areas.maker.agencies.vip_layouts import LAYOUTS, Layout
from areas.maker.columns import Array, Columns, date_texts, size, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write one agency's people, contacts and flags."""
    layout = LAYOUTS[book.system]
    tables = {
        "people": _people(book, layout),
        "contacts": _contacts(book, desk, layout),
        "flags": _facts(book, desk, layout),
    }
    headers = {"people": layout.people, "contacts": layout.contacts, "flags": layout.facts}
    extracts = []
    for name, columns in tables.items():
        words = headers[name]
        path = desk.folder / f"{layout.prefix}_{name}.csv"
        write_csv(
            path,
            {words[key]: columns[key] for key in words},
            delimiter=layout.delimiter,
            encoding=layout.encoding,
        )
        rows = size(columns)
        extracts.append(
            Extract(
                file=path.name,
                agency=layout.agency,
                dataset=layout.dataset,
                layout=name,
                rows=rows,
                people=rows if name == "people" else 0,
            )
        )
    return extracts


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
    def number(serial: int) -> str:
        return f"{layout.prefix[:2].upper()}{serial + 3_000_001}"

    contacts = contacts_of(book, number)
    parts = parts_of(book, number)
    contacts |= _typed(desk, contacts["dwelling"], uprn=0.5)
    contacts["on"] = date_texts(contacts["on"], layout.date)
    contacts["category"] = coded(contacts["category"], dict(layout.categories))
    contacts["status"] = coded(contacts["status"], dict(layout.status))
    contacts["severity"] = coded(contacts["severity"], dict(layout.levels))
    contacts["subject"] = subject_of(parts, contacts)
    first: dict[str, str] = {}
    for contact, role in zip(parts["key"], parts["role"], strict=True):
        first.setdefault(contact, role)
    if layout.roles:
        contacts["role"] = texts([layout.roles[first.get(key, "")] for key in contacts["key"]])
        return _one_row_per_person(contacts, parts, layout)
    return contacts


def _one_row_per_person(contacts: Columns, parts: Columns, layout: Layout) -> Columns:
    """A police occurrence with several people stands once for each of them."""
    at = {key: row for row, key in enumerate(contacts["key"].tolist())}
    seen: set[str] = set()
    rows, people, roles = list(range(size(contacts))), list(contacts["subject"]), []
    roles = list(contacts["role"])
    for key, record, role in zip(parts["key"], parts["record"], parts["role"], strict=True):
        if key not in seen:
            seen.add(key)
            continue
        rows.append(at[key])
        people.append(record)
        roles.append(layout.roles[role])
    order = np.argsort(np.array(rows), kind="stable")
    index = np.array(rows, dtype=np.int64)[order]
    table = {name: values[index] for name, values in contacts.items()}
    table["subject"] = texts(people)[order]
    table["role"] = texts(roles)[order]
    return table


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
