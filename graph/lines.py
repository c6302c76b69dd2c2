"""Contacts and indicators as lines of an answer.

Invariant: whom a contact involved is told at level detail only, and only of people of whom the
viewer may see a record; several contacts alike become one line only if nothing sets them apart.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

from governance.viewer import Level
from graph.answers import AddressCard, ContactLine, IndicatorLine, PersonRef
from graph.disclosure import Desk, latest_only, places_withheld
from graph.people import People
from graph.stays import card
from graph.store import Row

_OPEN = frozenset({"open", "ongoing"})
_GRAVE = frozenset({"high", "critical"})
Parts = dict[str, list[tuple[str, str | None]]]
"""Contact -> the people who have a part in it, each with the role."""


def contacts_at(desk: Desk, people: People, address_ids: Sequence[str]) -> list[ContactLine]:
    """The contacts at addresses, newest first."""
    rows, parts = _told_at(desk, address_ids)
    kept = desk.cut("contact", rows)
    people.fetch(person for row in kept for person, _ in parts[row["contact_id"]])
    return newest_first(
        contact_line(
            desk,
            row,
            people=_people(people, row, parts[row["contact_id"]]),
            nobody_named=row["level"] == Level.DETAIL and not parts[row["contact_id"]],
        )
        for row in kept
    )


def rows_at(desk: Desk, address_ids: Sequence[str]) -> list[Row]:
    """The rows of which an address check tells, those at level existence too, not yet cut."""
    return _told_at(desk, address_ids)[0]


def _told_at(desk: Desk, address_ids: Sequence[str]) -> tuple[list[Row], Parts]:
    """Contacts at addresses that latest-only leaves, and who is named in them."""
    found = desk.rows("contacts_at", address_ids=list(address_ids))
    existing = [row for row in found if row["level"] <= Level.EXISTENCE]
    rows = [row for row in found if row["level"] > Level.EXISTENCE and not places_withheld(row)]
    parts = _parts(desk, rows)
    hidden = _not_latest(desk, {person for entry in parts.values() for person, _ in entry})
    kept = []
    for row in rows:
        named = parts.get(row["contact_id"], [])
        left = [entry for entry in named if (entry[0], row["contact_id"]) not in hidden]
        if named and not left:
            continue
        parts[row["contact_id"]] = left
        kept.append(row)
    nameless = [row for row in kept if not parts[row["contact_id"]]]
    latest = {row["contact_id"] for row in latest_only(desk, nameless, "address_id")}
    kept = [row for row in kept if parts[row["contact_id"]] or row["contact_id"] in latest]
    return [*existing, *kept], parts


def contacts_of(
    desk: Desk, people: People, person_id: str, places: bool = True
) -> list[ContactLine]:
    """The contacts that a person has a part in, newest first, with the others in them."""
    rows = latest_of(desk, person_id)
    once = {row["contact_id"]: row for row in rows}
    parts = _parts(desk, list(once.values()))
    others = {person for entry in parts.values() for person, _ in entry} - {person_id}
    hidden = _not_latest(desk, others)
    beside = {
        contact_id: [
            entry
            for entry in parts.get(contact_id, [])
            if entry[0] != person_id and (entry[0], contact_id) not in hidden
        ]
        for contact_id in once
    }
    people.fetch(person for entry in beside.values() for person, _ in entry)
    where = _places(desk, list(once)) if places else {}
    lines = []
    for contact_id, row in once.items():
        lines.append(
            contact_line(
                desk,
                row,
                people=_people(people, row, beside[contact_id]),
                role=row["role"] if row["level"] == Level.DETAIL else None,
                address=where.get(contact_id),
            )
        )
    return newest_first(lines)


def latest_of(desk: Desk, person_id: str) -> list[Row]:
    """The contacts that a person has a part in, cut to the grants, the latest only if so granted.

    Which is the latest is asked before the cut: the day itself may be withheld.
    """
    rows = desk.rows("contacts_of", person_ids=[person_id])
    rows.sort(key=lambda row: (row["contact_id"], row["record_id"], row["role"] or ""))
    desk.cut("contact", rows)
    told = [row for row in rows if row["level"] > Level.EXISTENCE]
    return desk.cut("contact", latest_only(desk, told, "person_id"))


def contacts_elsewhere(
    desk: Desk, people: People, person_ids: Sequence[str], told: Iterable[str]
) -> list[ContactLine]:
    """The contacts of some people beside those `told` already, newest first.

    Each names the people asked about who have a part in it, and where it was.
    """
    known = set(told)
    found: dict[str, ContactLine] = {}
    for person_id in person_ids:
        for line in contacts_of(desk, people, person_id):
            if line.contact_id in known:
                continue
            own = people.ref(person_id, line.role)
            before = found.get(line.contact_id, line).people
            beside = [entry for entry in before if entry.person_id != person_id]
            found[line.contact_id] = dataclasses.replace(line, role=None, people=(own, *beside))
    return newest_first(found.values())


def contact_line(
    desk: Desk,
    row: Row,
    *,
    people: tuple[PersonRef, ...] = (),
    role: str | None = None,
    address: AddressCard | None = None,
    nobody_named: bool = False,
) -> ContactLine:
    """One contact; notes the disclosure."""
    source = desk.source(row["agency_id"])
    desk.note(row["contact_id"], address.address_id if address else None)
    return ContactLine(
        contact_id=row["contact_id"],
        category=row["category"],
        on_date=row["on_date"],
        first_on=row["on_date"],
        times=1,
        is_open=row["status"] in _OPEN,
        status=row["status"],
        service=row["service"],
        severity=row["severity"],
        reference=row["reference"],
        summary=row["summary"],
        agency_id=row["agency_id"],
        agency_label=source.label,
        ring=row["ring"] or source.ring,
        people=people,
        nobody_named=nobody_named,
        role=role,
        address=address,
        is_headline=row["level"] == Level.HEADLINE,
        contact_ids=(row["contact_id"],),
    )


def indicator_line(desk: Desk, row: Row, person: PersonRef | None = None) -> IndicatorLine:
    """One indicator; notes the disclosure."""
    source = desk.source(row["agency_id"])
    desk.note(row["indicator_id"])
    today = desk.viewer.on
    begun = row["valid_from"] is None or row["valid_from"] <= today
    return IndicatorLine(
        indicator_id=row["indicator_id"],
        kind=row["kind"],
        code=row["code"],
        value=row["value"],
        severity=row["severity"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        in_force=begun and (row["valid_to"] is None or row["valid_to"] >= today),
        agency_id=row["agency_id"],
        agency_label=source.label,
        ring=row["ring"] or source.ring,
        person=person,
        is_headline=row["level"] == Level.HEADLINE,
    )


def grouped(lines: Iterable[ContactLine]) -> tuple[ContactLine, ...]:
    """Contacts alike (agency, category, people, open or not) as one line each, newest first."""
    alike: dict[tuple[object, ...], list[ContactLine]] = defaultdict(list)
    for line in lines:
        key: tuple[object, ...] = (
            line.agency_id,
            line.category,
            line.is_open,
            line.is_headline,
            frozenset(person.person_id for person in line.people),
            line.contact_id if line.severity in _GRAVE else None,
            line.address.address_id if line.address else None,
        )
        alike[key].append(line)
    return tuple(newest_first(_folded(newest_first(group)) for group in alike.values()))


def newest_first(lines: Iterable[ContactLine]) -> list[ContactLine]:
    """By day, unknown days last; the id settles the rest."""
    return sorted(lines, key=lambda line: (str(line.on_date or ""), line.contact_id), reverse=True)


def _folded(group: list[ContactLine]) -> ContactLine:
    days = [line.on_date for line in group if line.on_date]
    return dataclasses.replace(
        group[0],
        first_on=min(days, default=None),
        times=len(group),
        contact_ids=tuple(line.contact_id for line in group),
    )


def _parts(desk: Desk, rows: Sequence[Row]) -> Parts:
    """Who has a part in contacts at level detail."""
    told = {row["contact_id"]: row for row in rows if row["level"] == Level.DETAIL}
    parts: Parts = defaultdict(list)
    for part in desk.rows("people_of_contacts", contact_ids=sorted(told)):
        if part["level"] > Level.EXISTENCE:
            withheld = "role" in desk.grant(told[part["contact_id"]]).withheld
            entry = (part["person_id"], None if withheld else part["role"])
            if entry not in parts[part["contact_id"]]:
                parts[part["contact_id"]].append(entry)
    for entries in parts.values():
        entries.sort(key=lambda entry: (entry[0], entry[1] or ""))
    return parts


def _not_latest(desk: Desk, person_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Person and contact, where a latest-only grant shows a later contact of that person."""
    if not any(grant.latest_only for grant in desk.viewer.grants.values()):
        return set()
    rows = [
        row
        for row in desk.rows("contacts_of", person_ids=sorted(person_ids))
        if row["level"] > Level.EXISTENCE
    ]
    pairs = {(row["person_id"], row["contact_id"]) for row in rows}
    kept = latest_only(desk, rows, "person_id")
    return pairs - {(row["person_id"], row["contact_id"]) for row in kept}


def _people(
    people: People, row: Row, entries: Iterable[tuple[str, str | None]]
) -> tuple[PersonRef, ...]:
    if row["level"] != Level.DETAIL:
        return ()
    return tuple(people.ref(person, role) for person, role in entries if people.known(person))


def _places(desk: Desk, contact_ids: Sequence[str]) -> dict[str, AddressCard]:
    rows = desk.rows("places_of_contacts", contact_ids=sorted(contact_ids))
    return {
        row["contact_id"]: card(row)
        for row in rows
        if row["level"] == Level.DETAIL and not places_withheld(row)
    }
