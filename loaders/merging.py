"""Which rows of several loads count: one for each key.

Invariant: for each key it is the row touched last (`updated_on`), then of the latest load, then
the first in its file; whether the loads are merged at once or one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from loaders.at_rest import AtRest
from records.schema import ORDERS, TABLES, arrow_schema, key_columns


def read_load(name: str, file: Path, at_rest: AtRest) -> pa.Table:
    """One table of a load, in the schema of today: a field that was not there then is empty."""
    schema = arrow_schema(TABLES[name])
    rows = at_rest.read(file)
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.schema.names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def merged(con: duckdb.DuckDBPyConnection, name: str, loads: Sequence[pa.Table]) -> pa.Table:
    """The rows that count of loads in their order, in the order of the table."""
    schema = arrow_schema(TABLES[name])
    whole = pa.concat_tables([schema.empty_table(), *loads]).combine_chunks()
    dated = ["updated_on"] if "updated_on" in schema.names else []
    keys = ["agency", "dataset", *key_columns(name)]
    order = ORDERS[name]
    narrow = whole.select(list(dict.fromkeys([*order, *keys, *dated, "file_line"])))
    rows = np.array([load.num_rows for load in loads], np.int64)
    places = np.repeat(np.arange(len(loads), dtype=np.int32), rows)
    narrow = narrow.append_column("place", pa.array(places)).append_column(
        "row_no", pa.array(np.arange(whole.num_rows))
    )
    con.register("narrow", narrow)
    touched = "".join(f"{column} desc nulls last, " for column in dated)
    found = con.sql(
        f"""
        select row_no from narrow qualify row_number() over (
            partition by {", ".join(keys)} order by {touched} place desc, file_line) = 1
        order by {", ".join([*order, *keys])}
        """
    ).to_arrow_table()
    con.unregister("narrow")
    return whole.take(found["row_no"])
