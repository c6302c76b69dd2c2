"""Answers as tables.

Invariant: a table holds what its answer holds, one row a line, and is there with its columns when
it is empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graph.answers import AddressCheck, ContactLine, PersonView

if TYPE_CHECKING:
    import pandas as pd

_CONTACT = ["category", "agency", "first_on", "on_date", "times", "status", "severity", "people"]
_OCCUPANT = ["person_id", "name", "age", "since", "until", "current", "agencies", "certainty"]
_IDENTITY = ["field", "value", "agencies", "since", "conflict"]


def contacts_frame(answer: AddressCheck | PersonView) -> pd.DataFrame:
    """The contacts of an address or a person: open ones first, a row for each line shown."""
    if isinstance(answer, PersonView):
        return _contacts(answer.timeline)
    return _contacts([*answer.open_contacts, *answer.contacts])


def occupants_frame(check: AddressCheck) -> pd.DataFrame:
    """Who lives at an address, then who lived there."""
    rows = [
        (
            entry.person_id,
            entry.name,
            entry.person.age,
            entry.since,
            entry.until,
            entry.current,
            ", ".join(source.label for source in entry.sources),
            entry.certainty,
        )
        for entry in (*check.occupants_now, *check.occupants_before)
    ]
    return _frame(rows, _OCCUPANT)


def identity_frame(view: PersonView) -> pd.DataFrame:
    """Every value said of a person, with who says so; the chosen one of a field first."""
    rows = [
        (
            field.field_name,
            said.value,
            ", ".join(source.label for source in said.sources),
            said.since,
            field.conflict,
        )
        for field in view.identity
        for said in field.values
    ]
    return _frame(rows, _IDENTITY)


def _contacts(lines: Iterable[ContactLine]) -> pd.DataFrame:
    rows = [
        (
            line.category,
            line.agency_label,
            line.first_on,
            line.on_date,
            line.times,
            line.status,
            line.severity,
            ", ".join(person.name for person in line.people),
        )
        for line in lines
    ]
    return _frame(rows, _CONTACT)


def _frame(rows: list[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas  # a second of every command's start, for what few of them need

    return pandas.DataFrame(rows, columns=columns)
