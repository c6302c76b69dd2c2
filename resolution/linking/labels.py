"""What is known of pairs without looking at their likeness: identifiers, and stewards' answers.

Invariant: identifiers give labels only where both records hold a valid one; what a classifier
learns from them is learned without the features that tell of those identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from governance.judgements import Judgement
from resolution.columns import Index
from resolution.vectors.similarity import Floats

TELLING = ("nhs_equal", "nhs_near", "nhs_conflict", "other_number")
"""Features that tell of the identifiers by which labels come for nothing."""

LEAST_EACH = 150  # labels of each kind from which identifiers are learned from
MOST_OF_A_KIND = 100_000  # more teach nothing and cost time
LEAST_JUDGED_EACH = 10
LEAST_JUDGED = 40  # stewards' labels from which they are learned from


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Labelled candidate pairs: their places, whether they are one person, and their weights."""

    places: Index
    same: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.places)

    def suffice(self, least: int, least_each: int) -> bool:
        """Whether there are enough of them, and of each kind."""
        same = int(self.same.sum())
        return len(self) >= least and min(same, len(self) - same) >= least_each


def identifier_evidence(
    vectors: Floats, names: Sequence[str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Pairs that share a valid identifier, and pairs whose valid ones differ."""
    return evidence_of({name: vectors[:, place_of(names, name)] for name in TELLING})


def place_of(names: Sequence[str], name: str) -> int:
    """Where a feature stands, be it of records or the best of clusters."""
    return names.index(name if name in names else f"best_{name}")


def evidence_of(
    column: Mapping[str, npt.NDArray[Any]],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """The same from the features by name."""
    shared = (column["nhs_equal"] > 0) | (column["other_number"] > 0)
    differ = (column["nhs_conflict"] > 0) | (column["other_number"] < 0)
    return shared, differ & ~shared


def free_labels(
    places: Index, shared: npt.NDArray[np.bool_], differ: npt.NDArray[np.bool_], seed: int = 0
) -> Labels:
    """Labels that cost nobody anything: what identifiers say of candidate pairs.

    Args:
        places: the candidate pairs that `shared` and `differ` tell of.
    """
    random = np.random.default_rng(seed)
    chosen, weights = [], []
    for which in (shared, differ):
        found = places[which]
        kept = found
        if len(found) > MOST_OF_A_KIND:
            kept = np.sort(random.choice(found, MOST_OF_A_KIND, replace=False))
        chosen.append(kept)
        weights.append(np.full(len(kept), len(found) / max(len(kept), 1)))
    same = np.repeat([True, False], [len(each) for each in chosen])
    return Labels(places=np.concatenate(chosen), same=same, weight=np.concatenate(weights))


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Stewards' judgements by record number; records that are gone are left out and counted.

    Attributes:
        weight: how many pairs each answer stands for; 0 if its question was not drawn at random.
        of_groups: whether the question was about two groups of records.
    """

    left: Index
    right: Index
    same: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float64]
    of_groups: npt.NDArray[np.bool_]
    gone: int

    def pairs(self, same: bool) -> list[tuple[int, int]]:
        """The pairs judged so, lower number first."""
        which = self.same == same
        return list(zip(self.left[which].tolist(), self.right[which].tolist(), strict=True))

    def at(self, places: npt.NDArray[np.integer[Any]] | npt.NDArray[np.bool_]) -> Judged:
        """Some of them."""
        return Judged(
            left=self.left[places],
            right=self.right[places],
            same=self.same[places],
            weight=self.weight[places],
            of_groups=self.of_groups[places],
            gone=self.gone,
        )


def judged_pairs(judgements: Sequence[Judgement], number: dict[str, int]) -> Judged:
    """Judgements as pairs of record numbers; `number` is of the records that are there."""
    decided = [entry for entry in judgements if entry.verdict in {"same", "different"}]
    found = [entry for entry in decided if entry.record_a in number and entry.record_b in number]
    numbers = [sorted((number[entry.record_a], number[entry.record_b])) for entry in found]
    pairs = np.array(numbers, dtype=np.int64).reshape(-1, 2)
    return Judged(
        left=pairs[:, 0],
        right=pairs[:, 1],
        same=np.array([entry.verdict == "same" for entry in found], dtype=bool),
        weight=np.array([_weight(entry.question) for entry in found], dtype=np.float64),
        of_groups=np.array([entry.form == "clusters" for entry in found], dtype=bool),
        gone=len(decided) - len(found),
    )


def _weight(question: Mapping[str, Any]) -> float:
    return float(question.get("weight", 0.0)) if question.get("control") else 0.0
