"""The probability from which joining costs less than leaving apart.

Invariant: with calibrated probabilities this is `cost / (1 + cost)`, and labels move it only as
far as they must: it is the nearest to that figure which is not clearly dearer than the best.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolution.scoring.logistic import Odds

_CANDIDATES = 200
_LOWEST, _HIGHEST = 0.02, 0.995
_ERRORS_ALLOWED = 1.0  # standard errors by which a threshold may be dearer than the best
_RESERVE = 20.0  # wrong answers that a saving must rest on before it counts for half


def choose_threshold(
    p: Odds,
    same: npt.NDArray[np.bool_],
    weight: Odds | None = None,
    *,
    cost_of_false_merge: float,
) -> float:
    """Choose where to join.

    Args:
        p: calibrated probabilities, of labels that were not learned from.
        weight: how many pairs of the whole file each label stands for.
        cost_of_false_merge: as many missed links as one false merge is worth.
    """
    ideal = cost_of_false_merge / (1.0 + cost_of_false_merge)
    if not len(p):
        return ideal
    weights = np.ones(len(p)) if weight is None else np.asarray(weight, dtype=np.float64)
    places = np.unique(np.quantile(p, np.linspace(0, 1, _CANDIDATES)))
    middles = (places[1:] + places[:-1]) / 2
    tried = np.unique(np.clip(np.append(middles, ideal), _LOWEST, _HIGHEST))
    false = weights * cost_of_false_merge * ~same
    missed = weights * same
    costs = np.array([np.where(p >= each, false, missed) for each in tried])
    extra = costs - costs[int(costs.sum(axis=1).argmin())]
    error = np.sqrt((extra**2).sum(axis=1))
    good = np.flatnonzero(extra.sum(axis=1) <= _ERRORS_ALLOWED * error)
    away = np.abs(_odds(tried[good]) - _odds(ideal))
    nearest = float(tried[good[int(away.argmin())]])
    if nearest == ideal:
        return ideal
    at_ideal = extra[int(np.abs(tried - ideal).argmin())]
    telling = float(np.count_nonzero(at_ideal))
    share = telling / (telling + _RESERVE)
    odds = share * _odds(nearest) + (1 - share) * _odds(ideal)
    return float(1.0 / (1.0 + np.exp(-odds)))


def _odds(p: npt.ArrayLike) -> Odds:
    value = np.clip(np.asarray(p, dtype=np.float64), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(value / (1 - value)))
