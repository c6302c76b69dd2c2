"""What stewards' labels correct of a score that was learned without them.

Invariant: the correction is bounded and starts from the score, so that pairs unlike any that a
steward saw stay as they were; it is kept only if it foretells labels that it has not seen better
than the score alone does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from resolution import libraries
from resolution.vectors.similarity import Floats

if TYPE_CHECKING:
    import lightgbm

Odds = npt.NDArray[np.float64]

_FOLDS = 5
_ROUNDS = 40
_MOST = 6.0  # of the score's log odds, what is certain is not corrected from further out
_AT_ONCE = 400_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Correction:
    """Trees added to a score's log odds.

    The questions are chosen where the model errs, so how often it erred among them says nothing
    of all pairs: the score itself is neither stretched nor moved.
    """

    text: str
    trees: lightgbm.Booster

    def apply(self, vectors: Floats, score: Odds) -> Odds:
        """The corrected log odds."""
        return score + self._added(vectors, score)

    def contributions(self, vectors: Floats, score: Odds) -> Odds:
        """Per feature what the trees add; the last column what they all start from."""
        if not len(vectors):
            return np.zeros((0, vectors.shape[1] + 1))
        found = np.asarray(self.trees.predict(vectors, pred_contrib=True, num_threads=1))
        return np.asarray(found * _trust(score)[:, None], dtype=np.float64)

    def _added(self, vectors: Floats, score: Odds) -> Odds:
        out = np.zeros(len(vectors))
        asked = np.flatnonzero(_trust(score) > 0)
        for start in range(0, len(asked), _AT_ONCE):
            part = asked[start : start + _AT_ONCE]
            out[part] = self.trees.predict(vectors[part], raw_score=True, num_threads=1)
        return out * _trust(score)

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {"trees": self.text}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Correction:
        """What `to_json` gave."""
        return cls._made(content["trees"])

    @classmethod
    def _made(cls, text: str) -> Correction:
        return cls(text=text, trees=libraries.lightgbm().Booster(model_str=text))


def fit_correction(
    vectors: Floats, score: Odds, same: npt.NDArray[np.bool_], directions: npt.NDArray[np.int8]
) -> tuple[Correction | None, Odds]:
    """Learn what to correct, and what is said of each label where it was not learned from.

    Returns:
        The correction, None if the score foretells unseen labels as well without; and log odds of
        the labels, each as the others alone would correct it.
    """
    fold = np.random.default_rng(0).permutation(len(same)) % _FOLDS
    held = np.zeros(len(same))
    for each in range(_FOLDS):
        seen, unseen = fold != each, fold == each
        without = _fit(vectors[seen], score[seen], same[seen], directions)
        held[unseen] = without.apply(vectors[unseen], score[unseen])
    worth = _loss(score, same) - _loss(held, same)
    for each in range(_FOLDS):
        unseen = fold == each
        if worth[~unseen].sum() <= 0:
            held[unseen] = score[unseen]
    made = _fit(vectors, score, same, directions) if worth.sum() > 0 else None
    return made, held


def _fit(
    vectors: Floats, score: Odds, same: npt.NDArray[np.bool_], directions: npt.NDArray[np.int8]
) -> Correction:
    settings = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 4,
        "min_data_in_leaf": 8,
        "min_data_in_bin": 1,
        "lambda_l2": 5.0,
        "max_delta_step": 1.0,
        "monotone_constraints": [int(each) for each in directions],
        "boost_from_average": False,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "seed": 0,
        "verbosity": -1,
    }
    lightgbm = libraries.lightgbm()
    data = lightgbm.Dataset(
        np.ascontiguousarray(vectors, dtype=np.float32),
        label=same.astype(np.float32),
        init_score=score,
        params=settings,
    )
    text = lightgbm.train(settings, data, _ROUNDS).model_to_string()
    return Correction._made(text)


def _trust(score: Odds) -> Odds:
    """1 where a steward was asked, falling to 0 where the score is certain."""
    return np.asarray(np.clip(_MOST - np.abs(score), 0.0, 1.0))


def _loss(odds: Odds, same: npt.NDArray[np.bool_]) -> Odds:
    signed = np.where(same, odds, -odds)
    return np.asarray(np.logaddexp(0.0, -signed))
