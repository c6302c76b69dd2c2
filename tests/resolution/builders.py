"""Snapshots of invented people, built row by row, and a register to resolve them in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from records.keys import KeyMaker, share_key
from records.schema import TABLES, arrow_schema
from records.snapshot import Resolved, Snapshot
from resolution.lifespans import Lifespans

KEYS = KeyMaker(b"a key of sixteen or more bytes")
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)

AGENCIES = {
    "police": "police",
    "children": "children",
    "adults": "adults",
    "nhs": "health",
    "housing": "housing",
    "education": "education",
}
NHS_NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")

Row = dict[str, Any]


def clock() -> dt.datetime:
    return NOW


def record(source_key: str, source: str = "police/niche", **fields: Any) -> Row:
    """A person record; `record_id` follows from the source key."""
    agency, dataset = source.split("/")
    return {
        "record_id": KEYS.record_id(agency, dataset, source_key),
        "agency": agency,
        "dataset": dataset,
        "load_id": "l_1",
        "file_line": 1,
        "share_key": share_key(agency, dataset, "person"),
        "source_key": source_key,
        **fields,
    }


def lives(person: Row, line: str | None, postcode: str | None = None, **fields: Any) -> Row:
    """A residence of a record made by `record`."""
    return {
        "record_id": person["record_id"],
        "record_key": person["source_key"],
        "agency": person["agency"],
        "dataset": person["dataset"],
        "load_id": "l_1",
        "file_line": 1,
        "address_line": line,
        "postcode": postcode,
        **fields,
    }


def contact(source_key: str, line: str | None, postcode: str | None = None, **fields: Any) -> Row:
    return {
        "contact_id": KEYS.contact_id("police", "niche", source_key),
        "agency": "police",
        "dataset": "niche",
        "load_id": "l_1",
        "file_line": 1,
        "share_key": share_key("police", "niche", "noise"),
        "source_key": source_key,
        "category": "noise",
        "address_line": line,
        "postcode": postcode,
        **fields,
    }


def involves(visit: Row, person: Row) -> Row:
    """A record's part in a contact made by `contact`."""
    return {
        "agency": visit["agency"],
        "dataset": visit["dataset"],
        "load_id": "l_1",
        "file_line": 1,
        "contact_id": visit["contact_id"],
        "record_id": person["record_id"],
        "contact_key": visit["source_key"],
        "record_key": person["source_key"],
    }


def people(resolved: Resolved) -> dict[str, str]:
    """Record id -> person id."""
    table = resolved.read("link", ["record_id", "person_id"]).to_pydict()
    return dict(zip(table["record_id"], table["person_id"], strict=True))


def together(resolved: Resolved, *records: Row) -> bool:
    """Whether records were resolved to one person."""
    found = people(resolved)
    return len({found[row["record_id"]] for row in records}) == 1


def rows(resolved: Resolved, table: str) -> list[Row]:
    found: list[Row] = resolved.read(table).to_pylist()
    return found


def snapshot(
    folder: Path,
    records: Iterable[Row] = (),
    residences: Iterable[Row] = (),
    contacts: Iterable[Row] = (),
    indicators: Iterable[Row] = (),
    involvements: Iterable[Row] = (),
) -> Snapshot:
    """Write a complete snapshot folder."""
    given = {
        "record": records,
        "residence": residences,
        "contact": contacts,
        "indicator": indicators,
        "involvement": involvements,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, table_class in TABLES.items():
        schema = arrow_schema(table_class)
        rows = [{field: row.get(field) for field in schema.names} for row in given.get(name, ())]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
    return Snapshot(folder=folder, snapshot_id=folder.name)


def lifespans(births: Iterable[str], deaths: Iterable[str]) -> Lifespans:
    """From days as text, whole or in part; a birth empty where unknown, a death 9999 for none."""
    born = [2 * int(day.replace("-", "").ljust(8, "0")) - 1 if day else -1 for day in births]
    died = [2 * int(day.replace("-", "").ljust(8, "9")) for day in deaths]
    return Lifespans(born=np.array(born, dtype=np.int64), died=np.array(died, dtype=np.int64))
