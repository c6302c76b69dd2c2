"""What one viewer may see of a small world, in plain loops over its tables.

Invariant: nothing here is taken from the statements or the read models; it is the rules of
docs/governance.md and docs/graph.md written a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from governance.viewer import Grant, Level, Viewer
from tests.graph.builders import World

Row = dict[str, Any]
_PLACES = {"address_line", "postcode", "uprn", "flat"}


class Sight:
    """The tables of a world through one viewer's grants."""

    def __init__(self, world: World, viewer: Viewer) -> None:
        self._tables = world.rows
        self._viewer = viewer
        self._person = {row["record_id"]: row["person_id"] for row in world.rows["link"]}
        self._records = {row["record_id"]: row for row in world.rows["record"]}
        self._contacts = {row["contact_id"]: row for row in world.rows["contact"]}
        self._hidden = {row["person_id"] for row in world.rows["person"] if row["restricted"]}

    def grant(self, row: Row) -> Grant | None:
        return self._viewer.grants.get(row["share_key"])

    def level(self, row: Row, day: str, about: Iterable[str] = ()) -> int:
        """0 if nothing of a row may be seen; `about` are the people whom it is about."""
        grant = self.grant(row)
        if grant is None or (row.get(day) is not None and row[day] < grant.since):
            return 0
        if not grant.restricted_allowed and self._hidden & set(about):
            return 0
        return int(grant.level)

    def record_level(self, record_id: str, beside: Row | None = None) -> int:
        """Of a record; `beside` is a fact whose grant must allow its person too."""
        row, person = self._records[record_id], self._person[record_id]
        grant = None if beside is None else self.grant(beside)
        if beside is not None and person in self._hidden:
            assert grant is not None
            if not grant.restricted_allowed:
                return 0
        return self.level(row, "updated_on", [person])

    def records_of(self, person_id: str) -> dict[str, int]:
        """Record -> level, of those of which anything may be seen."""
        own = (key for key, person in self._person.items() if person == person_id)
        return {key: level for key in own if (level := self.record_level(key))}

    def known(self, person_id: str) -> bool:
        return any(level > Level.EXISTENCE for level in self.records_of(person_id).values())

    def existing(self, person_id: str) -> set[str]:
        """Agencies of which it is told only that they know this person."""
        return {
            self._records[key]["agency"]
            for key, level in self.records_of(person_id).items()
            if level == Level.EXISTENCE
        }

    def stays(self) -> list[tuple[str, str, str, int]]:
        """Person, address, agency, level of every residence that may be seen."""
        found = []
        for row in self._tables["record_address"]:
            level = self.record_level(row["record_id"])
            if level and not self.placeless(self._records[row["record_id"]]):
                key = row["record_id"]
                found.append(
                    (self._person[key], row["address_id"], self._records[key]["agency"], level)
                )
        return found

    def placeless(self, row: Row) -> bool:
        grant = self.grant(row)
        return grant is not None and bool(_PLACES & grant.withheld)

    def parts(self) -> list[tuple[Row, str, str | None, int]]:
        """Contact, person, role, level of the record, for every part that may be seen."""
        found = []
        for row in self._tables["involvement"]:
            contact = self._contacts[row["contact_id"]]
            if not self.level(contact, "on_date"):
                continue
            level = self.record_level(row["record_id"], contact)
            if level:
                found.append((contact, self._person[row["record_id"]], row["role"], level))
        return found

    def guarded(self, row: Row) -> bool:
        """Whether somebody restricted has a part in a contact whose grant does not allow them."""
        grant = self.grant(row)
        if grant is not None and grant.restricted_allowed:
            return False
        return any(
            part["contact_id"] == row["contact_id"]
            and self._person[part["record_id"]] in self._hidden
            for part in self._tables["involvement"]
        )

    def latest(self, contacts: Iterable[Row]) -> set[str]:
        """Of one owner's contacts, those that latest-only leaves."""
        rows = list(contacts)
        kept = set()
        for row in rows:
            grant = self.grant(row)
            assert grant is not None
            rivals = [
                (other["on_date"] is not None, str(other["on_date"]), other["contact_id"])
                for other in rows
                if (other["agency"], other["category"]) == (row["agency"], row["category"])
                and (rival := self.grant(other)) is not None
                and rival.latest_only
            ]
            own = (row["on_date"] is not None, str(row["on_date"]), row["contact_id"])
            if not grant.latest_only or own == max(rivals):
                kept.add(row["contact_id"])
        return kept

    def contacts_of(self, person_id: str) -> set[str]:
        """The contacts that a person's page tells of."""
        own = [
            row
            for row, person, _, _ in self.parts()
            if person == person_id and self.level(row, "on_date") > Level.EXISTENCE
        ]
        return self.latest(own)

    def contacts_existing(self, person_id: str) -> set[str]:
        return {
            row["agency"]
            for row, person, _, _ in self.parts()
            if person == person_id and self.level(row, "on_date") == Level.EXISTENCE
        }

    def named_in(self, contact_id: str) -> set[str]:
        """Who may be named in a contact, before the latest only are left."""
        return {
            person
            for row, person, _, level in self.parts()
            if row["contact_id"] == contact_id
            and level > Level.EXISTENCE
            and self.level(row, "on_date") == Level.DETAIL
        }

    def contacts_at(self, address_id: str) -> tuple[dict[str, set[str]], set[str]]:
        """Contact -> who is named in it, and the agencies of which only existence is told."""
        rows = self.hanging_at(address_id)
        existing = {row["agency"] for row in rows if self.level(row, "on_date") == Level.EXISTENCE}
        told: dict[str, set[str]] = {}
        nameless = []
        for row in rows:
            if self.level(row, "on_date") == Level.EXISTENCE:
                continue
            key = row["contact_id"]
            named = self.named_in(key)
            left = {person for person in named if key in self.contacts_of(person)}
            if left:
                told[key] = left
            elif not named:
                nameless.append(row)
        return told | {key: set() for key in self.latest(nameless)}, existing

    def hanging_at(self, address_id: str) -> list[Row]:
        """Contacts at an address, before the latest only are left; none of somebody restricted."""
        rows = [
            self._contacts[row["contact_id"]]
            for row in self._tables["contact_address"]
            if row["address_id"] == address_id
        ]
        return [
            row
            for row in rows
            if self.level(row, "on_date") and not self.placeless(row) and not self.guarded(row)
        ]

    def indicators_of(self, person_id: str) -> dict[str, tuple[int, int]]:
        """Indicator -> its level and that of the record that shows it."""
        found = {}
        for row in self._tables["indicator"]:
            key = row["record_id"]
            if key is None or self._person[key] != person_id:
                continue
            level = self.level(row, "valid_to", [person_id])
            if level and (record := self.record_level(key, row)):
                found[row["indicator_id"]] = (level, record)
        return found

    def indicators_at(self, address_id: str) -> dict[str, int]:
        """Indicator -> level, of those that hang on an address."""
        here = {
            row["indicator_id"]
            for row in self._tables["indicator_address"]
            if row["address_id"] == address_id
        }
        found = {}
        for row in self._tables["indicator"]:
            about = [] if row["record_id"] is None else [self._person[row["record_id"]]]
            level = self.level(row, "valid_to", about)
            if row["indicator_id"] in here and level and not self.placeless(row):
                found[row["indicator_id"]] = level
        return found

    def kin(self, person_id: str) -> set[tuple[str, str, bool]]:
        """Other person, relation as stated, whether by this person's record."""
        found = set()
        for row in self.statements():
            people = [self._person[row["record_id"]], self._person[row["other_id"]]]
            for mine, other, by in ((people[0], people[1], True), (people[1], people[0], False)):
                if mine == person_id and other != person_id:
                    found.add((other, row["relation"], by))
        return found

    def statements(self) -> list[Row]:
        """The stated relations both of whose records may be seen."""
        found = []
        for row in self._tables["statement"]:
            ends = (row["record_id"], row["other_id"])
            grants = [self.grant(self._records[end]) for end in ends]
            if any(self.record_level(end) <= Level.EXISTENCE for end in ends):
                continue
            hidden = self._hidden & {self._person[end] for end in ends}
            if not hidden or all(g and g.restricted_allowed for g in grants):
                found.append(row)
        return found

    def values(self, person_id: str, name: str) -> set[str]:
        """All that visible records say of one field, in small letters."""
        said = set()
        for key, level in self.records_of(person_id).items():
            row = self._records[key]
            grant = self.grant(row)
            headline = {"birth_date", "sex", "lead_worker", "death_date"}
            if grant is None or name in grant.withheld or level == Level.EXISTENCE:
                continue
            if row.get(name) and (level == Level.DETAIL or name in headline):
                said.add(str(row[name]).casefold())
        return said

    def agency_of_indicators(self) -> dict[str, str]:
        """Indicator -> whose it is."""
        return {row["indicator_id"]: row["agency"] for row in self._tables["indicator"]}
