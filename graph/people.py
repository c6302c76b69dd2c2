"""People as one viewer sees them: name, age and identity from the records that they may see.

Invariant: a value comes from a record that the viewer may see, never from the stored golden
record; so a person of whom nothing may be seen has no name here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from governance.viewer import Level
from graph.answers import IdentityField, PersonRef, SaidValue
from graph.disclosure import Desk, cut_row
from graph.store import Row
from records.dates import PartialDate

NAME_NOT_KNOWN = "Name not known"
_TRUST = ("health", "adults", "children", "housing", "education", "police", "fire", "other")
_FIELDS = (
    "full_name",
    "former_family_name",
    "other_names",
    "birth_date",
    "death_date",
    "sex",
    "ethnicity",
    "nhs_number",
    "upn",
    "uln",
    "nino",
    "phone",
    "email",
    "birth_place",
    "occupation",
    "lead_worker",
)
_NO_DATE = frozenset({"placeholder", "unknown"})


class People:
    """Visible records by person; people are fetched once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._records: dict[str, list[Row]] = {}
        self._existing: dict[str, set[str]] = defaultdict(set)

    def fetch(self, person_ids: Iterable[str]) -> None:
        """Read the visible records of people."""
        missing = sorted(set(person_ids) - set(self._records))
        if not missing:
            return
        self._records.update({person_id: [] for person_id in missing})
        for row in self._desk.rows("records_of", person_ids=missing):
            if row["level"] <= Level.EXISTENCE:
                self._existing[row["person_id"]].add(row["agency_id"])
                self._desk.note(row["record_id"])
            else:
                self._records[row["person_id"]].append(cut_row("record", row))
        for person_id in missing:
            self._records[person_id].sort(key=lambda row: str(row["record_id"]))

    def records(self, person_id: str) -> list[Row]:
        self.fetch([person_id])
        return self._records[person_id]

    def known(self, person_id: str) -> bool:
        """Whether any record of theirs may be seen."""
        return bool(self.records(person_id))

    def existing_of(self, person_ids: Iterable[str]) -> set[str]:
        """Agencies of which only this may be told: that they know one of these people."""
        self.fetch(person_ids)
        return {agency for person_id in person_ids for agency in self._existing[person_id]}

    def ref(self, person_id: str, role: str | None = None) -> PersonRef:
        """The person by name and age; notes the disclosure."""
        records = self.records(person_id)
        self._desk.note(person_id, *(row["record_id"] for row in records))
        ages = None if self.dead(person_id) else _ages(self.best(person_id, "birth_date"), self._on)
        return PersonRef(
            person_id=person_id,
            name=self.name(person_id),
            age=ages[0] if ages else None,
            age_to=ages[1] if ages else None,
            role=role,
        )

    def name(self, person_id: str) -> str:
        parts = [self.best(person_id, "given_name"), self.best(person_id, "family_name")]
        return (
            " ".join(p for p in parts if p) or self.best(person_id, "full_name") or (NAME_NOT_KNOWN)
        )

    def is_child(self, person_id: str) -> bool:
        """Under 18 as far as can be known: one who may be is one."""
        ages = _ages(self.best(person_id, "birth_date"), self._on)
        return bool(ages and ages[0] < 18) and not self.dead(person_id)

    def dead(self, person_id: str) -> bool:
        rows = self.records(person_id)
        return any(row["dead"] or row["death_date"] for row in rows)

    def best(self, person_id: str, field_name: str) -> str | None:
        """The value that most visible records have; then the most trusted, then the latest."""
        ranked = self._ranked(person_id, field_name)
        return ranked[0][0] if ranked else None

    def identity(self, person_id: str) -> tuple[IdentityField, ...]:
        """Every field that a visible record fills, with all that is said of it."""
        found = []
        for field_name in _FIELDS:
            ranked = self._ranked(person_id, field_name)
            if ranked:
                values = tuple(self._said(value, rows) for value, rows in ranked)
                found.append(IdentityField(field_name=field_name, values=values))
        return tuple(found)

    def certainty(self, person_id: str) -> str:
        """What the visible records have in common, as a sentence."""
        rows = self.records(person_id)
        if len(rows) == 1:
            return "one record"
        if _shared(rows, ("nhs_number",)):
            return "certain: same NHS number"
        if _shared(rows, ("upn",)):
            return "certain: same pupil number"
        if _shared(rows, ("given_name", "family_name", "birth_date")):
            return "likely: same name and date of birth"
        return "likely"

    def _ranked(self, person_id: str, field_name: str) -> list[tuple[str, list[Row]]]:
        said: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for row in self.records(person_id):
            value = _value(row, field_name)
            if value:
                said[value.casefold()].append((value, row))
        one_form = [
            (_best_form([value for value, _ in entries]), [row for _, row in entries])
            for entries in said.values()
        ]
        return sorted(one_form, key=lambda entry: self._rank(field_name, *entry))

    def _rank(self, field_name: str, value: str, rows: Sequence[Row]) -> tuple[Any, ...]:
        stand_in = field_name == "birth_date" and all(
            row["birth_date_status"] in _NO_DATE for row in rows
        )
        exact = len(value) if field_name == "birth_date" else 0
        trust = min(self._trust(row["agency_id"]) for row in rows)
        latest = max((row["updated_on"] or dt.date.min for row in rows), default=dt.date.min)
        return (stand_in, -exact, -len(rows), trust, -latest.toordinal(), -len(value), value)

    def _trust(self, agency_id: str) -> int:
        kind = self._desk.kinds.get(agency_id)
        return _TRUST.index(kind) if kind in _TRUST else len(_TRUST)

    def _said(self, value: str, rows: Sequence[Row]) -> SaidValue:
        dates = [row["updated_on"] for row in rows if row["updated_on"]]
        return SaidValue(
            value=value,
            sources=self._desk.sources(row["agency_id"] for row in rows),
            since=max(dates, default=None),
        )

    @property
    def _on(self) -> dt.date:
        return self._desk.viewer.on


def _value(row: Row, field_name: str) -> str | None:
    if field_name == "full_name":
        parts = (row["given_name"], row["middle_names"], row["family_name"])
        return " ".join(part for part in parts if part) or row["full_name"]
    value = row[field_name]
    return str(value) if value is not None else None


def _best_form(forms: Sequence[str]) -> str:
    """Of forms that differ in capitals only, the one with the fewest."""
    return min(forms, key=lambda form: (sum(letter.isupper() for letter in form), form))


def _ages(birth_date: str | None, on: dt.date) -> tuple[int, int] | None:
    if birth_date is None:
        return None
    try:
        return PartialDate.parse(birth_date).age_range(on)
    except ValueError:
        return None


def _shared(rows: Sequence[Row], fields: tuple[str, ...]) -> bool:
    """Whether two records or more agree on all of the fields, and none contradicts."""
    values = Counter(
        tuple(str(row[field]).casefold() for field in fields)
        for row in rows
        if all(row[field] for field in fields)
    )
    return len(values) == 1 and values.total() > 1
