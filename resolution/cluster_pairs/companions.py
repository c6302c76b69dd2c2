"""Companions: other people seen where the one was seen and again where the other was.

Invariant: neither of the two clusters compared, nor the pair itself, is its own companion. Sums
are of whole millionths, so that they do not depend on the order in which they were made.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.cluster_pairs.presence import fetch, write_presence, write_table
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

    def __init__(self, con: duckdb.DuckDBPyConnection, clusters: Index) -> None:
        """Reads the temp tables `known` and `together`."""
        self._con = con
        self._clusters = clusters
        self._count = int(clusters.max(initial=-1)) + 1

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
        write_presence(con, self._clusters)
        write_table(con, "asked", {"k": np.arange(len(left)), "a": left, "b": right})
        likely = probability >= LIKELY
        whole = np.rint(probability[likely] * _MILLION).astype(np.int64)
        write_table(con, "likely", {"a": left[likely], "b": right[likely], "p": whole})
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


_TABLES = (
    # what each pair would have moved from and to, if it were one person
    """create or replace temp table asked_move as
    select k, a, b, p.x, q.x y
    from asked join presence p on p.l = a join presence q on q.l = b and p.x <> q.x""",
    # who moved so for certain (one cluster) or likely (a pair of them), either way round
    f"""create or replace temp table mover as
    select p.l c, p.l d, p.x, q.x y, {_MILLION}::bigint p
    from presence p join presence q on p.l = q.l and p.x <> q.x
    where (p.x, q.x) in (select (x, y) from asked_move)
    union all
    select a, b, p.x, q.x, p from likely
    join presence p on p.l = a join presence q on q.l = b and p.x <> q.x
    union all
    select a, b, q.x, p.x, p from likely
    join presence p on p.l = a join presence q on q.l = b and p.x <> q.x""",
)

_COUNTED = """
with companion as (
  select k, c, d, max(p) p from asked_move join mover using (x, y)
  where c not in (a, b) and d not in (a, b) group by all)
select k, count(*) filter (where c = d) certain, sum(p)::bigint likely,
  coalesce(max(p) filter (where c <> d), 0) likeliest
from companion group by k
"""

_SHARED = """
select distinct k from asked join presence p on p.l = a join presence q on q.l = b and p.x = q.x
"""

_ACQUAINTED = """
select p.l, count(distinct q.l) n from presence p join presence q using (x)
where p.l <> q.l group by all
"""

_PLACES = "select l, count(*) n from presence group by l"
