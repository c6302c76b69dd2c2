"""Gwent's five: three councils' social care, a health board and a police force.

Invariant: each of the five sends three files (people, contacts, flags) and no two agree on
headers, date format, encoding, separator, codes or the case of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from areas.maker.agencies import nhs, police
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
from areas.maker.columns import Array, Columns, date_texts, size, texts
from areas.maker.files import write_csv
from areas.maker.sightings import Book

_CATEGORIES = (
    "referral",
    "assessment",
    "child_concern",
    "strategy_discussion",
    "exploitation",
    "adult_concern",
    "fall",
    "hoarding",
    "welfare_check",
)
_FACTS = (
    "child_protection",
    "child_in_need",
    "looked_after",
    "early_help",
    "care_leaver",
    "care_and_support",
    "adult_safeguarding",
    "lives_alone",
)
_STATUS = ("open", "ongoing", "closed", "no_further_action")
_LEVELS = ("low", "medium", "high", "critical")


def _say(codes: tuple[str, ...]) -> dict[str, str]:
    return {code: code.replace("_", " ").capitalize() for code in codes}


def _number(codes: tuple[str, ...], stem: str) -> dict[str, str]:
    return {code: f"{stem}{at:02d}" for at, code in enumerate(codes, start=1)}


def _shout(codes: tuple[str, ...]) -> dict[str, str]:
    return {code: code.upper() for code in codes}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One agency's way of writing; headers map what Kith calls a thing to the agency's word."""

    agency: str
    dataset: str
    prefix: str
    delimiter: str
    encoding: str
    date: str
    people: Mapping[str, str]
    contacts: Mapping[str, str]
    facts: Mapping[str, str]
    sex: Mapping[str, str]
    categories: Mapping[str, str]
    marks: Mapping[str, str]
    status: Mapping[str, str]
    levels: Mapping[str, str]
    roles: Mapping[str, str] = field(default_factory=dict)
    upper: bool = False
    forenames_together: bool = False


