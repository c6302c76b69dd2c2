"""Agreement of two partitions of the same things, in the figures that the field uses.

Invariant: a function of the two partitions alone; the names of clusters do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Agreement of two partitions of the same things.

    Attributes:
        precision: share of the pairs put together that belong together.
        recall: share of the pairs that belong together that were put together.
        f1: their harmonic mean; B-cubed and exact-cluster figures likewise.
    """

    records: int
    clusters: int
    true_clusters: int
    true_pairs: int
    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    cluster_f1: float


def score(true: Iterable[object], made: Iterable[object]) -> Scores:
    """Compare two partitions, given as one label per thing, in the same order."""
    truth = pd.factorize(np.asarray(list(true), dtype=object))[0].astype(np.int64)
    found = pd.factorize(np.asarray(list(made), dtype=object))[0].astype(np.int64)
    cells, where, cell_sizes = np.unique(
        truth * (found.max(initial=0) + 1) + found, return_inverse=True, return_counts=True
    )
    true_sizes, found_sizes = np.bincount(truth), np.bincount(found)
    both, in_truth, in_found = _pairs(cell_sizes), _pairs(true_sizes), _pairs(found_sizes)
    precision = both / in_found if in_found else 1.0
    recall = both / in_truth if in_truth else 1.0
    own = cell_sizes[where]
    bcubed = (
        _mean(own / found_sizes[found]) if len(found) else 1.0,
        _mean(own / true_sizes[truth]) if len(truth) else 1.0,
    )
    first = np.unique(where, return_index=True)[1]
    exact = int(
        ((cell_sizes == true_sizes[truth[first]]) & (cell_sizes == found_sizes[found[first]])).sum()
    )
    clusters = len(true_sizes) + len(found_sizes)
    assert len(cells) == len(first)
    return Scores(
        records=len(truth),
        clusters=len(found_sizes),
        true_clusters=len(true_sizes),
        true_pairs=in_truth,
        precision=precision,
        recall=recall,
        f1=_harmonic(precision, recall),
        bcubed_precision=bcubed[0],
        bcubed_recall=bcubed[1],
        bcubed_f1=_harmonic(*bcubed),
        cluster_f1=2 * exact / clusters if clusters else 1.0,
    )


def _pairs(sizes: npt.NDArray[np.int64]) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())


def _mean(values: npt.NDArray[np.float64]) -> float:
    return float(values.mean())


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
