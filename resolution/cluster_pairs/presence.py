"""Where clusters were seen: at which dwellings, among which people.

Invariant: a place that many clusters share says nothing and is left out; of a cluster that was
seen in very many places the least shared are kept. Both bounds keep every join over places linear.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from resolution.clusters import Index

LARGEST_PLACE = 14  # clusters at one place
MOST_PLACES = 12  # places of one cluster


def write_presence(con: duckdb.DuckDBPyConnection, clusters: Index) -> None:
    """The temp table `presence`: cluster `l` was seen at place `x`; each once.

    Args:
        clusters: the compact cluster number of each record.
    """
    write_table(con, "cluster_of", {"rid": np.arange(len(clusters)), "l": clusters})
    con.execute(_PRESENCE)


def write_table(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Index]) -> None:
    con.register("made", pd.DataFrame(columns))
    con.execute(f"create or replace temp table {name} as select * from made")
    con.unregister("made")


def fetch(con: duckdb.DuckDBPyConnection, query: str, *columns: str) -> list[Index]:
    """Columns of whole numbers, none missing."""
    found = con.execute(query).fetchnumpy()
    return [np.asarray(found[name], dtype=np.int64) for name in columns]


# dwellings and gatherings are numbered apart: even and odd
_PRESENCE = f"""
create or replace temp table presence as
with seen as (
  select distinct l, x from (
    select rid, 2 * dwelling x from known where dwelling is not null
    union all select rid, 2 * x + 1 from together) join cluster_of using (rid)),
counted as (select x, count(*) uses from seen group by x having uses <= {LARGEST_PLACE})
select l, x from seen join counted using (x)
qualify row_number() over (partition by l order by uses, x) <= {MOST_PLACES}
"""
