"""A regression and a small boosting, and the pairs on which they cannot agree or decide.

Invariant: a round is a function of the seed and the labels it was trained on; it scores every
place of the pool, so that leases and undone answers change the choice and not the round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from resolution.learner.features import Features

Label = tuple[int, bool]

_REACH = 5_000
_LABELS = 800
_DISSENT = 0.3
_JITTER = 0.02
_TREES = 25
_BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.2,
    "num_leaves": 8,
    "min_data_in_leaf": 4,
    "min_data_in_bin": 1,
    "max_bin": 31,
    "lambda_l2": 1.0,
    "feature_pre_filter": False,
    "force_col_wise": True,
    "deterministic": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, kw_only=True)
class Round:
    """What the committee holds after a training.

    `places` are those it scored, `probability` that each is one person, `ranked` the same places
    with the most telling first.
    """

    places: NDArray[np.int64]
    probability: NDArray[np.float64]
    ranked: NDArray[np.int64]


def train(features: Features, labels: Sequence[Label], *, seed: int) -> Round:
    """One training on labels of both kinds."""
    rng = np.random.default_rng((seed, len(labels)))
    known = _used(labels, len(features), seed)
    rows = features.matrix[[place for place, _ in known]]
    same = np.array([is_same for _, is_same in known])
    places = _reach(len(features), rng)
    vectors = features.matrix[places]
    one = _regression(rows, same, vectors)
    other = _boosting(rows, same, vectors, features.directions)
    mean = (one + other) / 2
    telling = _DISSENT * np.abs(one - other) - np.abs(mean - 0.5)
    telling += _JITTER * rng.random(len(places))  # a batch of near copies teaches once
    ranked = places[np.argsort(-telling, kind="stable")]
    return Round(places=places, probability=mean, ranked=ranked)


def _used(labels: Sequence[Label], count: int, seed: int) -> Sequence[Label]:
    """All labels, or if they are very many, the latest and some of the others.

    The others are drawn once for the seed, so that one more label changes little.
    """
    if len(labels) <= _LABELS:
        return labels
    early, late = labels[: -_LABELS // 2], labels[-_LABELS // 2 :]
    lot = np.random.default_rng((seed, count)).random(count)
    drawn = np.argsort(lot[[place for place, _ in early]])[: _LABELS // 2]
    return [*(early[at] for at in np.sort(drawn)), *late]


def _reach(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if count <= _REACH:
        return np.arange(count)
    return np.sort(rng.choice(count, _REACH, replace=False))


def _regression(
    rows: NDArray[np.float64], same: NDArray[np.bool_], vectors: NDArray[np.float64]
) -> NDArray[np.float64]:
    model = LogisticRegression(C=0.3, max_iter=1000).fit(rows, same)
    probability: NDArray[np.float64] = model.predict_proba(vectors)[:, 1]
    return probability


def _boosting(
    rows: NDArray[np.float64],
    same: NDArray[np.bool_],
    vectors: NDArray[np.float64],
    directions: NDArray[np.int8],
) -> NDArray[np.float64]:
    settings = _BOOSTING | {"monotone_constraints": directions.tolist()}
    data = lightgbm.Dataset(rows, label=same.astype(np.float64), params=settings)
    model = lightgbm.train(settings, data, num_boost_round=_TREES)
    return np.asarray(model.predict(vectors, num_threads=1), dtype=np.float64)
