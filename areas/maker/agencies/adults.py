"""Mosaic: adults' services as pipe-separated text, whole name surname first, dates unbroken.

Invariant: one name column; the address is one line.
"""

from __future__ import annotations

import functools

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
    write_tables,
    written_date,
)
from areas.maker.columns import Columns, date_texts, take, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book

_DATE = "%Y%m%d"
TYPES = {
    "adult_concern": "Safeguarding concern",
    "assessment": "Assessment",
    "fall": "Falls",
    "hoarding": "Self neglect",
    "welfare_check": "Welfare",
    "mental_health": "Mental health",
}
STATUS = {"open": "A", "ongoing": "P", "closed": "C", "no_further_action": "X"}
LEVELS = {"": "", "low": "L", "medium": "M", "high": "H", "critical": "C"}
CODES = {
    "care_and_support": "CSP",
    "adult_safeguarding": "SAP",
    "physical_support": "PSR-PHYS",
    "memory_cognition": "PSR-MEM",
    "mental_health_support": "PSR-MH",
    "learning_disability": "PSR-LD",
    "lives_alone": "LIVES ALONE",
    "visit_in_pairs": "TWO WORKERS",
}


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write the three files of adults' services."""
    tables = {
        "clients": _clients(book),
        "events": _events(book, desk),
        "services": _services(book),
    }
    return write_tables(
        desk,
        tables,
        agency="adults",
        dataset="mosaic",
        name="mosaic_{}.csv",
        people="clients",
        write=functools.partial(write_csv, delimiter="|"),
    )


def _number(serial: int) -> str:
    return str(8_800_000 + serial)


def _clients(book: Book) -> Columns:
    people = book.people
    first = joined(" ", people["given"], people["middle"])
    return {
        "MOSAIC_ID": people["key"],
        "NAME": texts(
            [
                f"{name.upper()}, {given}"
                for name, given in zip(people["family"], first, strict=True)
            ]
        ),
        "DOB": written_date(people["birth"], _DATE),
        "GENDER": coded(people["sex"], {"male": "1", "female": "2", "": "9"}),
        "NHS_NO": texts([_spaced(value) for value in people["nhs"]]),
        "ADDRESS": joined(", ", first_line(people), people["town"]),
        "POSTCODE": texts([code.replace(" ", "") for code in people["postcode"]]),
        "UPRN": people["uprn"],
        "TELEPHONE": people["phone"],
        "DOD": written_date(people["death"], _DATE),
        "MODIFIED": written_date(people["asked"], _DATE),
    }


def _events(book: Book, desk: Desk) -> Columns:
    contacts = contacts_of(book, _number)
    parts = parts_of(book, _number)
    where = take(desk.population.places.columns, contacts["dwelling"])
    return {
        "EVENT_ID": contacts["key"],
        "MOSAIC_ID": subject_of(parts, contacts),
        "EVENT_DATE": date_texts(contacts["on"], _DATE),
        "EVENT_TYPE": coded(contacts["category"], TYPES),
        "EVENT_STATUS": coded(contacts["status"], STATUS),
        "PRIORITY": coded(contacts["severity"], LEVELS),
        "TEAM": contacts["service"],
        "PHONE": contacts["ring"],
        "NARRATIVE": contacts["summary"],
        "ADDRESS": first_line(where),
        "POSTCODE": where["postcode"],
    }


def _services(book: Book) -> Columns:
    facts = facts_of(book, lambda serial: str(9_100_000 + serial))
    return {
        "SERVICE_ID": facts["key"],
        "MOSAIC_ID": facts["record"],
        "SERVICE": coded(facts["code"], CODES),
        "STARTED": date_texts(facts["start"], _DATE),
        "ENDED": date_texts(facts["end"], _DATE),
        "PHONE": facts["ring"],
    }


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""
