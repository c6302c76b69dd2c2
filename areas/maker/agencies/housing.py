"""Northgate: tenancies, cases and property flags, semicolons and a byte order mark.

Invariant: a tenancy's end is the day that housing knows of, not the day somebody moved.
"""

from __future__ import annotations

import functools

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
    write_tables,
    written_date,
)
from areas.maker.columns import Array, Columns, date_texts, size, texts
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
    tables = {
        "tenancies": _tenancies(book, desk),
        "cases": _cases(book, desk),
        "flags": _flags(book, desk),
        "household": _household(book),
    }
    return write_tables(
        desk,
        tables,
        agency="housing",
        dataset="northgate",
        name="northgate_{}.csv",
        people="tenancies",
        write=functools.partial(write_csv, delimiter=";", encoding="utf-8-sig"),
    )


def _number(serial: int) -> str:
    return f"CAS-{serial + 10_000}"


def _tenancies(book: Book, desk: Desk) -> Columns:
    people = book.people
    title = coded(people["sex"], {"male": "Mr", "female": "Ms", "": ""})
    return {
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


def _cases(book: Book, desk: Desk) -> Columns:
    contacts = contacts_of(book, _number)
    parts = parts_of(book, _number)
    place = typed_places(desk, contacts["dwelling"], uprn=0.85)
    return {
        "CaseRef": contacts["key"],
        "PersonRef": subject_of(parts, contacts),
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


def _flags(book: Book, desk: Desk) -> Columns:
    facts = facts_of(book, lambda serial: f"FLG{serial + 800}")
    place = typed_places(desk, facts["dwelling"], uprn=0.95)
    return {
        "FlagRef": facts["key"],
        "PersonRef": facts["record"],
        "Flag": coded(facts["code"], FLAGS),
        "Property": joined(", ", first_line(place), place["town"]),
        "PropertyPostcode": place["postcode"],
        "UPRN": place["uprn"],
        "From": date_texts(facts["start"], _DATE),
        "To": date_texts(facts["end"], _DATE),
    }


def _household(book: Book) -> Columns:
    ties = book.ties[0]
    return {
        "PersonRef": ties["record"],
        "Relation": coded(ties["relation"], RELATIONS),
        "ToPersonRef": ties["other"],
    }


def _ended(book: Book, desk: Desk) -> Array:
    """Tenancies that housing knows to have ended: half of those that people have left.

    Of the stories' people it hears nothing that the story does not tell.
    """
    people, population = book.people, desk.population
    now, since = population.dwelling_at(people["person"], np.full(size(people), population.until))
    gone = (now != people["dwelling"]) & (desk.rng.random(size(people)) < 0.6)
    gone &= ~people["told"]
    return np.where(gone, date_texts(np.maximum(since, people["seen"]), _DATE), "").astype(object)
