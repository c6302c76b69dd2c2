"""Findings: what is wrong in a file, row by row, with the values that show it.

Invariant: values of a file stand here and in its raw columns, in Parquet beside the load, and
nowhere else; counts by reason are all that leaves this module for the ledger and the logs.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from governance.loads import LoadEntry
from loaders.at_rest import AtRest
from loaders.readers.rows import RowFault

FILE_NAME = "quarantine.parquet"

SCHEMA = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
        pa.field("number", pa.int64(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("rejected", pa.bool_(), nullable=False),
    ]
)
"""`number` is the part inside the row, 0 for the row; `rejected` tells a quarantined row from a
finding about a row that was kept."""


def of_rows(file_name: str, faults: Iterable[RowFault]) -> pa.Table:
    """Findings of a reader."""
    rows = [
        {
            "file": file_name,
            "line": fault.line,
            "number": 0,
            "table": "",
            "field": fault.field,
            "value": fault.value,
            "reason": fault.reason,
            "rejected": not fault.keep,
        }
        for fault in faults
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def of_column(
    *,
    file_name: str,
    table: str,
    field: str,
    lines: pa.Array,
    numbers: pa.Array,
    values: pa.Array,
    reasons: pa.Array,
    rejected: bool,
) -> pa.Table:
    """Findings of one column: wherever there is a reason."""
    at = pc.indices_nonzero(pc.is_valid(reasons))
    count = len(at)
    return pa.table(
        {
            "file": _repeated(file_name, count),
            "line": lines.take(at),
            "number": numbers.take(at),
            "table": _repeated(table, count),
            "field": _repeated(field, count),
            "value": values.take(at),
            "reason": reasons.take(at),
            "rejected": pa.array([rejected] * count, pa.bool_()),
        },
        schema=SCHEMA,
    )


def together(found: Iterable[pa.Table]) -> pa.Table:
    """Findings as one table, by line."""
    tables = [table for table in found if table.num_rows]
    if not tables:
        return SCHEMA.empty_table()
    whole = pa.concat_tables(tables).combine_chunks()
    return whole.sort_by([("line", "ascending"), ("number", "ascending")])


def counted(found: pa.Table) -> dict[str, int]:
    """Findings per reason, the most frequent first."""
    counts = found.group_by("reason").aggregate([("reason", "count")]).to_pylist()
    counts.sort(key=lambda row: (-row["reason_count"], row["reason"]))
    return {row["reason"]: row["reason_count"] for row in counts}


def findings_file(home: Path, entry: LoadEntry) -> Path:
    """Where a load's findings lie, if it has any."""
    return home / "staging" / entry.agency / entry.dataset / entry.load_id / FILE_NAME


def read_findings(home: Path, entry: LoadEntry, at_rest: AtRest) -> pa.Table:
    """A load's findings, quarantined rows included; see `SCHEMA`. They hold people's values."""
    path = findings_file(home, entry)
    return at_rest.read(path).cast(SCHEMA) if path.exists() else SCHEMA.empty_table()


def _repeated(text: str, count: int) -> pa.Array:
    return pa.array([text] * count, pa.string())
