"""Health: demographics as a FHIR R4 Bundle, and the emergency department as CSV.

Invariant: the Bundle's patients are shaped as the Personal Demographics Service answers them.
"""

from __future__ import annotations

import json
from typing import Any

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    first_line,
    parts_of,
    subject_of,
    written_date,
)
from areas.maker.columns import date_texts, size
from areas.maker.files import write_csv
from areas.maker.sightings import Book

_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_VERIFIED = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
)
_SECRECY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_DATE = "%d %b %Y"

COMPLAINTS = {
    "emergency_attendance": "ATT",
    "fall": "FALL",
    "self_harm": "DSH",
    "alcohol": "ETOH",
    "drugs": "OD",
    "admission": "ADM",
}
STATUS = {
    "open": "In dept",
    "ongoing": "Follow up",
    "closed": "Discharged",
    "no_further_action": "Left before seen",
}


def write_demographics(book: Book, desk: Desk) -> list[Extract]:
    """Write the patients as one Bundle of type searchset."""
    people = book.people
    lines = first_line(people)
    entries = [_patient(people, at, lines[at]) for at in range(size(people))]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    head = json.dumps(bundle, ensure_ascii=False)[:-1]
    rows = ",\n".join(
        json.dumps({"resource": entry}, ensure_ascii=False, separators=(",", ":"))
        for entry in entries
    )
    path = desk.folder / "pds_patients.json"
    path.write_text(f'{head}, "entry": [\n{rows}\n]}}\n', encoding="utf-8", newline="\n")
    return [
        Extract(
            file=path.name,
            agency="nhs",
            dataset="pds",
            layout="patients",
            rows=len(entries),
            people=len(entries),
        )
    ]


def _patient(people: dict[str, Any], at: int, line: str) -> dict[str, Any]:
    number = people["nhs"][at]
    restricted = bool(people["restricted"][at])
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "id": number,
        "identifier": [{"system": _NUMBER, "value": number, "extension": [_verified()]}],
        "meta": {
            "versionId": "1",
            "lastUpdated": f"{people['asked'][at]}T00:00:00+00:00",
            "security": [_secrecy(restricted)],
        },
        "name": [
            {
                "id": "1",
                "use": "usual",
                "family": people["family"][at],
                "given": [people["given"][at], *people["middle"][at].split()],
            }
        ],
        "gender": people["sex"][at] or "unknown",
    }
    if people["birth"][at]:
        patient["birthDate"] = people["birth"][at]
    if people["death"][at]:
        patient["deceasedDateTime"] = f"{people['death'][at]}T00:00:00+00:00"
    if people["phone"][at]:
        phone = {"id": "2", "system": "phone", "use": "mobile", "value": people["phone"][at]}
        patient["telecom"] = [phone]
    if people["street"][at] and not restricted:
        address: dict[str, Any] = {"id": "3", "use": "home"}
        if people["from"][at]:
            address["period"] = {"start": people["from"][at]}
        address["line"] = [part for part in (line.upper(), people["town"][at].upper()) if part]
        if people["postcode"][at]:
            address["postalCode"] = people["postcode"][at]
        patient["address"] = [address]
    return patient


def _verified() -> dict[str, Any]:
    coding = {
        "system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus",
        "version": "1.0.0",
        "code": "01",
        "display": "Number present and verified",
    }
    return {"url": _VERIFIED, "valueCodeableConcept": {"coding": [coding]}}


def _secrecy(restricted: bool) -> dict[str, str]:
    code, display = ("R", "restricted") if restricted else ("U", "unrestricted")
    return {"system": _SECRECY, "code": code, "display": display}


def write_emergency(book: Book, desk: Desk) -> list[Extract]:
    """Write the emergency department's patients and attendances."""
    people, folder = book.people, desk.folder

    def number(serial: int) -> str:
        return f"ED{serial + 200_000}"

    patients = {
        "Hospital No": people["key"],
        "NHS Number": people["nhs"],
        "Surname": people["family"],
        "Forenames": people["given"],
        "DoB": written_date(people["birth"], _DATE),
        "Sex": coded(people["sex"], {"male": "1", "female": "2", "": "0"}),
        "Address1": first_line(people),
        "Address2": people["town"],
        "Postcode": people["postcode"],
        "Mobile": people["phone"],
        "Registered": written_date(people["asked"], _DATE),
    }
    write_csv(folder / "ed_patients.csv", patients)
    contacts = contacts_of(book, number)
    attendances = {
        "Attendance": contacts["key"],
        "Hospital No": subject_of(parts_of(book, number), contacts),
        "Arrived": date_texts(contacts["on"], "%d/%m/%y"),
        "Complaint": coded(contacts["category"], COMPLAINTS),
        "Disposal": coded(contacts["status"], STATUS),
        "Department": contacts["service"],
        "Text": contacts["summary"],
        "Contact": contacts["ring"],
    }
    write_csv(folder / "ed_attendances.csv", attendances)
    rows = {"patients": size(people), "attendances": size(contacts)}
    return [
        Extract(
            file=f"ed_{layout}.csv",
            agency="nhs",
            dataset="emergency",
            layout=layout,
            rows=count,
            people=count if layout == "patients" else 0,
        )
        for layout, count in rows.items()
    ]
