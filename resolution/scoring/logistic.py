"""A ridge logistic regression over standardised features.

Invariant: its log odds are bounded and rise with the weighted sum; the contributions of the
features and of the base add up to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from resolution import libraries
from resolution.learner.threads import one_thread

Odds = npt.NDArray[np.float64]
Rows = npt.NDArray[np.floating[Any]]

BOUND = 10.0
"""No weighted sum says more than this: one far-off vector must not outshout the boosting."""

_RIDGE = 3.0
_ROWS = 2_048  # at once: as many as stay in the processor's cache
_RIDGE_PER_LABEL = 1e-4  # of many labels, lest what separates them grow without end


@dataclass(frozen=True, kw_only=True, eq=False)
class Logistic:
    """Weights per unit of each feature, the features' means, and the odds at the means."""

    slopes: Odds
    means: Odds
    base: float

    @classmethod
    def fit(cls, rows: Rows, same: npt.NDArray[np.bool_], weight: Odds) -> Self:
        """Learn from rows of both kinds; `weight` has a mean of 1."""
        exact = rows.astype(np.float64)
        means, spread = exact.mean(axis=0), exact.std(axis=0)
        spread[spread < 1e-9] = 1.0
        exact -= means
        exact /= spread
        ridge = max(_RIDGE, _RIDGE_PER_LABEL * len(rows))
        model = libraries.linear_model().LogisticRegression(
            C=1.0 / ridge, solver="newton-cholesky", max_iter=200
        )
        with one_thread():
            model.fit(exact, same, sample_weight=weight)
        return cls(slopes=model.coef_[0] / spread, means=means, base=float(model.intercept_[0]))

    def log_odds(self, rows: Rows) -> Odds:
        """Bounded log odds, shape (rows,)."""
        at_zero = self.base - float(self.means @ self.slopes)
        out = np.empty(len(rows))
        for start in range(0, len(rows), _ROWS):
            part = slice(start, start + _ROWS)
            out[part] = rows[part].astype(np.float64) @ self.slopes
        return _bounded(out + at_zero)

    def contributions(self, rows: Rows) -> Odds:
        """What each feature adds, and last the base, shape (rows, features + 1)."""
        out = np.empty((len(rows), len(self.slopes) + 1))
        out[:, :-1] = (rows.astype(np.float64) - self.means) * self.slopes
        out[:, -1] = self.base
        return scaled_to(out, _bounded(out.sum(axis=1)))

    def to_json(self) -> dict[str, Any]:
        return {"slopes": self.slopes.tolist(), "means": self.means.tolist(), "base": self.base}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        return cls(
            slopes=np.array(content["slopes"], dtype=np.float64),
            means=np.array(content["means"], dtype=np.float64),
            base=float(content["base"]),
        )


def scaled_to(parts: Odds, whole: Odds) -> Odds:
    """Contributions shrunk in proportion so that each row sums to `whole`."""
    sums = parts.sum(axis=1)
    safe = np.where(np.abs(sums) < 1e-12, 1.0, sums)
    return np.asarray(parts * np.where(np.abs(sums) < 1e-12, 1.0, whole / safe)[:, None])


def _bounded(odds: Odds) -> Odds:
    return np.asarray(BOUND * np.tanh(odds / BOUND))
