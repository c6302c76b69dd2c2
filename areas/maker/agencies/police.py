"""Niche: nominals, incidents, involvements and warnings as Windows-1252 CSV, day first.

Invariant: surnames stand in capitals, accents are lost where the code page lacks them.
"""

from __future__ import annotations

import functools

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    house,
    parts_of,
    typed_places,
    write_tables,
    written_date,
)
from areas.maker.columns import Columns, date_texts, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book

CLASSES = {
    "domestic_abuse": "DA",
    "violence": "VAP",
    "sexual_offence": "SEX",
    "child_concern": "PPN-C",
    "adult_concern": "PPN-A",
    "missing": "MISPER",
    "exploitation": "CE",
    "anti_social_behaviour": "ASB",
    "noise": "NOISE",
    "burglary_theft": "ACQ",
    "drugs": "DRUG",
    "alcohol": "ALC",
    "mental_health": "MH",
    "welfare_check": "WELF",
}
STATUS = {"open": "OPEN", "ongoing": "U/INV", "closed": "FILED", "no_further_action": "NFA"}
RISK = {"": "", "low": "S", "medium": "M", "high": "H", "critical": "VH"}
ROLES = {"victim": "VIC", "suspect": "SUS", "subject": "SUBJ", "child_present": "CHLD"}
MARKERS = {
    "violent": "VI",
    "weapons": "WE",
    "firearms": "FI",
    "dangerous_dog": "DOG",
    "drugs_present": "DR",
    "self_harm": "SH",
    "domestic_abuse_perpetrator": "DAP",
    "escapes": "ES",
    "marac": "MARAC",
    "mappa": "MAPPA",
    "missing": "MISS",
}
_DATE = "%d/%m/%Y"


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write the police's four files."""
    tables = {
        "nominals": _nominals(book),
        "incidents": _incidents(book, desk),
        "involvements": _involvements(book),
        "warnings": _warnings(book, desk),
    }
    return write_tables(
        desk,
        tables,
        agency="police",
        dataset="niche",
        name="police_{}.csv",
        people="nominals",
        write=functools.partial(write_csv, encoding="cp1252"),
    )


def _number(serial: int) -> str:
    return f"20/{serial + 100_001}/{serial % 7}"


def _nominals(book: Book) -> Columns:
    people = book.people
    return {
        "NominalRef": people["key"],
        "Surname": texts([name.upper() for name in people["family"]]),
        "Forename1": people["given"],
        "Forename2": people["middle"],
        "DOB": written_date(people["birth"], _DATE),
        "Sex": coded(people["sex"], {"male": "M", "female": "F", "": "U"}),
        "Flat": people["flat"],
        "HouseNo": house(people),
        "Street": people["street"],
        "Town": people["town"],
        "PostCode": people["postcode"],
        "UPRN": people["uprn"],
        "TelNo": people["phone"],
        "LastUpdated": written_date(people["asked"], _DATE),
    }


def _incidents(book: Book, desk: Desk) -> Columns:
    contacts = contacts_of(book, _number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.4)
    return {
        "IncidentNo": contacts["key"],
        "ReportedOn": date_texts(contacts["on"], _DATE),
        "Class": coded(contacts["category"], CLASSES),
        "State": coded(contacts["status"], STATUS),
        "Risk": coded(contacts["severity"], RISK),
        "Team": contacts["service"],
        "Flat": place["flat"],
        "HouseNo": house(place),
        "Street": place["street"],
        "Town": place["town"],
        "PostCode": place["postcode"],
        "UPRN": place["uprn"],
        "Summary": contacts["summary"],
        "Contact": contacts["ring"],
    }


def _involvements(book: Book) -> Columns:
    parts = parts_of(book, _number)
    return {
        "IncidentNo": parts["key"],
        "NominalRef": parts["record"],
        "Role": coded(parts["role"], ROLES),
    }


def _warnings(book: Book, desk: Desk) -> Columns:
    facts = facts_of(book, lambda serial: f"W{serial + 40_001}")
    place = typed_places(desk, facts["dwelling"], uprn=0.7)
    return {
        "WarningRef": facts["key"],
        "NominalRef": facts["record"],
        "Marker": coded(facts["code"], MARKERS),
        "Grade": coded(facts["severity"], RISK),
        "Flat": place["flat"],
        "HouseNo": house(place),
        "Street": place["street"],
        "PostCode": place["postcode"],
        "UPRN": place["uprn"],
        "Added": date_texts(facts["start"], _DATE),
        "Expires": date_texts(facts["end"], _DATE),
        "Contact": facts["ring"],
    }