LAYOUTS: dict[str, Layout] = {
    "bg_social": Layout(
        agency="bg_social",
        dataset="wccis",
        prefix="bg_wccis",
        delimiter=",",
        encoding="cp1252",
        date="%d/%m/%Y",
        people={
            "key": "Client ID",
            "family": "Surname",
            "given": "Forename",
            "middle": "Second Forename",
            "birth": "Date of Birth",
            "sex": "Gender",
            "nhs": "NHS Number",
            "line": "Address",
            "town": "Town",
            "postcode": "Postcode",
            "uprn": "UPRN",
            "from": "At Address Since",
            "phone": "Telephone",
            "death": "Date of Death",
            "asked": "Last Reviewed",
        },
        contacts={
            "key": "Contact ID",
            "subject": "Client ID",
            "on": "Contact Date",
            "category": "Reason",
            "status": "Outcome",
            "severity": "Priority",
            "line": "Address",
            "postcode": "Postcode",
            "uprn": "UPRN",
            "service": "Team",
            "ring": "Worker",
            "summary": "Details",
        },
        facts={
            "key": "Plan ID",
            "record": "Client ID",
            "code": "Plan Type",
            "start": "Start Date",
            "end": "End Date",
            "ring": "Worker",
        },
        sex={"male": "Male", "female": "Female", "": "Unknown"},
        categories=_say(_CATEGORIES),
        marks=_say(_FACTS),
        status=_say(_STATUS),
        levels={"": ""} | _say(_LEVELS),
    ),
    "caerphilly_social": Layout(
        agency="caerphilly_social",
        dataset="swift",
        prefix="ccbc_swift",
        delimiter="|",
        encoding="utf-8",
        date="%d-%b-%y",
        people={
            "key": "PERSON_NO",
            "given": "FIRST_NAME",
            "middle": "MIDDLE_NAME",
            "family": "LAST_NAME",
            "birth": "DOB",
            "sex": "SEX",
            "nhs": "NHS",
            "line": "ADDR_LINE_1",
            "town": "ADDR_LINE_2",
            "postcode": "POST_CODE",
            "uprn": "UPRN",
            "phone": "TEL",
            "asked": "UPDATED",
        },
        contacts={
            "key": "EPISODE_NO",
            "subject": "PERSON_NO",
            "on": "EPISODE_DATE",
            "category": "EPISODE_CODE",
            "status": "STATE",
            "severity": "PRIORITY",
            "line": "ADDR_LINE_1",
            "postcode": "POST_CODE",
            "service": "TEAM",
            "ring": "DUTY",
            "summary": "NOTES",
        },
        facts={
            "key": "SERVICE_NO",
            "record": "PERSON_NO",
            "code": "SERVICE_CODE",
            "start": "FROM_DATE",
            "end": "TO_DATE",
            "ring": "DUTY",
        },
        sex={"male": "1", "female": "2", "": "9"},
        categories=_number(_CATEGORIES, "C"),
        marks=_number(_FACTS, "S"),
        status=_number(_STATUS, "0"),
        levels={"": ""} | _number(_LEVELS, "P"),
        upper=True,
    ),
    "torfaen_social": Layout(
        agency="torfaen_social",
        dataset="draig",
        prefix="torfaen_draig",
        delimiter=";",
        encoding="utf-8-sig",
        date="%Y-%m-%d",
        people={
            "key": "draig_id",
            "family": "surname",
            "given": "forenames",
            "birth": "born",
            "sex": "gender",
            "nhs": "nhs_no",
            "house": "house",
            "street": "street",
            "flat": "flat",
            "town": "locality",
            "postcode": "postcode",
            "uprn": "uprn",
            "from": "address_from",
            "phone": "phone",
            "death": "died",
            "asked": "modified",
        },
        contacts={
            "key": "contact_id",
            "subject": "draig_id",
            "on": "date",
            "category": "type",
            "status": "status",
            "severity": "risk",
            "line": "address",
            "postcode": "postcode",
            "uprn": "uprn",
            "service": "team",
            "ring": "ring",
            "summary": "text",
        },
        facts={
            "key": "plan_id",
            "record": "draig_id",
            "code": "plan",
            "start": "start",
            "end": "finish",
            "ring": "ring",
        },
        sex={"male": "M", "female": "F", "": ""},
        categories=_shout(_CATEGORIES),
        marks=_shout(_FACTS),
        status=_shout(_STATUS),
        levels={"": ""} | _shout(_LEVELS),
        forenames_together=True,
    ),
    "health_board": Layout(
        agency="health_board",
        dataset="epex",
        prefix="abuhb_epex",
        delimiter=",",
        encoding="utf-8",
        date="%d %b %Y",
        people={
            "key": "EPEX No",
            "nhs": "NHS No",
            "family": "Family Name",
            "given": "Given Name",
            "middle": "Other Names",
            "birth": "DoB",
            "sex": "Sex",
            "line": "Usual Address 1",
            "town": "Usual Address 2",
            "postcode": "Usual Postcode",
            "phone": "Mobile",
            "death": "DoD",
            "asked": "Demographics Checked",
        },
        contacts={
            "key": "Attendance No",
            "subject": "EPEX No",
            "on": "Date",
            "category": "Type",
            "status": "Result",
            "severity": "Triage",
            "service": "Unit",
            "ring": "Contact",
            "summary": "Comment",
        },
        facts={
            "key": "Alert No",
            "record": "EPEX No",
            "code": "Alert",
            "start": "From",
            "end": "To",
            "ring": "Contact",
        },
        sex={"male": "M", "female": "F", "": "U"},
        categories=nhs.COMPLAINTS,
        marks={},
        status=nhs.STATUS,
        levels={"": ""} | _number(_LEVELS, "T"),
    ),
    "gwent_police": Layout(
        agency="gwent_police",
        dataset="niche",
        prefix="gwent_niche",
        delimiter=",",
        encoding="cp1252",
        date="%d/%m/%Y",
        people={
            "key": "Nominal",
            "family": "SURNAME",
            "given": "FORENAME 1",
            "middle": "FORENAME 2",
            "birth": "D.O.B.",
            "sex": "Gender",
            "flat": "Sub Building",
            "house": "House",
            "street": "Street",
            "town": "Town",
            "postcode": "Post Code",
            "uprn": "UPRN",
            "phone": "Telephone",
            "asked": "Last Contact",
        },
        contacts={
            "key": "Occurrence",
            "subject": "Nominal",
            "role": "Role",
            "on": "Reported",
            "category": "Crime Class",
            "status": "Status",
            "severity": "Risk",
            "flat": "Sub Building",
            "house": "House",
            "street": "Street",
            "postcode": "Post Code",
            "uprn": "UPRN",
            "service": "Team",
            "ring": "Contact",
            "summary": "MO",
        },
        facts={
            "key": "Flag No",
            "record": "Nominal",
            "code": "Flag",
            "severity": "Risk",
            "flat": "Sub Building",
            "house": "House",
            "street": "Street",
            "postcode": "Post Code",
            "uprn": "UPRN",
            "start": "Date Added",
            "end": "Date Removed",
            "ring": "Contact",
        },
        sex={"male": "M", "female": "F", "": "U"},
        categories=police.CLASSES,
        marks=police.MARKERS,
        status=police.STATUS,
        levels=police.RISK,
        roles={"": ""} | police.ROLES,
        upper=True,
    ),
}


