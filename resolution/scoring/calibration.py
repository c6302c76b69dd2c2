"""Log odds made honest: of pairs said to be 80 % likely, four in five are one person.

Invariant: calibration is a rising straight line over log odds, so that the order of pairs stays
and contributions still add up; it is learned from scores of pairs that were not learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from resolution.scoring.classifier import Classifier
from resolution.scoring.errors import ClassifierError
from resolution.scoring.logistic import Odds, Rows

_TOWARDS_NONE = 4.0  # as strongly as so many labels: few labels change little
_SLOPES = (0.2, 3.0)
_OFFSETS = (-8.0, 8.0)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`slope * log odds + offset`."""

    slope: float
    offset: float

    def log_odds(self, raw: Odds) -> Odds:
        """Calibrated log odds."""
        return np.asarray(self.slope * raw + self.offset)

    def probability(self, raw: Odds) -> Odds:
        """Calibrated probabilities."""
        return np.asarray(expit(self.log_odds(raw)))


@dataclass(frozen=True, kw_only=True)
class Bin:
    """What was promised and what was found among pairs of like probability."""

    low: float
    high: float
    labels: int
    promised: float
    found: float


def effective_size(weight: Odds) -> float:
    """As many equally weighted labels as these tell (Kish)."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def fit_calibration(
    raw: Odds, same: npt.NDArray[np.bool_], weight: Odds | None = None
) -> Calibration:
    """Platt's line, drawn towards leaving log odds as they are.

    Args:
        raw: log odds of pairs that were not learned from, see `out_of_fold`.
    """
    given = np.ones(len(raw)) if weight is None else np.asarray(weight, dtype=np.float64)
    if not len(raw) or given.sum() <= 0:
        return Calibration(slope=1.0, offset=0.0)
    weights = given * effective_size(given) / given.sum()
    sign = np.where(same, 1.0, -1.0)

    def loss(line: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (line[0] * raw + line[1])
        pull = -weights * sign * expit(-margin)
        away = line - np.array([1.0, 0.0])
        value = -float(weights @ log_expit(margin)) + _TOWARDS_NONE / 2 * float(away @ away)
        return value, np.array([pull @ raw, pull.sum()]) + _TOWARDS_NONE * away

    found = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[_SLOPES, _OFFSETS]
    )
    return Calibration(slope=float(found.x[0]), offset=float(found.x[1]))


def out_of_fold(
    rows: Rows,
    same: npt.NDArray[np.bool_],
    *,
    names: Sequence[str],
    directions: npt.NDArray[np.int8],
    weight: npt.NDArray[np.floating[Any]] | None = None,
    folds: int = 5,
    seed: int = 0,
) -> Odds:
    """Log odds of each label by a classifier that learned from the other folds' labels.

    Raises:
        ClassifierError: with fewer than two labels of either kind.
    """
    same = np.asarray(same, dtype=bool)
    count = min(folds, int(same.sum()), int((~same).sum()))
    if count < 2:
        raise ClassifierError("at least two labels of each kind are needed to hold any out")
    fold = _folds(same, count, seed)
    out = np.empty(len(same))
    for held in range(count):
        rest, aside = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        model = Classifier.fit(
            rows[rest],
            same[rest],
            names=names,
            directions=directions,
            weight=None if weight is None else weight[rest],
            seed=seed,
        )
        out[aside] = model.log_odds(rows[aside])
    return out


def _folds(same: npt.NDArray[np.bool_], count: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each label, both kinds spread evenly."""
    random = np.random.default_rng(seed)
    fold = np.empty(len(same), dtype=np.int64)
    for kind in (True, False):
        which = random.permutation(np.flatnonzero(same == kind))
        fold[which] = np.arange(len(which)) % count
    return fold


def reliability(
    p: Odds, same: npt.NDArray[np.bool_], weight: Odds | None = None, *, bins: int = 10
) -> list[Bin]:
    """Promised against found, in bins of equal width; empty bins are left out."""
    weights = np.ones(len(p)) if weight is None else weight
    place = np.clip((p * bins).astype(np.int64), 0, bins - 1)
    table = []
    for each in np.unique(place[weights > 0]).tolist():
        inside = (place == each) & (weights > 0)
        share = weights[inside] / weights[inside].sum()
        table.append(
            Bin(
                low=each / bins,
                high=(each + 1) / bins,
                labels=int(inside.sum()),
                promised=float(share @ p[inside]),
                found=float(share @ same[inside]),
            )
        )
    return table
