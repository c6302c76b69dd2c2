"""Clusters compared with clusters: what a whole person's records and companions say.

Invariant: starts from strict clusters and only ever joins them, under the same constraints as
the first pass. Labels that identifiers give are taken from clusters that were made without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.cluster_pairs import ClusterVectors, Summaries, candidate_cluster_pairs
from resolution.cluster_pairs.presence import write_presence
from resolution.clusters import (
    Clustering,
    Constraints,
    Index,
    Scored,
    cluster,
    numbers_held,
)
from resolution.distinct import compact, distinct, places_among
from resolution.lifespans import Lifespans
from resolution.linking.labels import Judged, free_labels, identifier_evidence
from resolution.linking.scorer import Learned, Odds, Scorer, probability, unscored
from resolution.pieces import lowest
from resolution.vectors.similarity import Floats

ScorePairs = Callable[[Index, Index], tuple[Floats, npt.NDArray[np.float64]]]

_JOINED = 0.9  # between rounds only what is sure is joined


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Pairs of clusters of one partition (compact numbers), and their vectors."""

    clusters: Index  # of each record
    left: Index
    right: Index
    vectors: ClusterVectors
    rows: Floats

    def base(self) -> Odds:
        """Label-free log odds: the mean over the pairs of records."""
        return self.rows[:, self.vectors.names.index("pair_log_odds")].astype(np.float64)


def compare_clusters(
    con: duckdb.DuckDBPyConnection,
    labels: Index,
    scored: Scored,
    score: ScorePairs,
    names: tuple[str, ...],
    directions: npt.NDArray[np.int8],
    remembered: Summaries | None = None,
) -> Compared:
    """Every pair of clusters that could be one person.

    Args:
        remembered: what is known of some of them already.
    """
    clusters = compact(labels)
    write_presence(con, clusters)
    left, right = candidate_cluster_pairs(con, labels, scored)
    vectors = ClusterVectors(con, labels, score, names, directions, remembered)
    return Compared(
        clusters=clusters,
        left=left,
        right=right,
        vectors=vectors,
        rows=vectors(left, right),
    )


def blank(compared: Compared) -> Scorer:
    """A scorer of pairs of clusters that nothing taught yet."""
    return unscored(compared.vectors.names, compared.vectors.directions)


def train_free(compared: Compared) -> Scorer:
    """A scorer of pairs of clusters that learned what shared identifiers give for nothing."""
    scorer = blank(compared)
    shared, differ = identifier_evidence(compared.rows, compared.vectors.names)
    places = np.flatnonzero(shared | differ)
    labels = free_labels(places, shared[places], differ[places])
    return scorer.learn_free(compared.rows[labels.places], labels)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Pairs of clusters that stewards told of, once each: the first answer about them."""

    places: Index
    rows: Floats
    base: Odds
    same: npt.NDArray[np.bool_]


def answered(compared: Compared, judged: Judged) -> Answered:
    """What stewards said of pairs of records too tells of their clusters."""
    places = compared_places(compared, judged.left, judged.right)
    there = np.flatnonzero(places >= 0)
    rows, first = np.unique(places[there], return_index=True)
    return Answered(
        places=rows,
        rows=compared.rows[rows],
        base=compared.base()[rows],
        same=judged.same[there[first]],
    )


def learn_judged(compared: Compared, scorer: Scorer, judged: Judged) -> tuple[Learned, Index]:
    """The scorer with what stewards said, and the places of the pairs that they told of."""
    told = answered(compared, judged)
    return scorer.learn(told.rows, told.base, told.same), told.places


def compared_places(compared: Compared, left: Index, right: Index) -> Index:
    """Where the clusters of each pair of records stand among those compared, -1 for nowhere."""
    size = int(compared.clusters.max(initial=0)) + 1
    a, b = compared.clusters[left], compared.clusters[right]
    asked = np.minimum(a, b) * size + np.maximum(a, b)
    known = compared.left * size + compared.right  # sorted: candidates come in order
    return places_among(known, asked)


def cluster_odds(compared: Compared, scorer: Scorer) -> Odds:
    """Calibrated log odds of each pair of clusters."""
    return scorer.log_odds(compared.rows, compared.base())


def join(
    compared: Compared, p: npt.NDArray[np.float64], constraints: Constraints, at: float
) -> tuple[Index, Clustering, Scored]:
    """Join clusters; labels of the records, and what was decided between clusters."""
    between = _between(compared, constraints)
    spans = between.spans or Lifespans.unknown(len(between.number))
    scored = Scored(
        left=compared.left,
        right=compared.right,
        probability=p,
        parted=spans.apart(compared.left, compared.right),
    )
    made = cluster(scored, between, link_at=at, mean_support=at, missing=0.0)
    return lowest(made.labels[compared.clusters]), made, scored


def _between(compared: Compared, constraints: Constraints) -> Constraints:
    """Constraints on records as constraints on their clusters, which may hold several numbers."""
    clusters = compared.clusters
    count = int(clusters.max(initial=-1)) + 1
    who, held = numbers_held(constraints)
    number = np.full(count, -1, dtype=np.int32)
    number[clusters[who]] = held
    others = np.unique(
        np.stack([clusters[who], held], axis=1)[held != number[clusters[who]]], axis=0
    )
    spans = constraints.spans
    pairs = [(int(clusters[a]), int(clusters[b])) for a, b in constraints.cannot]
    must = [(int(clusters[a]), int(clusters[b])) for a, b in constraints.must]
    return Constraints(
        must=[pair for pair in must if pair[0] != pair[1]],
        cannot=[pair for pair in pairs if pair[0] != pair[1]],
        number=number,
        also=[(int(a), int(b)) for a, b in others],
        spans=spans.of(clusters, count) if spans is not None else None,
    )


def rounds(
    first: Compared,
    again: Callable[[Index], Compared],
    scorer: Scorer,
    constraints: Constraints,
    *,
    count: int,
    threshold: float,
) -> tuple[Index, tuple[Compared, ...], npt.NDArray[np.float64], Clustering]:
    """Compare and join `count` times; only what is sure before the last round.

    Returns:
        Labels of the records, every round's comparison, and the last one's probabilities and joins.
    """
    compared, p = [first], probability(cluster_odds(first, scorer))
    labels = lowest(first.clusters)
    made = Clustering(labels=distinct(first.clusters), refused=())
    for turn in range(count):
        if turn:
            p = probability(cluster_odds(compared[-1], scorer))
        last = turn == count - 1
        at = threshold if last else max(_JOINED, threshold)
        labels, made, _ = join(compared[-1], p, constraints, at)
        if not last:
            compared.append(again(labels))
    return labels, tuple(compared), p, made
