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
from resolution.scoring.shares import effective_size, share_of

_TOWARDS_NONE = 4.0  # as strongly as so many labels: few labels change little
_SLOPES = (0.2, 3.0)
_OFFSETS = (-8.0, 8.0)
_ASIDE = 5  # one label in so many is held out
_PLENTY = 2_000  # labels of each kind from which those held out are not missed
_EDGES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99, 1.0)
"""Of the bins of a reliability table: narrow where the doubt is small, for there most pairs are."""


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
    found_low: float  # 95 % interval
    found_high: float


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


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """What is said of each label by a classifier that learned from the other folds' labels.

    Attributes:
        raw: log odds, shape (labels,).
        fold: of each label.
    """

    raw: Odds
    fold: npt.NDArray[np.int64]

    def calibrated(self, same: npt.NDArray[np.bool_]) -> Odds:
        """Log odds of each label by the line, too, that the other folds' labels give."""
        out = np.empty(len(self.raw))
        for each in np.unique(self.fold):
            held = self.fold == each
            out[held] = fit_calibration(self.raw[~held], same[~held]).log_odds(self.raw[held])
        return out


def out_of_fold(
    rows: Rows,
    same: npt.NDArray[np.bool_],
    *,
    names: Sequence[str],
    directions: npt.NDArray[np.int8],
    weight: npt.NDArray[np.floating[Any]] | None = None,
    folds: int = 5,
    seed: int = 0,
) -> HeldOut:
    """What is said of each label by a classifier that did not learn from it.

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
    return HeldOut(raw=out, fold=fold)


def fit_held_out(
    rows: Rows,
    same: npt.NDArray[np.bool_],
    *,
    names: Sequence[str],
    directions: npt.NDArray[np.int8],
    weight: npt.NDArray[np.float64],
    seed: int = 0,
) -> tuple[Classifier, npt.NDArray[np.int64], Odds]:
    """A classifier, and the places and log odds of labels that tell how far it can be trusted.

    Of many labels a fifth is held out. Few are all learned from; what is said of each is then
    said by a classifier that learned from the others.
    """
    fields: dict[str, Any] = {"names": names, "directions": directions, "seed": seed}
    if min(int(same.sum()), int((~same).sum())) < _PLENTY:
        made = Classifier.fit(rows, same, weight=weight, **fields)
        return made, np.arange(len(same)), out_of_fold(rows, same, weight=weight, **fields).raw
    fold = _folds(same, _ASIDE, seed)
    rest, aside = np.flatnonzero(fold > 0), np.flatnonzero(fold == 0)
    made = Classifier.fit(rows[rest], same[rest], weight=weight[rest], **fields)
    return made, aside, made.log_odds(rows[aside])


def _folds(same: npt.NDArray[np.bool_], count: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each label, both kinds spread evenly."""
    random = np.random.default_rng(seed)
    fold = np.empty(len(same), dtype=np.int64)
    for kind in (True, False):
        which = random.permutation(np.flatnonzero(same == kind))
        fold[which] = np.arange(len(which)) % count
    return fold


def reliability(
    p: Odds, same: npt.NDArray[np.bool_], weight: Odds | None = None
) -> tuple[Bin, ...]:
    """Promised against found, the likely pairs last; empty bins are left out.

    Args:
        p: probabilities, by a model that did not learn from these labels.
        weight: how many pairs each label stands for.
    """
    weights = np.ones(len(p)) if weight is None else weight
    place = np.clip(np.searchsorted(_EDGES, p, side="right") - 1, 0, len(_EDGES) - 2)
    table = []
    for each in np.unique(place[weights > 0]).tolist():
        inside = (place == each) & (weights > 0)
        found, low, high = share_of(same[inside], weights[inside])
        assert found is not None
        table.append(
            Bin(
                low=_EDGES[each],
                high=_EDGES[each + 1],
                labels=int(inside.sum()),
                promised=float(np.average(p[inside], weights=weights[inside])),
                found=found,
                found_low=low,
                found_high=high,
            )
        )
    return tuple(table)
