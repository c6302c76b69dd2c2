"""The comparison vector of two clusters: their record pairs summed up, and their companions.

Invariant: finite numbers only, whatever order the clusters of a pair stand in; a pair of large
clusters is compared by a bounded number of records of each, spread evenly over them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.cluster_pairs import companions
from resolution.clusters import Floats, Index
from resolution.distinct import compact, places_among
from resolution.portions import in_order

Vector = npt.NDArray[np.float32]
ScorePairs = Callable[[Index, Index], tuple[Vector, Floats]]

# of these the worst pair of records tells too: somebody with two names is two people
WORST = (
    "given_alike",
    "given_two_names",
    "family_alike",
    "middle",
    "birth_parts",
    "birth_far",
    "birth_expected",
    "nhs_conflict",
    "sex",
    "name_use_least",
    "name_and_birth",
    "same_source",
)
_SUMMARY = (
    "pair_likeliest",
    "pair_unlikeliest",
    "pair_mean",
    "pair_log_odds",
    "pairs",
    "smaller_cluster",
    "larger_cluster",
)
_SUMMARY_DIRECTIONS = (1, 1, 1, 1, 0, 0, 0)
MEMBERS_COMPARED = 10  # of each cluster
_PAIRS_AT_ONCE = 150_000
_CLIP = 1e-4  # log odds stay finite


@dataclass(frozen=True, kw_only=True)
class Summaries:
    """What the record pairs of pairs of clusters say, before their companions do.

    Attributes:
        left: compact cluster numbers; each pair once, lower first, in order.
        vectors: one row for each pair.
        likeliest: the probability of its likeliest pair of records.
        first, second: that pair.
    """

    left: Index
    right: Index
    vectors: Vector
    likeliest: Floats
    first: Index
    second: Index

    def places(self, left: Index, right: Index, count: int) -> Index:
        """Where each pair stands among them, -1 for nowhere; `count` clusters there are."""
        return places_among(self.left * count + self.right, left * count + right)

    def renumbered(self, numbers: Index) -> Summaries:
        """Those pairs of which both clusters have a number in another partition.

        Args:
            numbers: by the number of a cluster here its number there, -1 for none.
        """
        one, other = numbers[self.left], numbers[self.right]
        place = np.flatnonzero((one >= 0) & (other >= 0))
        left, right = np.minimum(one, other)[place], np.maximum(one, other)[place]
        order = np.lexsort((right, left))
        place = place[order]
        return Summaries(
            left=left[order],
            right=right[order],
            vectors=self.vectors[place],
            likeliest=self.likeliest[place],
            first=self.first[place],
            second=self.second[place],
        )


class ClusterVectors:
    """Comparison vectors over the clusters of one partition.

    Attributes:
        names: the features.
        directions: for each, 1 (more is more alike), -1 or 0.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        labels: Index,
        score_pairs: ScorePairs,
        names: Sequence[str],
        directions: npt.NDArray[np.int8],
        remembered: Summaries | None = None,
    ) -> None:
        """Reads `presence`, of the same partition, when called.

        Args:
            labels: the lowest record number of each record's cluster.
            score_pairs: vectors and probabilities of pairs of records, lower number first.
            names: the features of `score_pairs`.
            remembered: what is known of some pairs already.
        """
        self._remembered = remembered
        self._score = score_pairs
        self._worst = [names.index(name) for name in WORST if name in names]
        least = [names[place] for place in self._worst]
        self.names: tuple[str, ...] = (
            *(f"best_{name}" for name in names),
            *(f"worst_{name}" for name in least),
            *_SUMMARY,
            *companions.NAMES,
        )
        self.directions: npt.NDArray[np.int8] = np.concatenate(
            [
                directions,
                directions[self._worst],
                np.array((*_SUMMARY_DIRECTIONS, *companions.DIRECTIONS)),
            ]
        ).astype(np.int8)
        clusters = compact(labels)
        self._members = np.argsort(clusters, kind="stable")
        self._sizes = np.bincount(clusters)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._companions = companions.Companions(con, len(self._sizes))

    def __call__(self, left: Index, right: Index) -> Vector:
        """The vectors of pairs of clusters (compact numbers), shape (pairs, features).

        Likely companions are looked for among the pairs given: give all candidates at once.
        """
        left, right = np.minimum(left, right), np.maximum(left, right)
        found = self._recalled(left, right)
        rows = np.hstack([found.vectors, self._companions(left, right, found.likeliest)])
        self.summaries = replace(found, vectors=rows[:, : found.vectors.shape[1]])
        return rows

    def strongest(self, left: Index, right: Index) -> tuple[Index, Index]:
        """Of each pair of clusters the likeliest pair of records, lower number first.

        Raises:
            KeyError: if a pair is not among those last compared.
        """
        told = self.summaries
        places = told.places(np.minimum(left, right), np.maximum(left, right), len(self._sizes))
        if (places < 0).any():
            raise KeyError("clusters that were not compared")
        return told.first[places], told.second[places]

    def _recalled(self, left: Index, right: Index) -> Summaries:
        """What is remembered, and the rest worked out."""
        if self._remembered is None:
            found = self._summarise(left, right)
        else:
            places = self._remembered.places(left, right, len(self._sizes))
            new = np.flatnonzero(places < 0)
            found = _merged(self._remembered, places, self._summarise(left[new], right[new]), new)
        return replace(found, left=left, right=right)

    def _summarise(self, left: Index, right: Index) -> Summaries:
        taken = np.minimum(self._sizes, MEMBERS_COMPARED)
        ends = np.cumsum(taken[left] * taken[right])
        cuts = np.searchsorted(ends, np.arange(_PAIRS_AT_ONCE, ends[-1:].sum(), _PAIRS_AT_ONCE))
        split = zip(np.split(left, cuts), np.split(right, cuts), strict=True)
        parts = list(in_order(self._part, [each for each in split if len(each[0])]))
        width = len(self.names) - len(companions.NAMES)
        none, nobody = np.empty((0, width), np.float32), np.empty(0, np.int64)
        first, second = (
            np.concatenate([nobody, *(getattr(part, side) for part in parts)])
            for side in ("first", "second")
        )
        return Summaries(
            left=left,
            right=right,
            vectors=np.concatenate([none, *(part.vectors for part in parts)]),
            likeliest=np.concatenate([np.empty(0), *(part.likeliest for part in parts)]),
            first=first,
            second=second,
        )

    def _part(self, clusters: tuple[Index, Index]) -> Summaries:
        left, right = clusters
        pair, first, second = self._across(left, right)
        vectors, probability = self._score(first, second)
        starts = np.searchsorted(pair, np.arange(len(left)))
        most = np.maximum.reduceat(vectors, starts, axis=0)
        least = np.minimum.reduceat(vectors[:, self._worst], starts, axis=0)
        likeliest = np.maximum.reduceat(probability, starts)
        clipped = np.clip(probability, _CLIP, 1 - _CLIP)
        counts = np.diff(np.r_[starts, len(pair)])
        summary = (
            likeliest,
            np.minimum.reduceat(probability, starts),
            np.add.reduceat(probability, starts) / counts,
            np.add.reduceat(np.log(clipped / (1 - clipped)), starts) / counts,
            counts,
            np.minimum(self._sizes[left], self._sizes[right]),
            np.maximum(self._sizes[left], self._sizes[right]),
        )
        best = np.flatnonzero(probability == likeliest[pair])
        best = best[np.unique(pair[best], return_index=True)[1]]
        return Summaries(
            left=left,
            right=right,
            vectors=np.hstack([most, least, np.stack(summary, axis=1)]).astype(np.float32),
            likeliest=likeliest,
            first=first[best],
            second=second[best],
        )

    def _across(self, left: Index, right: Index) -> tuple[Index, Index, Index]:
        """Place of the cluster pair, and the two records, for every pair that is compared."""
        mine = np.minimum(self._sizes[left], MEMBERS_COMPARED)
        theirs = np.minimum(self._sizes[right], MEMBERS_COMPARED)
        counts = mine * theirs
        pair = np.repeat(np.arange(len(left)), counts)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        a = self._nth(left[pair], place // theirs[pair], mine[pair])
        b = self._nth(right[pair], place % theirs[pair], theirs[pair])
        return pair, np.minimum(a, b), np.maximum(a, b)

    def _nth(self, cluster: Index, nth: Index, of: Index) -> Index:
        """The nth of the `of` records that stand for a cluster."""
        return np.asarray(self._members[self._starts[cluster] + nth * self._sizes[cluster] // of])


def _merged(old: Summaries, places: Index, new: Summaries, at: Index) -> Summaries:
    """Those of `old` at the places given, and `new` ones where there is no place."""
    held = np.maximum(places, 0) if len(old.left) else np.zeros(0, dtype=np.int64)

    def column(name: str) -> npt.NDArray[Any]:
        before, after = getattr(old, name), getattr(new, name)
        out = np.empty((len(places), *after.shape[1:]), dtype=after.dtype)
        if len(held):
            out[:] = before[held]
        out[at] = after
        return out

    names = ("left", "right", "vectors", "likeliest", "first", "second")
    return Summaries(**{name: column(name) for name in names})
