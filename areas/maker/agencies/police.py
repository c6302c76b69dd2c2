"""Niche: nominals, incidents, involvements and warnings as Windows-1252 CSV, day first.

Invariant: surnames stand in capitals, accents are lost where the code page lacks them.
"""

from __future__ import annotations

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    house,
    parts_of,
    typed_places,
    written_date,
)
from areas.maker.columns import date_texts, size, texts
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

    def number(serial: int) -> str:
        return f"20/{serial + 100_001}/{serial % 7}"

    people, folder = book.people, desk.folder
    nominals = {
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
    write_csv(folder / "police_nominals.csv", nominals, encoding="cp1252")
    contacts = contacts_of(book, number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.4)
    incidents = {
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
    write_csv(folder / "police_incidents.csv", incidents, encoding="cp1252")
    parts = parts_of(book, number)
    involvements = {
        "IncidentNo": parts["key"],
        "NominalRef": parts["record"],
        "Role": coded(parts["role"], ROLES),
    }
    write_csv(folder / "police_involvements.csv", involvements, encoding="cp1252")
    facts = facts_of(book, lambda serial: f"W{serial + 40_001}")
    place = typed_places(desk, facts["dwelling"], uprn=0.7)
    warnings = {
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
    write_csv(folder / "police_warnings.csv", warnings, encoding="cp1252")
    sizes = {
        "nominals": size(people),
        "incidents": size(contacts),
        "involvements": size(parts),
        "warnings": size(facts),
    }
    return [
        Extract(
            file=f"police_{layout}.csv",
            agency="police",
            dataset="niche",
            layout=layout,
            rows=rows,
            people=rows if layout == "nominals" else 0,
        )
        for layout, rows in sizes.items()
    ]
