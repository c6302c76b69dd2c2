"""One person: who they are, what is known of them, and which systems say so.

Invariant: everything is computed from records that the viewer may see. That two visible records
are one person is told; that they were joined through a hidden one is not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

from governance.decisions import sees_all_records
from governance.viewer import Level, Viewer
from graph import lines
from graph.answers import (
    IndicatorLine,
    JoinedRecord,
    PersonAddress,
    PersonView,
    Relationship,
    SystemRow,
)
from graph.consistent import read_whole
from graph.disclosure import Desk, in_code_order, without_company
from graph.people import People
from graph.stays import Stay, derive
from graph.store import GraphStore, Row

_HUB = 20
_JOINED = "Joined with the other records"
_AGREE = {
    "NHS number": ("nhs_number",),
    "pupil number": ("upn",),
    "name": ("given_name", "family_name"),
    "date of birth": ("birth_date",),
    "phone number": ("phone",),
}
"""What may agree, in words, and the fields that it is told of."""
_NO_HOME = frozenset({"institution", "hostel", "no_fixed_abode"})
_INVERSE = {
    "parent": "child",
    "guardian": "child",
    "child": "parent",
    "grandparent": "grandchild",
    "grandchild": "grandparent",
}


def person(store: GraphStore, viewer: Viewer, person_id: str) -> PersonView | None:
    """What is known of a person; None if the viewer may see no record of theirs."""
    return read_whole(store, lambda: _answer(store, viewer, person_id))


def _answer(store: GraphStore, viewer: Viewer, person_id: str) -> PersonView | None:
    desk = Desk(store=store, viewer=viewer)
    people = People(desk)
    if not people.known(person_id):
        return None
    return _Page(desk, people, person_id).view()


class _Page:
    """One person's page under way."""

    def __init__(self, desk: Desk, people: People, person_id: str) -> None:
        self._desk = desk
        self._people = people
        self._id = person_id
        self._records = people.records(person_id)

    def view(self) -> PersonView:
        own = self._people.ref(self._id)
        desk = self._desk
        desk.existing |= self._people.existing_of([self._id])
        timeline = lines.contacts_of(desk, self._people, self._id)
        indicators = self._indicators()
        own_stays, beside = self._stays()
        existence = desk.existence()
        addresses = self._addresses(own_stays, beside)
        return PersonView(
            person_id=self._id,
            heading=own.name,
            person=own,
            dead=self._people.dead(self._id),
            restricted=any(row["restricted"] for row in self._records),
            identity=self._people.identity(self._id),
            indicators=indicators,
            open_contacts=lines.grouped(line for line in timeline if line.is_open),
            timeline=tuple(timeline),
            addresses=addresses,
            relationships=(*self._stated(), *self._beside(own_stays, beside)),
            systems=self._systems(),
            why=self._why(),
            existence=existence,
            disclosed=frozenset(desk.disclosed),
        )

    def _indicators(self) -> tuple[IndicatorLine, ...]:
        """In force first, warnings before plans, newest first."""
        rows = self._desk.shown("indicator", "indicators_of", person_ids=[self._id])
        told = {
            row["indicator_id"]: lines.indicator_line(self._desk, row)
            for row in rows
            if row["record_level"] > Level.EXISTENCE
        }

        def order(line: IndicatorLine) -> tuple[bool, int, int, str]:
            day = line.valid_from.toordinal() if line.valid_from else 0
            return (
                not line.in_force,
                in_code_order("indicator_kind", line.kind),
                -day,
                line.indicator_id,
            )

        return tuple(sorted(told.values(), key=order))

    def _stays(self) -> tuple[list[Stay], list[Stay]]:
        """The person's stays, current and latest first, and others' at the same homes."""
        mine = self._derive(self._desk.shown("stay", "stays_of", person_ids=[self._id]))
        homes = [stay.address.address_id for stay in mine if stay.address.kind not in _NO_HOME]
        counts = self._desk.rows("people_at_count", address_ids=homes)
        homes = [row["address_id"] for row in counts if row["people"] <= _HUB]
        told = set(self._desk.existing)
        rows = self._desk.shown("stay", "stays_at", address_ids=homes)
        others = sorted({row["person_id"] for row in rows} - {self._id})
        every = self._desk.shown("stay", "stays_of", person_ids=others)
        self._desk.existing = told
        self._people.fetch(others)
        beside = [stay for stay in self._derive(every) if stay.address.address_id in set(homes)]
        mine.sort(
            key=lambda stay: (stay.current, str(stay.confirmed_on or ""), stay.address.address_id),
            reverse=True,
        )
        return mine, beside

    def _derive(self, rows: list[Row]) -> list[Stay]:
        return derive(
            rows, kinds=self._desk.kinds, dead=self._people.dead, today=self._desk.viewer.on
        )

    def _addresses(self, mine: list[Stay], beside: list[Stay]) -> tuple[PersonAddress, ...]:
        found = []
        for stay in mine:
            self._desk.note(stay.address.address_id, *stay.record_ids)
            found.append(
                PersonAddress(
                    address=stay.address,
                    since=stay.since,
                    until=stay.until,
                    current=stay.current,
                    sources=self._desk.sources(stay.agency_ids),
                    people=tuple(
                        self._people.ref(other.person_id) for other in _with(stay, beside)
                    ),
                )
            )
        return tuple(found)

    def _stated(self) -> list[Relationship]:
        """What agencies state, seen from this person: `relation` is what the other is to them."""
        said: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name, inverse in (("stated_by", True), ("stated_about", False)):
            for row in self._desk.rows(name, person_ids=[self._id]):
                relation = row["relation"]
                if inverse:
                    relation = _INVERSE.get(relation, relation)
                said[row["other_person_id"], relation].add(row["agency_id"])
                self._desk.note(row["record_id"], row["other_record_id"])
        self._people.fetch(other for other, _ in said)
        return [
            Relationship(
                person=self._people.ref(other),
                relation=relation,
                stated=True,
                sources=self._desk.sources(agencies),
            )
            for (other, relation), agencies in sorted(said.items())
            if other != self._id and self._people.known(other)
        ]

    def _beside(self, mine: list[Stay], beside: list[Stay]) -> list[Relationship]:
        """Who lives or lived at the same home on the same days."""
        agencies: dict[str, set[str]] = defaultdict(set)
        now: set[str] = set()
        for stay in mine:
            for other in _with(stay, beside):
                agencies[other.person_id] |= other.agency_ids
                if stay.current and other.current:
                    now.add(other.person_id)
        return [
            Relationship(
                person=self._people.ref(other),
                relation="lives_with" if other in now else "lived_with",
                stated=False,
                sources=self._desk.sources(agencies[other]),
            )
            for other in sorted(agencies, key=lambda other: (other not in now, other))
        ]

    def _systems(self) -> tuple[SystemRow, ...]:
        """Every system that shares people's records with the viewer, by agency."""
        shared = {
            tuple(key.split("|")[:2])
            for key, grant in self._desk.viewer.grants.items()
            if key.endswith("|person") and grant.level > Level.EXISTENCE
        }
        rows: dict[tuple[str, ...], list[Row]] = {system: [] for system in shared}
        for row in self._records:
            rows.setdefault((row["agency_id"], row["dataset"]), []).append(row)
        made = []
        for (agency_id, dataset), held in rows.items():
            dates = [row["updated_on"] for row in held if row["updated_on"]]
            made.append(
                SystemRow(
                    agency_id=agency_id,
                    agency_label=self._desk.source(agency_id).label,
                    dataset=dataset,
                    records=len(held),
                    last_updated=max(dates, default=None),
                )
            )
        return tuple(sorted(made, key=lambda row: (not row.records, row.agency_label, row.dataset)))

    def _why(self) -> tuple[JoinedRecord, ...]:
        """What joins each visible record to another visible one; nothing if there is one only."""
        if len(self._records) < 2:
            return ()
        visible = {row["record_id"] for row in self._records}
        return tuple(self._joined(row, visible) for row in self._records)

    def _joined(self, row: Row, visible: set[str]) -> JoinedRecord:
        """What was decided may rest on every record of the person, and on all of their fields.

        So it is told where the agreements hide none; else, whatever is hidden, what agrees.
        """
        decided = sees_all_records(self._desk.viewer)
        evidence = [e for e in _evidence(row) if e.get("record") in visible] if decided else []
        source = self._desk.source(row["agency_id"])
        return JoinedRecord(
            record_id=row["record_id"],
            agency_id=row["agency_id"],
            agency_label=source.label,
            dataset=row["dataset"],
            words=_words(evidence) if evidence else self._agreeing(row),
            decided_by=evidence[0].get("by") if evidence else None,
            decided_on=row["decided_on"] if evidence else None,
            probability=row["probability"] if evidence else None,
        )

    def _agreeing(self, row: Row) -> str:
        """The fields that the record shares with another, both as the viewer sees them."""
        others = [other for other in self._records if other is not row]
        same = [
            words
            for words, names in _AGREE.items()
            if any(_agree(row, other, names) for other in others)
        ]
        return f"Same {' and '.join(same)} as another record" if same else _JOINED


def _agree(row: Row, other: Row, names: tuple[str, ...]) -> bool:
    return all(row[n] and str(row[n]).casefold() == str(other[n]).casefold() for n in names)


def _with(stay: Stay, beside: Iterable[Stay]) -> list[Stay]:
    return [
        other
        for other in beside
        if other.address.address_id == stay.address.address_id and stay.overlaps(other)
    ]


def _evidence(row: Row) -> list[dict[str, str]]:
    try:
        entries = json.loads(row["evidence"] or "[]")
    except ValueError:
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _words(evidence: list[dict[str, str]]) -> str:
    said = dict.fromkeys(without_company(str(entry.get("words") or "")) for entry in evidence)
    return "; ".join(words for words in said if words) or _JOINED
