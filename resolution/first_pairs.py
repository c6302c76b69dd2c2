"""The pairs of a first look's sample, compared as a run would compare them.

Invariant: the pool follows from the sample and the settings alone.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import numpy as np

from resolution import collector
from resolution.addresses import resolve_addresses
from resolution.blocking import read_blocking, suited_keys
from resolution.comparisons import Comparer
from resolution.linking.pools import drawn_pairs
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.observing import observe
from resolution.pairs import candidate_pairs
from resolution.prepare import open_workspace, prepare
from resolution.questions import Pool
from resolution.rules import read_ladder
from resolution.samples import Sample
from resolution.vectors import Vectors
from resolution.whereabouts import find_whereabouts


def pairs_of(sample: Sample, folder: Path, settings: LinkingSettings | None) -> Pool | None:
    """The pairs that touch a record drawn; None if no two records are alike in anything.

    Args:
        folder: where a workspace may spill.
    """
    with collector.at_rest(), open_workspace(folder / "spill") as con:
        return _pool(con, sample, settings or read_linking())


def _pool(con: duckdb.DuckDBPyConnection, sample: Sample, settings: LinkingSettings) -> Pool | None:
    prepare(con, sample.tables)
    resolve_addresses(con, sample.tables, None)
    find_whereabouts(con, sample.tables)
    blocking = read_blocking().of_list(sample.of)  # the keys of a run over all of them
    known = observe(con)
    keys = list(dict.fromkeys([*read_ladder().keys(), *suited_keys(con, blocking, known)]))
    pairs = candidate_pairs(con, keys, blocking.block_cap)
    rows = con.execute("select record_id from person order by rid").fetchall()
    ids = np.array([record_id for (record_id,) in rows], dtype=object)
    seed = np.fromiter((record_id in sample.seeds for record_id in ids), bool, len(ids))
    touches = seed[pairs.left] | seed[pairs.right]
    left, right = pairs.left[touches], pairs.right[touches]
    odds = Comparer(con, known).chance_odds(left, right)
    found = drawn_pairs(left, right, odds, Vectors(con, known), ids, settings)
    if found is None:
        return None
    return dataclasses.replace(found, weight=found.weight / sample.share)
