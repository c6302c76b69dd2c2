"""Which pairs of clusters are compared: those that an edge joins, and those that a move joins.

Invariant: each pair stands once, lower cluster number first, in order.
"""

from __future__ import annotations

import duckdb
import numpy as np

from resolution.cluster_pairs.presence import fetch
from resolution.clusters import (
    LARGEST_COMPARED,
    Floats,
    Index,
    Scored,
    components,
    pairs_inside,
)
from resolution.distinct import compact, distinct
from resolution.pieces import pieces

CLOSED_AT = 0.3
"""Edges from here hold a component together."""
MOST_CLUSTERS = 16
"""Of a large component every pair of so many clusters is compared: nobody is in as many."""


def candidate_cluster_pairs(
    con: duckdb.DuckDBPyConnection, labels: Index, scored: Scored, *, at_least: float = 0.20
) -> tuple[Index, Index]:
    """Pairs of clusters, compact numbers; `presence` tells where these were seen.

    A move: somebody was seen at two places. Of two clusters seen one at each of them, whose
    forenames begin with the same sound, the second may be the first after the move.

    Args:
        labels: the lowest record number of each record's cluster.
        at_least: the probability from which an edge joins two clusters.
    """
    if not len(labels):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    clusters = compact(labels)
    count = int(clusters.max()) + 1
    strong = (scored.probability >= at_least) & ~scored.parted
    a, b = clusters[scored.left[strong]], clusters[scored.right[strong]]
    across = a != b
    edges = np.minimum(a, b)[across] * count + np.maximum(a, b)[across]
    for query in _STEPS:
        con.execute(query)
    first, second = fetch(con, _MOVED, "a", "b")
    moved = first * count + second
    between = _between(a[across], b[across], scored.probability[strong][across], clusters)
    keys = distinct(np.concatenate([edges, moved, between]))
    return keys // count, keys % count


def _between(a: Index, b: Index, probability: Floats, clusters: Index) -> Index:
    """Every pair of clusters within a component of records too large to have been compared.

    In a smaller one every pair of records was, and two clusters that no edge joins are known to
    be unlike; in this one nothing is known of them, and what is not compared counts against.
    """
    count = int(clusters.max()) + 1
    close = probability >= CLOSED_AT
    left, right = np.minimum(a, b)[close], np.maximum(a, b)[close]
    rough = components(count, left, right)
    large = np.bincount(rough[clusters], minlength=count)[rough] > LARGEST_COMPARED
    rough = np.where(large, rough, np.arange(count))
    inside = large[left]
    parts = pieces(rough, left[inside], right[inside], probability[close][inside], MOST_CLUSTERS)
    left, right = pairs_inside(parts, MOST_CLUSTERS)
    return left * count + right


# Each step joins two tables and no more: left to choose, a planner may pair all that share an
# initial first, which is everybody with everybody.
_STEPS = (
    """create or replace temp table initial as
    select distinct l, left(given_sound, 1) f from called join cluster_of using (rid)
    where given_sound is not null""",
    "create or replace temp table named as select l, x, f from presence join initial using (l)",
    """create or replace temp table move as
    select distinct p.x, q.x y from presence p join presence q on p.l = q.l and p.x <> q.x""",
    """create or replace temp table leaver as
    select distinct l, f, y from named join move using (x)""",
)

_MOVED = """
select distinct least(p.l, q.l) a, greatest(p.l, q.l) b
from leaver p join named q on q.x = p.y and q.f = p.f and q.l <> p.l
"""
