"""Incident recording: occupiers, incidents and risks as plain CSV, year first.

Invariant: an occupier has one name column, forename first, and often only a year of birth.
"""

from __future__ import annotations

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
)
from areas.maker.columns import Columns, date_texts
from areas.maker.sightings import Book

TYPES = {
    "home_fire_safety": "Safe and Well",
    "fire": "Fire",
    "fall": "Assist - lift",
    "hoarding": "Hoarding",
}
STATUS = {
    "open": "OPEN",
    "ongoing": "OPEN-REVISIT",
    "closed": "CLOSED",
    "no_further_action": "NO ACCESS",
}
LEVELS = {"": "", "low": "1", "medium": "2", "high": "3", "critical": "4"}


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write the three files of fire and rescue."""
    tables = {
        "occupiers": _occupiers(book),
        "incidents": _incidents(book, desk),
        "risks": _risks(book, desk),
    }
    return write_tables(
        desk, tables, agency="fire", dataset="irs", name="irs_{}.csv", people="occupiers"
    )


def _number(serial: int) -> str:
    return f"IRS{serial + 60_000:08d}"


def _occupiers(book: Book) -> Columns:
    people = book.people
    return {
        "occupier_id": people["key"],
        "occupier": joined(" ", people["given"], people["family"]),
        "born": people["birth"],
        "gender": people["sex"],
        "location": joined(", ", first_line(people), people["town"]),
        "post_code": people["postcode"],
        "uprn": people["uprn"],
        "recorded": people["asked"],
    }


def _incidents(book: Book, desk: Desk) -> Columns:
    contacts = contacts_of(book, _number)
    parts = parts_of(book, _number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.9)
    return {
        "incident": contacts["key"],
        "occupier_id": subject_of(parts, contacts),
        "date": date_texts(contacts["on"]),
        "incident_type": coded(contacts["category"], TYPES),
        "status": coded(contacts["status"], STATUS),
        "risk": coded(contacts["severity"], LEVELS),
        "location": joined(", ", first_line(place), place["town"]),
        "post_code": place["postcode"],
        "uprn": place["uprn"],
        "team": contacts["service"],
        "contact": contacts["ring"],
        "remarks": contacts["summary"],
    }


def _risks(book: Book, desk: Desk) -> Columns:
    facts = facts_of(book, lambda serial: f"R{serial + 3_000}")
    place = typed_places(desk, facts["dwelling"], uprn=0.95)
    return {
        "risk_id": facts["key"],
        "occupier_id": facts["record"],
        "risk": coded(facts["code"], {"fire_risk": "FIRE RISK"}),
        "location": joined(", ", first_line(place), place["town"]),
        "post_code": place["postcode"],
        "uprn": place["uprn"],
        "from": date_texts(facts["start"]),
        "to": date_texts(facts["end"]),
    }
