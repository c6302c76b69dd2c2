"""Gradient boosting that never takes more alikeness as evidence against.

Invariant: a function of the labels and the seed alone; what is read back from its text scores
bit for bit as what was learned, for what is learned is read back before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from resolution import libraries
from resolution.scoring import attribution
from resolution.scoring.attribution import Questions, questions_of
from resolution.scoring.logistic import Odds, Rows

if TYPE_CHECKING:
    import lightgbm

_FEW = 200  # rows that are explained one by one
# One thread always. Learning is thousands of small steps, at each of which several would wait for
# each other: on a busy machine that costs not a second but minutes. Who scores many rows has two
# threads of its own.
_ALWAYS: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "boost_from_average": True,
    "verbosity": -1,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Boosting:
    """Trees, kept as the text that they are stored as."""

    text: str
    _trees: lightgbm.Booster = field(repr=False)

    @classmethod
    def fit(
        cls,
        rows: Rows,
        same: npt.NDArray[np.bool_],
        weight: Odds,
        directions: npt.NDArray[np.int8],
        seed: int,
    ) -> Self:
        """Learn from rows of both kinds; `weight` has a mean of 1."""
        size, rounds = _size(len(rows), int(min(same.sum(), (~same).sum())))
        settings = _ALWAYS | size | {"seed": seed, "num_threads": 1}
        settings["monotone_constraints"] = directions.tolist()
        lightgbm = libraries.lightgbm()
        data = lightgbm.Dataset(
            rows, label=same.astype(np.float32), weight=weight.astype(np.float32), params=settings
        )
        return cls.from_text(lightgbm.train(settings, data, rounds).model_to_string())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Trees from their text, which must come from a place that is trusted."""
        return cls(text=text, _trees=libraries.lightgbm().Booster(model_str=text))

    def log_odds(self, rows: Rows) -> Odds:
        """Log odds, shape (rows,)."""
        if not len(rows):
            return np.zeros(0)
        found = self._trees.predict(rows, raw_score=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, rows: Rows) -> Odds:
        """Exact attribution (TreeSHAP); the base is last."""
        if not len(rows):
            return np.zeros((0, rows.shape[1] + 1))
        if self._questions is not None and len(rows) >= _FEW:
            return attribution.contributions(self._trees, self._questions, rows)
        found = self._trees.predict(rows, pred_contrib=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    @cached_property
    def _questions(self) -> list[Questions] | None:
        return questions_of(self._trees)


def _size(count: int, rarer: int) -> tuple[dict[str, Any], int]:
    """Settings and rounds that so many labels bear, `rarer` of the rarer kind."""
    if count >= 5_000:
        return {
            "num_leaves": 24,
            "learning_rate": 0.15,
            "min_data_in_leaf": max(20, count // 2_000),
            "max_bin": 63,
            "bin_construct_sample_cnt": 20_000,
            "lambda_l2": 2.0,
        }, 90
    few = rarer < 20 or count < 100
    return {
        "num_leaves": 4 if few else 8,
        "max_depth": 2 if few else 4,
        "learning_rate": 0.2,
        "min_data_in_leaf": int(np.clip(rarer // 4, 2, 4 if count < 600 else 10)),
        "min_data_in_bin": 1,
        "max_bin": 31 if few else 63,
        "lambda_l2": 3.0 if few else 1.0,
    }, (40 if few else 60)
