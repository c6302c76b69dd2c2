"""The graph as tables: one Parquet file for each node label and relationship of graph.model.

Invariant: the tables are whole: no two rows have one key, and every relationship has both of its
ends among the nodes. What sources left dangling is counted and left out.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from governance.registration import Agency
from graph.model import LINKS, NODE_OF, NODES, LinkTable, NodeTable
from records.resolved import RESOLVED_TABLES
from records.schema import TABLES
from records.snapshot import Resolved, Snapshot


@dataclass(frozen=True, kw_only=True)
class Built:
    """Rows by table, and how many references pointed at nothing."""

    counts: dict[str, int]
    dangling: dict[str, int]


def build_tables(
    snapshot: Snapshot,
    resolved: Resolved,
    agencies: Sequence[Agency],
    restricted: Collection[str],
    folder: Path,
) -> Built:
    """Write the graph's tables to `folder`, which is there only when all are written."""
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    with duckdb.connect(config={"threads": 2}) as con:
        _register(con, snapshot, resolved)
        con.register("agency", _agency_table(agencies))
        con.register("restriction", pa.table({"record_id": pa.array(sorted(restricted), "string")}))
        counts = {node.table: _write_nodes(con, node, building) for node in NODES}
        dangling = {}
        for link in LINKS:
            counts[link.table], dangling[link.table] = _write_links(con, link, building)
    building.rename(folder)
    return Built(counts=counts, dangling={key: n for key, n in dangling.items() if n})


def _register(con: duckdb.DuckDBPyConnection, snapshot: Snapshot, resolved: Resolved) -> None:
    for names, tables in ((TABLES, snapshot), (RESOLVED_TABLES, resolved)):
        for name in names:
            path = str(tables.path(name)).replace("'", "''")
            con.execute(f"create view {name} as select * from read_parquet('{path}')")


def _agency_table(agencies: Sequence[Agency]) -> pa.Table:
    columns = ("agency_id", "label", "kind", "ring")
    return pa.table(
        {name: pa.array([getattr(a, name) for a in agencies], "string") for name in columns}
    )


def _write_nodes(con: duckdb.DuckDBPyConnection, node: NodeTable, folder: Path) -> int:
    con.execute(
        f"create temp table node_{node.table} as select distinct on ({node.key}) * "
        f"from ({node.select}) order by all"
    )
    return _copy(con, f"node_{node.table}", folder / f"{node.table}.parquet")


def _write_links(con: duckdb.DuckDBPyConnection, link: LinkTable, folder: Path) -> tuple[int, int]:
    begin, end = NODE_OF[link.begin], NODE_OF[link.end]
    con.execute(
        f"create or replace temp table given as select distinct on (from_key, to_key, link_key) * "
        f"from ({link.select}) as t(from_key, to_key, link_key) order by all"
    )
    con.execute(
        f"create or replace temp table whole as select * from given "
        f"where from_key in (select {begin.key} from node_{begin.table}) "
        f"and to_key in (select {end.key} from node_{end.table}) order by all"
    )
    given = con.execute("select count(*) from given").fetchone()
    written = _copy(con, "whole", folder / f"{link.table}.parquet")
    assert given is not None
    return written, int(given[0]) - written


def _copy(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    target = str(path).replace("'", "''")
    con.execute(f"copy {table} to '{target}' (format parquet, compression zstd)")
    row = con.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
