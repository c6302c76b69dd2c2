"""The statements of the read models over what one viewer may see, in plain loops.

Invariant: what `Sight` does not show is not in here at all, so an answer made from it cannot
depend on anything hidden: no value, count, order, limit or notice. The grants that reach a
statement are ignored; none is needed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from governance.decisions import HEADLINE_FIELDS
from governance.viewer import Grant, Level, Viewer
from graph import statements
from graph.store import Row, Work
from tests.graph.builders import AGENCIES, World
from tests.oracle.sight import Sight

_TOLD = ("probability", "decided_by", "decided_on", "evidence")
_ALWAYS = frozenset({"agency", "dataset", "share_key", "record_id", "person_id"})


def open_viewer(viewer: Viewer) -> Viewer:
    """The same grants with no term that could still hide anything.

    Whether every record is shown follows from the grants as they were.
    """
    grants = {
        key: Grant(level=grant.level, restricted_allowed=True)
        for key, grant in viewer.grants.items()
    }
    records = viewer.records if _whole(viewer) else frozenset[str]()
    return dataclasses.replace(viewer, grants=grants, records=records)


def _whole(viewer: Viewer) -> bool:
    grants = [viewer.grants.get(key) for key in viewer.records]
    return all(
        grant is not None
        and (grant.level, grant.since) == (Level.DETAIL, dt.date.min)
        and not grant.withheld & {"birth_date", "phone", "address_line"}  # of those drawn
        for grant in grants
    )


class PlainStore:
    """A graph that holds what one viewer may see, and answers each statement by its name."""

    engine = "embedded"

    def __init__(self, world: World, viewer: Viewer) -> None:
        self._rows = world.rows
        self._sight = Sight(world, viewer)
        self._person = {row["record_id"]: row["person_id"] for row in world.rows["link"]}
        self._link = {row["record_id"]: row for row in world.rows["link"]}
        self._records = {row["record_id"]: row for row in world.rows["record"]}
        self._addresses = {row["address_id"]: row for row in world.rows["address"]}
        self._contacts = {row["contact_id"]: row for row in world.rows["contact"]}
        # What joined records may rest on any of them: it is in here if all of them are.
        self._whole = _whole(viewer)
        self._by_text = {statements.text(name): name for name in statements.names()}

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        name = self._by_text[query]
        returns = statements.load(name).returns
        rows = getattr(self, f"_{name}")(
            **{k: v for k, v in (params or {}).items() if k != "grants"}
        )
        return [{column: row.get(column) for column in returns} for row in rows]

    def transaction(self) -> AbstractContextManager[Work]:
        raise AssertionError("read models do not write")

    def scrub(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _projection_state(self) -> list[Row]:
        return []

    def _agencies(self) -> list[Row]:
        return [dataclasses.asdict(agency) for agency in AGENCIES]

    def _address_cards(self, address_ids: list[str]) -> list[Row]:
        return [self._addresses[key] for key in address_ids if key in self._addresses]

    def _addresses_by_postcode(self, begin: str, end: str) -> list[Row]:
        return [row for row in self._found() if begin <= str(row["postcode"]) < end]

    def _addresses_by_street(self, begin: str, end: str, number: str | None) -> list[Row]:
        return [row for row in self._numbered(number) if begin <= _street(row) < end]

    def _addresses_of_streets(self, streets: list[str], number: str | None) -> list[Row]:
        return [row for row in self._numbered(number) if _street(row) in streets]

    def _addresses_by_uprn(self, uprn: str) -> list[Row]:
        return [row for row in self._found() if row["uprn"] == uprn]

    def _streets(self, number: str | None) -> list[Row]:
        return [{"street_key": key} for key in {_street(row) for row in self._numbered(number)}]

    def _records_of(self, person_ids: list[str]) -> Iterator[Row]:
        for person_id in person_ids:
            for key, level in self._sight.records_of(person_id).items():
                hidden = {} if self._whole else dict.fromkeys(_TOLD)
                told = {**self._link[key], **hidden}
                row = self._cut("record", {**self._records[key], **told}, level)
                yield {**row, "level": level}

    def _stays_of(self, person_ids: list[str]) -> Iterator[Row]:
        return (row for row in self._stays() if row["person_id"] in person_ids)

    def _stays_at(self, address_ids: list[str]) -> Iterator[Row]:
        return (row for row in self._stays() if row["address_id"] in address_ids)

    def _people_at_count(self, address_ids: list[str]) -> list[Row]:
        found = []
        for key in address_ids:
            people = {p for p, a, _, level in self._sight.stays() if a == key and level > 1}
            found += [{"address_id": key, "people": len(people)}] if people else []
        return found

    def _contacts_of(self, person_ids: list[str]) -> Iterator[Row]:
        for contact, person, role, record_level, record_id in self._parts():
            if person in person_ids:
                level = self._sight.level(contact, "on_date")
                row = self._cut("contact", {**contact, "role": role}, level)
                if self._sight.guarded(contact):
                    row |= {"summary": None, "reference": None}
                yield {
                    **row,
                    "person_id": person,
                    "record_id": record_id,
                    "record_level": record_level,
                }

    def _contacts_at(self, address_ids: list[str]) -> Iterator[Row]:
        for address_id in address_ids:
            told, _ = self._sight.contacts_at(address_id)
            for row in self._sight.hanging_at(address_id):
                level = self._sight.level(row, "on_date")
                if level == Level.EXISTENCE or row["contact_id"] in told:
                    yield {**self._cut("contact", row, level), "address_id": address_id}

    def _people_of_contacts(self, contact_ids: list[str]) -> Iterator[Row]:
        for contact, person, role, record_level, record_id in self._parts():
            if contact["contact_id"] in contact_ids:
                withheld = "role" in self._withheld(contact)
                yield {
                    "contact_id": contact["contact_id"],
                    "person_id": person,
                    "record_id": record_id,
                    "role": None if withheld else role,
                    "level": record_level,
                }

    def _places_of_contacts(self, contact_ids: list[str]) -> Iterator[Row]:
        for at in self._rows["contact_address"]:
            key, row = at["contact_id"], self._contacts[at["contact_id"]]
            level = self._sight.level(row, "on_date")
            kept = self._sight.guarded(row) or self._sight.placeless(row)
            if key in contact_ids and level and not kept:
                place = self._addresses[at["address_id"]]
                yield {**place, "contact_id": key, "level": level, "withheld": []}

    def _indicators_of(self, person_ids: list[str]) -> Iterator[Row]:
        rows = {row["indicator_id"]: row for row in self._rows["indicator"]}
        for person_id in person_ids:
            for key, (level, record_level) in self._sight.indicators_of(person_id).items():
                row = self._cut("indicator", rows[key], level)
                yield {**row, "person_id": person_id, "record_level": record_level}

    def _indicators_at(self, address_ids: list[str]) -> Iterator[Row]:
        rows = {row["indicator_id"]: row for row in self._rows["indicator"]}
        for address_id in address_ids:
            for key, level in self._sight.indicators_at(address_id).items():
                yield {**self._cut("indicator", rows[key], level), "address_id": address_id}

    def _stated_by(self, person_ids: list[str]) -> Iterator[Row]:
        return self._stated(person_ids, "record_id", "other_id")

    def _stated_about(self, person_ids: list[str]) -> Iterator[Row]:
        return self._stated(person_ids, "other_id", "record_id")

    def _stated(self, person_ids: list[str], mine: str, other: str) -> Iterator[Row]:
        for row in self._sight.statements():
            if self._person[row[mine]] in person_ids:
                yield {
                    "person_id": self._person[row[mine]],
                    "record_id": row[mine],
                    "other_person_id": self._person[row[other]],
                    "other_record_id": row[other],
                    "relation": row["relation"],
                    "agency_id": self._records[row["record_id"]]["agency"],
                }

    def _stays(self) -> Iterator[Row]:
        for row in self._rows["record_address"]:
            record, place = self._records[row["record_id"]], self._addresses[row["address_id"]]
            level = self._sight.record_level(row["record_id"])
            if level and not self._sight.placeless(record):
                sent = {**place, **row, "agency_id": record["agency"], "level": level}
                sent |= {"dataset": record["dataset"], "share_key": record["share_key"]}
                sent |= {"person_id": self._person[row["record_id"]], "withheld": []}
                yield {**sent, "record_updated_on": self._shown_day(record)} | self._days(
                    record, row
                )

    def _days(self, record: Row, row: Row) -> Row:
        hidden = self._withheld(record)
        days = ("from_date", "to_date", "updated_on")
        return {day: None if day in hidden else row[day] for day in days}

    def _shown_day(self, record: Row) -> Any:
        return None if "record_updated_on" in self._withheld(record) else record["updated_on"]

    def _parts(self) -> Iterator[tuple[Row, str, str | None, int, str]]:
        """Contact, person, role, level of the record, record: those that latest-only leaves."""
        for row in self._rows["involvement"]:
            contact, record_id = self._contacts[row["contact_id"]], row["record_id"]
            level = self._sight.level(contact, "on_date")
            record_level = self._sight.record_level(record_id, contact) if level else 0
            person = self._person[record_id]
            told = level == Level.EXISTENCE or row["contact_id"] in self._sight.contacts_of(person)
            if record_level and told:
                yield contact, person, row["role"], record_level, record_id

    def _found(self) -> list[Row]:
        """The addresses of which anything may be told."""
        at = {address for _, address, _, _ in self._sight.stays()}
        return [
            row
            for key, row in sorted(self._addresses.items())
            if key in at or self._sight.indicators_at(key) or any(self._sight.contacts_at(key))
        ]

    def _numbered(self, number: str | None) -> list[Row]:
        return [row for row in self._found() if number in (None, row["number"])]

    def _withheld(self, row: Row) -> frozenset[str]:
        grant = self._sight.grant(row)
        return frozenset() if grant is None else grant.withheld

    def _cut(self, what: str, row: Row, level: int) -> Row:
        """A row without the values that its grant keeps back."""
        kept = {}
        for key, value in row.items():
            shown = key not in self._withheld(row)
            if level < Level.DETAIL and key not in HEADLINE_FIELDS[what]:
                shown = False
            kept[key] = value if shown or key in _ALWAYS else None
        return {**kept, "agency_id": row["agency"], "level": level, "withheld": []}


def _street(row: Row) -> str:
    return str(row["street"]).casefold()
