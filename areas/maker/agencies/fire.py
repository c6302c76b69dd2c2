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
)
from areas.maker.columns import date_texts, size
from areas.maker.files import write_csv
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
    people, folder = book.people, desk.folder

    def number(serial: int) -> str:
        return f"IRS{serial + 60_000:08d}"

    occupiers = {
        "occupier_id": people["key"],
        "occupier": joined(" ", people["given"], people["family"]),
        "born": people["birth"],
        "gender": people["sex"],
        "location": joined(", ", first_line(people), people["town"]),
        "post_code": people["postcode"],
        "uprn": people["uprn"],
        "recorded": people["asked"],
    }
    write_csv(folder / "irs_occupiers.csv", occupiers)
    contacts = contacts_of(book, number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.9)
    incidents = {
        "incident": contacts["key"],
        "occupier_id": subject_of(parts_of(book, number), contacts),
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
    write_csv(folder / "irs_incidents.csv", incidents)
    facts = facts_of(book, lambda serial: f"R{serial + 3_000}")
    place = typed_places(desk, facts["dwelling"], uprn=0.95)
    risks = {
        "risk_id": facts["key"],
        "occupier_id": facts["record"],
        "risk": coded(facts["code"], {"fire_risk": "FIRE RISK"}),
        "location": joined(", ", first_line(place), place["town"]),
        "post_code": place["postcode"],
        "uprn": place["uprn"],
        "from": date_texts(facts["start"]),
        "to": date_texts(facts["end"]),
    }
    write_csv(folder / "irs_risks.csv", risks)
    rows = {"occupiers": size(people), "incidents": size(contacts), "risks": size(facts)}
    return [
        Extract(
            file=f"irs_{layout}.csv",
            agency="fire",
            dataset="irs",
            layout=layout,
            rows=count,
            people=count if layout == "occupiers" else 0,
        )
        for layout, count in rows.items()
    ]