def write(book: Book, desk: Desk) -> list[Extract]:
    """Write one agency's people, contacts and flags."""
    layout = LAYOUTS[book.system]
    tables = {
        "people": _people(book, layout),
        "contacts": _contacts(book, desk, layout),
        "flags": _facts(book, desk, layout),
    }
    headers = {"people": layout.people, "contacts": layout.contacts, "flags": layout.facts}
    extracts = []
    for name, columns in tables.items():
        words = headers[name]
        path = desk.folder / f"{layout.prefix}_{name}.csv"
        write_csv(
            path,
            {words[key]: columns[key] for key in words},
            delimiter=layout.delimiter,
            encoding=layout.encoding,
        )
        rows = size(columns)
        extracts.append(
            Extract(
                file=path.name,
                agency=layout.agency,
                dataset=layout.dataset,
                layout=name,
                rows=rows,
                people=rows if name == "people" else 0,
            )
        )
    return extracts


def _people(book: Book, layout: Layout) -> Columns:
    people = dict(book.people)
    people |= _lines(people)
    if layout.forenames_together:
        people["given"] = joined(" ", people["given"], people["middle"])
    if layout.upper:
        for name in ("given", "middle", "family"):
            people[name] = texts([value.upper() for value in people[name]])
    for name in ("birth", "death", "asked", "from"):
        # A year of two digits would lose the century of a birth: those stay long.
        pattern = layout.date.replace("%y", "%Y") if name in {"birth", "death"} else layout.date
        people[name] = written_date(people[name], pattern)
    people["sex"] = coded(people["sex"], dict(layout.sex))
    return people


def _lines(place: Columns) -> Columns:
    return {
        "line": first_line(place),
        "house": joined(" ", place["building"], place["number"]),
    }


def _contacts(book: Book, desk: Desk, layout: Layout) -> Columns:
    def number(serial: int) -> str:
        return f"{layout.prefix[:2].upper()}{serial + 3_000_001}"

    contacts = contacts_of(book, number)
    parts = parts_of(book, number)
    contacts |= _typed(desk, contacts["dwelling"], uprn=0.5)
    contacts["on"] = date_texts(contacts["on"], layout.date)
    contacts["category"] = coded(contacts["category"], dict(layout.categories))
    contacts["status"] = coded(contacts["status"], dict(layout.status))
    contacts["severity"] = coded(contacts["severity"], dict(layout.levels))
    contacts["subject"] = subject_of(parts, contacts)
    first: dict[str, str] = {}
    for contact, role in zip(parts["key"], parts["role"], strict=True):
        first.setdefault(contact, role)
    if layout.roles:
        contacts["role"] = texts([layout.roles[first.get(key, "")] for key in contacts["key"]])
        return _one_row_per_person(contacts, parts, layout)
    return contacts


def _one_row_per_person(contacts: Columns, parts: Columns, layout: Layout) -> Columns:
    """A police occurrence with several people stands once for each of them."""
    at = {key: row for row, key in enumerate(contacts["key"].tolist())}
    seen: set[str] = set()
    rows, people, roles = list(range(size(contacts))), list(contacts["subject"]), []
    roles = list(contacts["role"])
    for key, record, role in zip(parts["key"], parts["record"], parts["role"], strict=True):
        if key not in seen:
            seen.add(key)
            continue
        rows.append(at[key])
        people.append(record)
        roles.append(layout.roles[role])
    order = np.argsort(np.array(rows), kind="stable")
    index = np.array(rows, dtype=np.int64)[order]
    table = {name: values[index] for name, values in contacts.items()}
    table["subject"] = texts(people)[order]
    table["role"] = texts(roles)[order]
    return table


def _facts(book: Book, desk: Desk, layout: Layout) -> Columns:
    facts = facts_of(book, lambda serial: f"{layout.prefix[:2].upper()}F{serial + 50_001}")
    facts |= _typed(desk, facts["dwelling"], uprn=0.7)
    facts["start"] = date_texts(facts["start"], layout.date)
    facts["end"] = date_texts(facts["end"], layout.date)
    facts["code"] = coded(facts["code"], dict(layout.marks))
    facts["severity"] = coded(facts["severity"], dict(layout.levels))
    return facts


def _typed(desk: Desk, dwelling: Array, *, uprn: float) -> Columns:
    place = typed_places(desk, dwelling, uprn=uprn)
    return place | _lines(place)
