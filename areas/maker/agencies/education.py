"""Capita One: pupils, attendance and exclusions as spreadsheets.

Invariant: dates of birth are date cells, as a spreadsheet has them; other dates are text.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    house,
    parts_of,
    subject_of,
)
from areas.maker.columns import Array, date_texts, day, size, take, texts
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
    """Write the three workbooks."""
    people, folder = book.people, desk.folder

    def number(serial: int) -> str:
        return f"E{serial + 30_000}"

    pupils = {
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
    write_xlsx(folder / "capita_pupils.xlsx", "Pupils", pupils)
    contacts = contacts_of(book, number)
    contacts["pupil"] = subject_of(parts_of(book, number), contacts)
    attendance = contacts["category"] == "school_attendance"
    for name, rows in (("attendance", attendance), ("behaviour", ~attendance)):
        part = take(contacts, np.flatnonzero(rows))
        table = {
            "Event ID": part["key"],
            "Student ID": part["pupil"],
            "Event Date": date_texts(part["on"], "%d/%m/%Y"),
            "Type": coded(part["category"], TYPES),
            "State": coded(part["status"], STATUS),
            "Detail": part["summary"],
            "Contact": part["ring"],
        }
        write_xlsx(folder / f"capita_{name}.xlsx", name.title(), table)
    facts = facts_of(book, lambda serial: f"F{serial + 6_000}")
    flags = {
        "Flag ID": facts["key"],
        "Student ID": facts["record"],
        "Flag": coded(facts["code"], FLAGS),
        "Start": date_texts(facts["start"], "%d/%m/%Y"),
        "End": date_texts(facts["end"], "%d/%m/%Y"),
        "Contact": facts["ring"],
    }
    write_xlsx(folder / "capita_flags.xlsx", "Flags", flags)
    counts = {
        "pupils": size(people),
        "attendance": int(attendance.sum()),
        "behaviour": int((~attendance).sum()),
        "flags": size(facts),
    }
    return [
        Extract(
            file=f"capita_{layout}.xlsx",
            agency="education",
            dataset="capita",
            layout=layout,
            rows=count,
            people=count if layout == "pupils" else 0,
        )
        for layout, count in counts.items()
    ]


def _serials(birth: Array) -> Array:
    return texts(
        [
            day(dt.date.fromisoformat(text)) + _SPREADSHEET_ZERO if len(text) == 10 else text
            for text in birth
        ]
    )
