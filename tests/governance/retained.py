"""Snapshots of a few rows, for tests of retention."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.orm import Session

from governance.retention import RuleTerms, approve, propose
from records.schema import TABLES, arrow_schema
from records.snapshot import Snapshot
from tests.governance.builders import NOW

Row = dict[str, Any]
POLICE = {"agency": "police", "dataset": "niche", "load_id": "l_a"}


def record(letter: str, **values: Any) -> Row:
    return {**POLICE, "record_id": f"r_{letter}", **values}


def contact(letter: str, **values: Any) -> Row:
    return {**POLICE, "contact_id": f"c_{letter}", "category": "noise", **values}


def indicator(letter: str, **values: Any) -> Row:
    return {**POLICE, "indicator_id": f"i_{letter}", "kind": "warning", **values}


def part(contact_letter: str, record_letter: str) -> Row:
    return {**POLICE, "contact_id": f"c_{contact_letter}", "record_id": f"r_{record_letter}"}


def snapshot(folder: Path, **tables: list[Row]) -> Snapshot:
    """The tables of a snapshot; those not named are empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        schema = pa.schema([entry.with_nullable(True) for entry in arrow_schema(table)])
        rows = pa.Table.from_pylist(tables.get(name, []), schema=schema)
        pq.write_table(rows, folder / f"{name}.parquet")
    return Snapshot(folder=folder, snapshot_id="abc")


def rule(session: Session, event: str = "last_contact", months: int = 24, **terms: Any) -> str:
    """A rule of the police in force."""
    given = RuleTerms(
        agency="police", event=event, months=months, source="The area's schedule", **terms
    )
    rule_id = propose(session, given, "u_aaaa", NOW)
    approve(session, rule_id, "u_bbbb", NOW)
    return rule_id


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
