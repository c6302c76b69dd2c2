"""How each of Gwent's five agencies writes: headers, dates, codes, encoding, separator.

Invariant: no two agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from areas.maker.agencies import nhs, police

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
    involved: Mapping[str, str] = field(default_factory=dict)
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
        involved={"key": "Occurrence", "record": "Nominal", "role": "Role"},
        roles=police.ROLES,
        upper=True,
    ),
}
