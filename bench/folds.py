"""Scores that true labels taught, each pair by a model that never saw its person.

Invariant: people are dealt into folds by their number; the model that scores a pair learned from
pairs of which neither person is in the fold of the pair's first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.scoring import Classifier

Vectors = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Odds = npt.NDArray[np.float64]

_FOLDS = 5
_MIXED = 2_654_435_761  # Knuth's multiplier: neighbours fall into different folds


@dataclass(frozen=True, kw_only=True)
class Folds:
    """Classifiers, by the fold of people that each may score."""

    of: tuple[Classifier, ...]
    kept: npt.NDArray[np.intp]  # places of the features used

    @classmethod
    def fit(
        cls,
        rows: Vectors,
        same: npt.NDArray[np.bool_],
        person: Index,
        other: Index,
        *,
        names: Sequence[str],
        directions: npt.NDArray[np.int8],
        without: Sequence[int] = (),
    ) -> Folds:
        """Learn each from labelled pairs.

        Args:
            person, other: whose records, or whose clusters, the two of each pair are.
            without: places of features that are not to be used.
        """
        left, right = fold(person), fold(other)
        kept = np.setdiff1d(np.arange(len(names)), np.array(without, dtype=np.intp))
        made = []
        for each in range(_FOLDS):
            seen = (left != each) & (right != each)
            made.append(
                Classifier.fit(
                    rows[seen][:, kept],
                    same[seen],
                    names=[names[place] for place in kept],
                    directions=directions[kept],
                )
            )
        return cls(of=tuple(made), kept=kept)

    def log_odds(self, rows: Vectors, person: Index) -> Odds:
        """Log odds of pairs, by the model that did not learn from the person on the left."""
        out = np.zeros(len(rows))
        for each, model in enumerate(self.of):
            own = fold(person) == each
            out[own] = model.log_odds(rows[own][:, self.kept])
        return out


def fold(person: Index) -> npt.NDArray[np.int8]:
    """The fold of each person."""
    return np.asarray((person * _MIXED >> 7) % _FOLDS, dtype=np.int8)
