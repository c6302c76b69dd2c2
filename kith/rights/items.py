"""What is found about a person: items, each with where it is held and how sure that is.

Invariant: an item's id is the same as long as the thing is; it says nothing of its values. Values
are kept nowhere but where they stand: an item with values lives as long as the answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from records.keys import KeyMaker
from records.schema import TABLES, source_fields

PLACES = {
    "snapshot": "What agencies hold now",
    "resolved": "What Kith concluded",
    "graph": "The graph",
    "staging": "Loads",
    "quarantine": "Rows that were turned away, and findings",
    "register": "The register",
    "audit": "The audit",
    "files": "Other files of the home",
}
_PARTS = frozenset({"source_key", "record_key", "other_key", "contact_key"})


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a case is about: records, the person ids that they bear or bore."""

    records: frozenset[str]
    people: frozenset[str]

    @property
    def ids(self) -> frozenset[str]:
        """All of them."""
        return self.records | self.people


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing, or several alike, about a person.

    Attributes:
        about: the opaque id of the fact, where it has one.
        sure: false where names or numbers agree and no key does.
        in_force: of a load: whether its rows count now.
        values: field -> value as text; empty where only the place is told.
        others: opaque ids of other people's records that it names or touches.
    """

    item_id: str
    place: str
    kind: str
    about: str | None = None
    agency: str | None = None
    dataset: str | None = None
    load_id: str | None = None
    line: int | None = None
    count: int = 1
    sure: bool = True
    in_force: bool | None = None
    values: dict[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


def rows_of(files: Iterable[Path], column: str, values: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of Parquet files whose column has one of some values."""
    wanted, named = sorted(values), [str(file) for file in files]
    if not wanted or not named:
        return []
    found = pq.read_table(named, filters=pc.field(column).isin(wanted))
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def told(table: str, row: Mapping[str, Any]) -> dict[str, str]:
    """What a row says, field by field; what could not be understood, as it was sent."""
    found: dict[str, str] = {}
    for entry in source_fields(TABLES[table]):
        if entry.name in _PARTS:
            continue
        value = row.get(entry.name)
        if value is None:
            value = row.get(f"{entry.name}_raw")
        if value is not None and str(value).strip():
            found[entry.name] = str(value)
    return found


def seal(keys: KeyMaker, values: Mapping[str, str]) -> str:
    """A seal of values: it changes when one of them does, and tells none."""
    text = json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
    return keys.seal("subject item", text.encode())
