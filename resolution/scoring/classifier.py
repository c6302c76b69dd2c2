"""The log odds that a pair is one person, from its vector: a regression and boosting.

Invariant: log odds are finite and within `LIMIT`; contributions sum to them; both are functions
of the vector and of what is stored. Boosting is asked only where the regression leaves more than
`FLOOR` of probability: below it the regression alone answers, and the answer stays below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from resolution.scoring.boosting import Boosting
from resolution.scoring.errors import ClassifierError
from resolution.scoring.logistic import Logistic, Odds, Rows, scaled_to

LIMIT = 20.0
FLOOR = 0.01
MANY = 5_000
"""Labels from which boosting alone answers above the floor: it errs less, and needs no ballast."""
_ALONE, _HALF = 1.0, 0.5
_FLOOR_ODDS = float(np.log(FLOOR / (1 - FLOOR)))
_AT_ONCE = 200_000
_EXPLAINED_AT_ONCE = 20_000
_MOST_OF_A_KIND = 40_000  # labels; twice as many taught nothing more and took twice as long


@dataclass(frozen=True, kw_only=True, eq=False)
class Classifier:
    """Learned from labelled vectors; read back from `to_json` it answers the same."""

    names: tuple[str, ...]
    regression: Logistic
    boosting: Boosting
    share: float  # of the boosting; the regression has the rest

    @classmethod
    def fit(
        cls,
        rows: Rows,
        same: npt.NDArray[np.bool_],
        *,
        names: Sequence[str],
        directions: npt.NDArray[np.int8],
        weight: npt.NDArray[np.floating[Any]] | None = None,
        seed: int = 0,
    ) -> Self:
        """Learn from labelled vectors.

        Args:
            rows: shape (labels, features), finite.
            directions: of each feature 1, -1 or 0: what more of it may speak for.
            weight: how much each label counts; only their proportions matter.

        Raises:
            ClassifierError: if the labels are all of one kind, or do not fit the vectors.
        """
        same = np.asarray(same, dtype=bool)
        weights = np.ones(len(same)) if weight is None else np.asarray(weight, dtype=np.float64)
        _check(rows, same, weights, len(names), len(directions))
        drawn, stands_for = _drawn(same, seed)
        same, weights = same[drawn], weights[drawn] * stands_for
        if not weights.sum() > 0:
            raise ClassifierError("nearly all labels have no weight")
        weights = weights / weights.mean()
        exact = np.ascontiguousarray(rows[drawn], dtype=np.float32)
        return cls(
            names=tuple(names),
            regression=Logistic.fit(exact, same, weights),
            boosting=Boosting.fit(exact, same, weights, np.asarray(directions), seed),
            share=_ALONE if len(same) >= MANY else _HALF,
        )

    def log_odds(self, rows: Rows) -> Odds:
        """Log odds, shape (rows,).

        Raises:
            ClassifierError: if the vectors have other features than were learned from.
        """
        self._check_width(rows)
        out = np.empty(len(rows))
        for part in _parts(len(rows), _AT_ONCE):
            piece = np.asarray(rows[part], dtype=np.float32)
            odds = self.regression.log_odds(piece)
            near = np.flatnonzero(odds > _FLOOR_ODDS)
            boosted = self.boosting.log_odds(piece[near])
            odds[near] = (1 - self.share) * odds[near] + self.share * boosted
            out[part] = np.clip(odds, -LIMIT, LIMIT)
        return out

    def contributions(self, rows: Rows) -> Odds:
        """What each feature adds to the log odds, and last the base, shape (rows, features + 1).

        Raises:
            ClassifierError: if the vectors have other features than were learned from.
        """
        self._check_width(rows)
        out = np.empty((len(rows), len(self.names) + 1))
        for part in _parts(len(rows), _EXPLAINED_AT_ONCE):
            piece = np.asarray(rows[part], dtype=np.float32)
            parts = self.regression.contributions(piece)
            near = np.flatnonzero(self.regression.log_odds(piece) > _FLOOR_ODDS)
            boosted = self.boosting.contributions(piece[near])
            parts[near] = (1 - self.share) * parts[near] + self.share * boosted
            # What was clipped, or rounded on the way, is shared out in proportion.
            out[part] = scaled_to(parts, np.clip(parts.sum(axis=1), -LIMIT, LIMIT))
        return out

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "names": list(self.names),
            "regression": self.regression.to_json(),
            "boosting": self.boosting.text,
            "share": self.share,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """What `to_json` gave; only ever of a model whose seal was checked."""
        return cls(
            names=tuple(content["names"]),
            regression=Logistic.from_json(content["regression"]),
            boosting=Boosting.from_text(content["boosting"]),
            share=float(content["share"]),
        )

    def _check_width(self, rows: Rows) -> None:
        if rows.ndim != 2 or rows.shape[1] != len(self.names):
            raise ClassifierError(
                f"learned from {len(self.names)} features, asked about vectors of {rows.shape[1:]}"
            )


def _parts(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))


def _drawn(same: npt.NDArray[np.bool_], seed: int) -> tuple[npt.NDArray[np.intp], Odds]:
    """Labels to learn from, at most so many of a kind, and how many each stands for."""
    random = np.random.default_rng(seed)
    chosen, stands_for = [], []
    for kind in (False, True):
        found = np.flatnonzero(same == kind)
        most = min(len(found), _MOST_OF_A_KIND)
        chosen.append(found if most == len(found) else random.choice(found, most, replace=False))
        stands_for.append(np.full(most, len(found) / most))
    places = np.concatenate(chosen)
    order = np.argsort(places)
    return places[order], np.concatenate(stands_for)[order]


def _check(
    rows: Rows, same: npt.NDArray[np.bool_], weight: Odds, names: int, directions: int
) -> None:
    if rows.ndim != 2 or not len(rows) == len(same) == len(weight):
        raise ClassifierError("every labelled vector needs one label and one weight")
    if not rows.shape[1] == names == directions:
        raise ClassifierError("every feature needs one name and one direction")
    if not np.isfinite(rows).all():
        raise ClassifierError("a labelled vector holds what is no finite number")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ClassifierError("a label's weight is negative or no finite number")
    if not (weight[same].sum() > 0 and weight[~same].sum() > 0):
        raise ClassifierError("labels of both kinds are needed: same and different")
