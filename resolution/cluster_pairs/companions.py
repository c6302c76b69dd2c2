"""Companions: other people seen where the one was seen and again where the other was.

Invariant: neither of the two clusters compared, nor the pair itself, is its own companion. Sums
are of whole millionths, so that they do not depend on the order in which they were made.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.cluster_pairs.presence import fetch, write_table
from resolution.clusters import Floats, Index

NAMES = (
    "companions",
    "companions_likely",
    "companion_likeliest",
    "shared_places",
    "acquaintances",
    "places_seen",
)
DIRECTIONS = (1, 1, 1, 1, 0, 0)

LIKELY = 0.15  # from here a pair of clusters counts as somebody who may have moved
_MOST = 6.0  # more likely companions than this say no more
_MILLION = 1_000_000


class Companions:
    """Counts of companions over the clusters of one partition."""

    def __init__(self, con: duckdb.DuckDBPyConnection, count: int) -> None:
        """Reads `presence`, which tells where so many clusters were seen."""
        self._con, self._count = con, count

    def __call__(self, left: Index, right: Index, probability: Floats) -> npt.NDArray[np.float32]:
        """Columns of `NAMES` for pairs of clusters.

        Args:
            probability: how likely each pair is one person; the likely ones are companions
                of the others, so give all pairs together.
        """
        found = np.zeros((len(left), len(NAMES)), dtype=np.float32)
        if not len(left):
            return found
        con = self._con
        whole = np.rint(probability * _MILLION).astype(np.int64)
        asked = {"k": np.arange(len(left)), "a": left, "b": right, "p": whole}
        write_table(con, "asked", asked)
        for query in _TABLES:
            con.execute(query)
        pair, certain, some, most = fetch(con, _COUNTED, "k", "certain", "likely", "likeliest")
        found[pair, 0] = certain
        found[pair, 1] = np.minimum(some / _MILLION, _MOST)
        found[pair, 2] = most / _MILLION
        found[fetch(con, _SHARED, "k")[0], 3] = 1
        known = np.zeros((self._count, 2), dtype=np.float32)
        for column, query in enumerate((_ACQUAINTED, _PLACES)):
            cluster, number = fetch(con, query, "l", "n")
            known[cluster, column] = number
        found[:, 4] = np.minimum(known[left, 0], known[right, 0])
        found[:, 5] = known[left, 1] + known[right, 1]
        return found


# Each step joins two tables, so that no planner can choose a bad order of them.
_TABLES = (
    """create or replace temp table asked_from as
    select k, a, b, p, x from asked join presence on l = a""",
    """create or replace temp table asked_both as
    select k, a, b, p, f.x, q.x y from asked_from f join presence q on q.l = f.b""",
    # what each pair would have moved from and to, if it were one person
    "create or replace temp table asked_move as select * from asked_both where x <> y",
    # who moved so for certain (one cluster) or likely (a pair of them), either way round
    f"""create or replace temp table mover as
    select p.l c, p.l d, p.x, q.x y, {_MILLION}::bigint p
    from presence p join presence q on p.l = q.l and p.x <> q.x
    union all
    select a, b, x, y, p from asked_move where p >= {int(LIKELY * _MILLION)}
    union all
    select a, b, y, x, p from asked_move where p >= {int(LIKELY * _MILLION)}""",
)

_COUNTED = """
with companion as (
  select k, c, d, max(m.p) p from asked_move join mover m using (x, y)
  where c not in (a, b) and d not in (a, b) group by all)
select k, count(*) filter (where c = d) certain, sum(p)::bigint likely,
  coalesce(max(p) filter (where c <> d), 0) likeliest
from companion group by k
"""

_SHARED = "select distinct k from asked_both where x = y"

_ACQUAINTED = """
select p.l, count(distinct q.l) n from presence p join presence q using (x)
where p.l <> q.l group by all
"""

_PLACES = "select l, count(*) n from presence group by l"
