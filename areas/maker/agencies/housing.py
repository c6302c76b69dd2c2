"""Northgate: tenancies, cases and property flags, semicolons and a byte order mark.

Invariant: a tenancy's end is the day that housing knows of, not the day somebody moved.
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
from areas.maker.columns import Array, date_texts, size, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book

_DATE = "%d.%m.%Y"
CASES = {
    "noise": "Noise nuisance",
    "anti_social_behaviour": "ASB",
    "rent_arrears": "Arrears",
    "homelessness": "Homelessness",
    "property_condition": "Repair",
    "hoarding": "Hoarding",
}
STATUS = {"open": "1", "ongoing": "2", "closed": "9", "no_further_action": "8"}
LEVELS = {"": "", "low": "Low", "medium": "Med", "high": "High", "critical": "Urgent"}
FLAGS = {"visit_in_pairs": "V2", "dangerous_dog": "DOG"}
RELATIONS = {"parent": "Parent of", "partner": "Partner of", "former_partner": "Ex-partner of"}


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write the four files of housing."""
    people = book.people

    def number(serial: int) -> str:
        return f"CAS-{serial + 10_000}"

    title = coded(people["sex"], {"male": "Mr", "female": "Ms", "": ""})
    tenancies = {
        "PersonRef": people["key"],
        "Title": title,
        "Forename": people["given"],
        "Initials": texts([name[:1] for name in people["middle"]]),
        "Surname": texts([name.upper() for name in people["family"]]),
        "DateOfBirth": written_date(people["birth"], _DATE),
        "Property": joined(", ", first_line(people), people["town"]),
        "PropertyPostcode": people["postcode"],
        "UPRN": people["uprn"],
        "TenancyStart": written_date(people["from"], _DATE),
        "TenancyEnd": _ended(book, desk),
        "ContactNo": people["phone"],
        "Email": people["email"],
        "Amended": written_date(people["asked"], _DATE),
    }
    _write(desk, "northgate_tenancies.csv", tenancies)
    contacts = contacts_of(book, number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.85)
    cases = {
        "CaseRef": contacts["key"],
        "PersonRef": subject_of(parts_of(book, number), contacts),
        "Opened": date_texts(contacts["on"], _DATE),
        "CaseType": coded(contacts["category"], CASES),
        "CaseStatus": coded(contacts["status"], STATUS),
        "Priority": coded(contacts["severity"], LEVELS),
        "Property": joined(", ", first_line(place), place["town"]),
        "PropertyPostcode": place["postcode"],
        "UPRN": place["uprn"],
        "Officer": contacts["ring"],
        "Team": contacts["service"],
        "Notes": contacts["summary"],
    }
    _write(desk, "northgate_cases.csv", cases)
    facts = facts_of(book, lambda serial: f"FLG{serial + 800}")
    place = typed_places(desk, facts["dwelling"], uprn=0.95)
    flags = {
        "FlagRef": facts["key"],
        "PersonRef": facts["record"],
        "Flag": coded(facts["code"], FLAGS),
        "Property": joined(", ", first_line(place), place["town"]),
        "PropertyPostcode": place["postcode"],
        "UPRN": place["uprn"],
        "From": date_texts(facts["start"], _DATE),
        "To": date_texts(facts["end"], _DATE),
    }
    _write(desk, "northgate_flags.csv", flags)
    ties = book.ties[0]
    household = {
        "PersonRef": ties["record"],
        "Relation": coded(ties["relation"], RELATIONS),
        "ToPersonRef": ties["other"],
    }
    _write(desk, "northgate_household.csv", household)
    rows = {"tenancies": people, "cases": contacts, "flags": facts, "household": ties}
    return [
        Extract(
            file=f"northgate_{layout}.csv",
            agency="housing",
            dataset="northgate",
            layout=layout,
            rows=size(columns),
            people=size(columns) if layout == "tenancies" else 0,
        )
        for layout, columns in rows.items()
    ]


def _write(desk: Desk, name: str, columns: dict[str, Array]) -> None:
    write_csv(desk.folder / name, columns, delimiter=";", encoding="utf-8-sig")


def _ended(book: Book, desk: Desk) -> Array:
    """Tenancies that housing knows to have ended: half of those that people have left.

    Of the stories' people it hears nothing that the story does not tell.
    """
    people, population = book.people, desk.population
    now, since = population.dwelling_at(people["person"], np.full(size(people), population.until))
    gone = (now != people["dwelling"]) & (desk.rng.random(size(people)) < 0.6)
    gone &= ~people["told"]
    return np.where(gone, date_texts(np.maximum(since, people["seen"]), _DATE), "").astype(object)
