"""Mosaic: adults' services as pipe-separated text, whole name surname first, dates unbroken.

Invariant: one name column; the address is one line.
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
    written_date,
)
from areas.maker.columns import date_texts, size, texts
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
    people, folder = book.people, desk.folder

    def number(serial: int) -> str:
        return str(8_800_000 + serial)

    first = joined(" ", people["given"], people["middle"])
    clients = {
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
    write_csv(folder / "mosaic_clients.csv", clients, delimiter="|")
    contacts = contacts_of(book, number)
    events = {
        "EVENT_ID": contacts["key"],
        "MOSAIC_ID": subject_of(parts_of(book, number), contacts),
        "EVENT_DATE": date_texts(contacts["on"], _DATE),
        "EVENT_TYPE": coded(contacts["category"], TYPES),
        "EVENT_STATUS": coded(contacts["status"], STATUS),
        "PRIORITY": coded(contacts["severity"], LEVELS),
        "TEAM": contacts["service"],
        "PHONE": contacts["ring"],
        "NARRATIVE": contacts["summary"],
        "ADDRESS": first_line(
            {
                name: values[contacts["dwelling"]]
                for name, values in desk.population.places.columns.items()
            }
        ),
        "POSTCODE": desk.population.places.columns["postcode"][contacts["dwelling"]],
    }
    write_csv(folder / "mosaic_events.csv", events, delimiter="|")
    facts = facts_of(book, lambda serial: str(9_100_000 + serial))
    services = {
        "SERVICE_ID": facts["key"],
        "MOSAIC_ID": facts["record"],
        "SERVICE": coded(facts["code"], CODES),
        "STARTED": date_texts(facts["start"], _DATE),
        "ENDED": date_texts(facts["end"], _DATE),
        "PHONE": facts["ring"],
    }
    write_csv(folder / "mosaic_services.csv", services, delimiter="|")
    rows = {"clients": size(people), "events": size(contacts), "services": size(facts)}
    return [
        Extract(
            file=f"mosaic_{layout}.csv",
            agency="adults",
            dataset="mosaic",
            layout=layout,
            rows=count,
            people=count if layout == "clients" else 0,
        )
        for layout, count in rows.items()
    ]


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""
