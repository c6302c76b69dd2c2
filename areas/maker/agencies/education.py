"""Capita One: pupils, attendance and exclusions as spreadsheets.

Invariant: dates of birth are date cells, as a spreadsheet has them; other dates are text.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    house,
    parts_of,
    subject_of,
    write_tables,
)
from areas.maker.columns import Array, Columns, date_texts, day, take, texts
from areas.maker.files import write_xlsx
from areas.maker.sightings import Book

_SPREADSHEET_ZERO = 25_569
"""Serial of 1 January 1970 in a spreadsheet."""

TYPES = {"school_attendance": "ATT", "school_exclusion": "EXC", "behaviour": "BEH"}
STATUS = {
    "open": "Open",
    "ongoing": "Monitoring",
    "closed": "Closed",
    "no_further_action": "No action",
}
FLAGS = {"excluded": "EXCLUDED", "education_health_care": "EHCP"}


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write the four workbooks."""
    tables = {
        "pupils": _pupils(book),
        "attendance": _events(book, attendance=True),
        "behaviour": _events(book, attendance=False),
        "flags": _flags(book),
    }
    return write_tables(
        desk,
        tables,
        agency="education",
        dataset="capita",
        name="capita_{}.xlsx",
        people="pupils",
        write=_write,
    )


def _write(path: Path, columns: Columns) -> None:
    """The sheet is named for the layout: capita_pupils.xlsx holds Pupils."""
    write_xlsx(path, path.stem.removeprefix("capita_").title(), columns)


def _number(serial: int) -> str:
    return f"E{serial + 30_000}"


def _pupils(book: Book) -> Columns:
    people = book.people
    return {
        "Student ID": people["key"],
        "UPN": people["upn"],
        "Legal Surname": people["family"],
        "Legal Forename": people["given"],
        "Middle Name(s)": people["middle"],
        "Date of Birth": _serials(people["birth"]),
        "Gender": coded(people["sex"], {"male": "M", "female": "F", "": ""}),
        "Flat": people["flat"],
        "House": house(people),
        "Street": people["street"],
        "Town": people["town"],
        "Postcode": people["postcode"],
        "Parent Phone": people["phone"],
    }


def _events(book: Book, *, attendance: bool) -> Columns:
    contacts = contacts_of(book, _number)
    contacts["pupil"] = subject_of(parts_of(book, _number), contacts)
    part = take(contacts, (contacts["category"] == "school_attendance") == attendance)
    return {
        "Event ID": part["key"],
        "Student ID": part["pupil"],
        "Event Date": date_texts(part["on"], "%d/%m/%Y"),
        "Type": coded(part["category"], TYPES),
        "State": coded(part["status"], STATUS),
        "Detail": part["summary"],
        "Contact": part["ring"],
    }


def _flags(book: Book) -> Columns:
    facts = facts_of(book, lambda serial: f"F{serial + 6_000}")
    return {
        "Flag ID": facts["key"],
        "Student ID": facts["record"],
        "Flag": coded(facts["code"], FLAGS),
        "Start": date_texts(facts["start"], "%d/%m/%Y"),
        "End": date_texts(facts["end"], "%d/%m/%Y"),
        "Contact": facts["ring"],
    }


def _serials(birth: Array) -> Array:
    return texts(
        [
            day(dt.date.fromisoformat(text)) + _SPREADSHEET_ZERO if len(text) == 10 else text
            for text in birth
        ]
    )
