"""Children's services: the case system's CSV files and the children in need census as XML.

Invariant: the census has no names; its child id is the case system's.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

from areas.maker.agencies.common import (
    Desk,
    Extract,
    coded,
    contacts_of,
    facts_of,
    first_line,
    parts_of,
    subject_of,
    write_tables,
    written_date,
)
from areas.maker.columns import NEVER, Columns, date_texts, size, take, texts
from areas.maker.sightings import Book

_DATE = "%d-%b-%Y"
TYPES = {
    "referral": "REF",
    "assessment": "SA",
    "child_concern": "CON",
    "strategy_discussion": "STRAT",
    "exploitation": "EXPL",
}
OUTCOMES = {
    "open": "Open",
    "ongoing": "In progress",
    "closed": "Closed",
    "no_further_action": "NFA",
}
PLANS = {
    "child_protection": "CPP",
    "child_in_need": "CIN",
    "looked_after": "CLA",
    "early_help": "EH",
    "care_leaver": "CL",
}
LEVELS = {"": "", "low": "1", "medium": "2", "high": "3", "critical": "4"}
RELATIONS = {"parent": "PAR", "partner": "PTR", "former_partner": "XPT"}


def write(book: Book, desk: Desk) -> tuple[list[Extract], Columns]:
    """Write the case system's four files and the census.

    Returns:
        The extracts, and the people of the census for the truth.
    """
    contacts = contacts_of(book, _number)
    contacts["subject"] = subject_of(parts_of(book, _number), contacts)
    facts = facts_of(book, lambda serial: f"PL{serial + 70_000}", ("plan",))
    tables = {
        "people": _people(book, desk),
        "contacts": _contacts(contacts, desk),
        "plans": _plans(facts),
        "relationships": _relationships(book),
    }
    extracts = write_tables(
        desk, tables, agency="children", dataset="lcs", name="lcs_{}.csv", people="people"
    )
    census = _write_census(book, desk, contacts, facts)
    extracts.append(
        Extract(
            file="cin_census.xml",
            agency="children",
            dataset="cin",
            layout="census",
            rows=size(census),
            people=size(census),
        )
    )
    return extracts, census


def _number(serial: int) -> str:
    return f"CT{serial + 500_000}"


def _people(book: Book, desk: Desk) -> Columns:
    people = book.people
    workers = texts(["J. Hale 01632 960210", "R. Osei 01632 960221", ""])
    return {
        "PersonID": people["key"],
        "UPN": people["upn"],
        "NHSNo": people["nhs"],
        "First Name": people["given"],
        "Middle Names": people["middle"],
        "Last Name": people["family"],
        "Date of Birth": written_date(people["birth"], _DATE, "%Y"),
        "Gender": coded(people["sex"], {"male": "Male", "female": "Female", "": "Not known"}),
        "Address Line 1": first_line(people),
        "Address Line 2": people["town"],
        "Post Code": people["postcode"],
        "UPRN": people["uprn"],
        "Address From": written_date(people["from"], _DATE),
        "Phone": people["phone"],
        "Worker": workers[desk.rng.integers(0, 3, size(people))],
        "Updated": written_date(people["asked"], _DATE),
    }


def _contacts(contacts: Columns, desk: Desk) -> Columns:
    where = take(desk.population.places.columns, contacts["dwelling"])
    return {
        "ContactID": contacts["key"],
        "PersonID": contacts["subject"],
        "Date": date_texts(contacts["on"], _DATE),
        "Type": coded(contacts["category"], TYPES),
        "Outcome": coded(contacts["status"], OUTCOMES),
        "Level": coded(contacts["severity"], LEVELS),
        "Team": contacts["service"],
        "Address": first_line(where),
        "Post Code": where["postcode"],
        "Notes": contacts["summary"],
        "Ring": contacts["ring"],
    }


def _plans(facts: Columns) -> Columns:
    return {
        "PlanID": facts["key"],
        "PersonID": facts["record"],
        "Plan": coded(facts["code"], PLANS),
        "Start": date_texts(facts["start"], _DATE),
        "End": date_texts(facts["end"], _DATE),
        "Worker": facts["ring"],
    }


def _relationships(book: Book) -> Columns:
    ties = book.ties[0]
    return {
        "PersonID": ties["record"],
        "Is": coded(ties["relation"], RELATIONS),
        "OfPersonID": ties["other"],
    }


def _write_census(book: Book, desk: Desk, contacts: Columns, facts: Columns) -> Columns:
    """The census: children with a referral in the last two years, without names."""
    year = int(desk.as_of[:4])
    since = desk.population.until - 730
    subject = contacts["subject"]
    referred = (contacts["category"] == "referral") & (contacts["on"] > since) & (subject != "")
    order = {key: at for at, key in enumerate(book.people["key"].tolist())}
    details: dict[str, list[str]] = {}
    for at in np.flatnonzero(referred):
        details.setdefault(subject[at], []).append(_referral(contacts, int(at), facts, subject[at]))
    keys = sorted(key for key in details if key.startswith("C"))
    children = take(book.people, np.array([order[key] for key in keys], dtype=np.int64))
    body = "".join(_child(children, at, "".join(details[key])) for at, key in enumerate(keys))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n  <Header>\n    <CollectionDetails>\n'
        f"      <Collection>CIN</Collection>\n      <Year>{year}</Year>\n"
        f"      <ReferenceDate>{desk.as_of}</ReferenceDate>\n    </CollectionDetails>\n"
        "    <Source>\n      <SourceLevel>L</SourceLevel>\n"
        f"      <LEA>{desk.authority}</LEA>\n"
        "      <SoftwareCode>Kith invented area</SoftwareCode>\n"
        "      <SerialNo>001</SerialNo>\n"
        f"      <DateTime>{desk.as_of}T06:00:00</DateTime>\n    </Source>\n  </Header>\n"
        f"  <Children>\n{body}  </Children>\n</Message>\n"
    )
    (desk.folder / "cin_census.xml").write_text(text, encoding="utf-8", newline="\n")
    return children


def _referral(contacts: Columns, at: int, facts: Columns, key: str) -> str:
    on = date_texts(contacts["on"][[at]])[0]
    need = f"N{1 + int(contacts['number'][at]) % 8}"
    source = ("2A", "6", "3B", "1A", "5B")[int(contacts["number"][at]) % 5]
    closed = contacts["status"][at] in {"closed", "no_further_action"}
    nfa = "true" if contacts["status"][at] == "no_further_action" else "false"
    ended = date_texts(contacts["on"][[at]] + 40)[0]
    closure = (
        f"        <CINclosureDate>{ended}</CINclosureDate>\n"
        "        <ReasonForClosure>RC8</ReasonForClosure>\n"
        if closed
        else ""
    )
    plans = "".join(
        _protection(facts, int(row))
        for row in np.flatnonzero((facts["record"] == key) & (facts["code"] == "child_protection"))
    )
    return (
        f"      <CINdetails>\n        <CINreferralDate>{on}</CINreferralDate>\n"
        f"        <ReferralSource>{source}</ReferralSource>\n"
        f"        <PrimaryNeedCode>{need}</PrimaryNeedCode>\n{closure}"
        f"        <ReferralNFA>{nfa}</ReferralNFA>\n{plans}      </CINdetails>\n"
    )


def _protection(facts: Columns, row: int) -> str:
    start = date_texts(facts["start"][[row]])[0]
    end = facts["end"][row]
    ended = (
        f"          <CPPendDate>{date_texts(facts['end'][[row]])[0]}</CPPendDate>\n"
        if end < NEVER
        else ""
    )
    abuse = ("NEG", "EMO", "PHY", "MUL")[row % 4]
    return (
        f"        <ChildProtectionPlans>\n          <CPPstartDate>{start}</CPPstartDate>\n{ended}"
        f"          <InitialCategoryOfAbuse>{abuse}</InitialCategoryOfAbuse>\n"
        f"          <LatestCategoryOfAbuse>{abuse}</LatestCategoryOfAbuse>\n"
        "          <NumberOfPreviousCPP>1</NumberOfPreviousCPP>\n        </ChildProtectionPlans>\n"
    )


def _child(children: Columns, at: int, details: str) -> str:
    upn = children["upn"][at]
    number = f"<UPN>{escape(upn)}</UPN>" if upn else "<UPNunknown>UN5</UPNunknown>"
    birth = children["birth"][at]
    born = f"        <PersonBirthDate>{birth}</PersonBirthDate>\n" if len(birth) == 10 else ""
    sex = {"male": "1", "female": "2", "": "0"}[children["sex"][at]]
    return (
        "    <Child>\n      <ChildIdentifiers>\n"
        f"        <LAchildID>{children['key'][at]}</LAchildID>\n        {number}\n{born}"
        f"        <GenderCurrent>{sex}</GenderCurrent>\n      </ChildIdentifiers>\n"
        "      <ChildCharacteristics>\n"
        f"        <Ethnicity>{children['ethnicity'][at]}</Ethnicity>\n"
        f"      </ChildCharacteristics>\n{details}    </Child>\n"
    )
