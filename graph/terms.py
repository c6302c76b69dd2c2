"""What policy asks about the facts of a person, an address, a record or a contact: no values.

Invariant: what leaves here of a fact is its id, its share key and what `governance.decisions`
asks of it, so that an officer who may see nobody can be told why somebody else may.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from governance.decisions import Fact, decide
from governance.viewer import Grant, Level, Viewer
from graph.consistent import read_whole
from graph.disclosure import Desk
from graph.store import GraphStore, Row


@dataclass(frozen=True, kw_only=True)
class FactTerms:
    """A fact as policy asks about it; `tie` is the record by which it is a person's."""

    fact_id: str
    fact: Fact
    tie: Fact | None = None
    tie_id: str | None = None


def terms_of(
    store: GraphStore, officer: Viewer, share_keys: Iterable[str], sees: Viewer, subject_id: str
) -> list[FactTerms]:
    """The facts about a subject; a contact or a record is its person's or address's, by itself.

    Args:
        officer: who asks; their grants are replaced by one that shows that a fact is there.
        share_keys: every share key there is.
        sees: of whom it is asked: which contact is the latest depends on what they see.
    """
    keys = list(share_keys)
    every, careful = (_existence(officer, keys, restricted) for restricted in (True, False))
    read = _Read(Desk(store=store, viewer=every), Desk(store=store, viewer=careful), sees)
    return read_whole(store, lambda: read.of(subject_id))


class _Read:
    """One question under way."""

    def __init__(self, desk: Desk, careful: Desk, sees: Viewer) -> None:
        self._desk = desk
        self._careful = careful
        self._sees = sees

    def of(self, subject_id: str) -> list[FactTerms]:
        if subject_id.startswith("a_"):
            return self._at(subject_id)
        if subject_id.startswith("r_"):
            rows = self._desk.rows("people_of_records", record_ids=[subject_id])
            found = [each for row in rows for each in self._about(row["person_id"])]
            return [e for e in found if subject_id in (e.fact_id, e.tie_id)]
        if subject_id.startswith("c_"):
            return [each for each in self._contact(subject_id) if each.fact_id == subject_id]
        return self._about(subject_id)

    def _contact(self, contact_id: str) -> list[FactTerms]:
        parts = self._desk.rows("people_of_contacts", contact_ids=[contact_id])
        people = sorted({row["person_id"] for row in parts})
        if people:
            return [each for person in people for each in self._about(person)]
        places = self._desk.rows("places_of_contacts", contact_ids=[contact_id])
        return [e for place in {row["address_id"] for row in places} for e in self._at(place)]

    def _about(self, person_id: str) -> list[FactTerms]:
        records = self._desk.rows("records_of", person_ids=[person_id])
        hidden = bool(records) and not self._careful.rows("records_of", person_ids=[person_id])
        ties = {row["record_id"]: _record(row, hidden) for row in records}
        found = [FactTerms(fact_id=key, fact=fact) for key, fact in ties.items()]
        contacts = self._desk.rows("contacts_of", person_ids=[person_id])
        latest = self._latest(contacts, ties, hidden)
        found += [
            self._tied(row, _contact(row, hidden, row["contact_id"] in latest), ties)
            for row in contacts
        ]
        found += [
            self._tied(row, _indicator(row, hidden), ties)
            for row in self._desk.rows("indicators_of", person_ids=[person_id])
        ]
        return sorted(found, key=lambda each: (each.fact.what != "record", each.fact_id))

    def _tied(self, row: Row, fact: Fact, ties: dict[str, Fact]) -> FactTerms:
        record_id = row["record_id"]
        tie = dataclasses.replace(ties[record_id]) if record_id in ties else None
        fact_id = row["contact_id"] if fact.what == "contact" else row["indicator_id"]
        return FactTerms(fact_id=fact_id, fact=fact, tie=tie, tie_id=record_id)

    def _latest(self, contacts: list[Row], ties: dict[str, Fact], hidden: bool) -> set[str]:
        """The contacts that are the latest of their agency and category of those seen."""
        newest: dict[tuple[str, str], tuple[tuple[bool, str, str], str]] = {}
        for row in contacts:
            grant = self._sees.grants.get(row["share_key"])
            if grant is None or grant.level == Level.EXISTENCE or not grant.latest_only:
                continue
            tie = ties.get(row["record_id"])
            both = decide(self._sees, _contact(row, hidden, True)).allowed
            if not both or tie is None or not decide(self._sees, tie).allowed:
                continue
            key = (row["agency_id"], row["category"])
            age = (row["on_date"] is not None, str(row["on_date"]), row["contact_id"])
            newest[key] = max(newest.get(key, (age, "")), (age, row["contact_id"]))
        kept = {contact_id for _, contact_id in newest.values()}
        return kept | {
            row["contact_id"]
            for row in contacts
            if (row["agency_id"], row["category"]) not in newest
        }

    def _at(self, address_id: str) -> list[FactTerms]:
        found: dict[str, FactTerms] = {}
        for row in self._desk.rows("stays_at", address_ids=[address_id]):
            person = self._careful.rows("records_of", person_ids=[row["person_id"]])
            fact = Fact(
                what="stay",
                share_key=row["share_key"],
                on=row["record_updated_on"],
                restricted=not person,
            )
            found[row["record_id"]] = FactTerms(fact_id=row["record_id"], fact=fact)
        contacts = self._desk.rows("contacts_at", address_ids=[address_id])
        free = {
            row["contact_id"] for row in self._careful.rows("contacts_at", address_ids=[address_id])
        }
        people = self._people_in(row["contact_id"] for row in contacts)
        for row in contacts:
            key = row["contact_id"]
            latest = not people[key] or any(key in self._latest_of(p) for p in people[key])
            found[key] = FactTerms(fact_id=key, fact=_contact(row, key not in free, latest))
        rows = self._careful.rows("indicators_at", address_ids=[address_id])
        free = {row["indicator_id"] for row in rows}
        for row in self._desk.rows("indicators_at", address_ids=[address_id]):
            key = row["indicator_id"]
            found[key] = FactTerms(fact_id=key, fact=_indicator(row, key not in free))
        return [found[key] for key in sorted(found)]

    def _people_in(self, contact_ids: Iterable[str]) -> dict[str, set[str]]:
        people: dict[str, set[str]] = defaultdict(set)
        rows = self._desk.rows("people_of_contacts", contact_ids=sorted(contact_ids))
        for row in rows:
            people[row["contact_id"]].add(row["person_id"])
        return people

    def _latest_of(self, person_id: str) -> set[str]:
        found = self._about(person_id)
        return {e.fact_id for e in found if e.fact.what == "contact" and e.fact.is_latest}


def _existence(officer: Viewer, keys: list[str], restricted: bool) -> Viewer:
    grant = Grant(level=Level.EXISTENCE, restricted_allowed=restricted)
    return dataclasses.replace(
        officer, grants=dict.fromkeys(keys, grant), restricted_allowed=restricted
    )


def _record(row: Row, hidden: bool) -> Fact:
    return Fact(what="record", share_key=row["share_key"], on=row["updated_on"], restricted=hidden)


def _contact(row: Row, hidden: bool, latest: bool) -> Fact:
    return Fact(
        what="contact",
        share_key=row["share_key"],
        on=row["on_date"],
        restricted=hidden,
        is_latest=latest,
    )


def _indicator(row: Row, hidden: bool) -> Fact:
    return Fact(what="indicator", share_key=row["share_key"], on=row["valid_to"], restricted=hidden)
