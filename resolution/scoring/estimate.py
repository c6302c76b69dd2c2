"""Precision and recall without the truth, from labels of pairs that were drawn at random.

Invariant: only the control sample tells, each label for as many pairs as it stands for; the
interval is of the sample's effective size, so few or unequal labels make it wide, never narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.scoring.logistic import Odds
from resolution.scoring.shares import share_of


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Precision and recall with 95 % intervals; None, and 0 to 1, where no label tells."""

    labels: int
    precision: float | None
    precision_low: float
    precision_high: float
    recall: float | None
    recall_low: float
    recall_high: float


def estimate(same: npt.NDArray[np.bool_], weight: Odds, joined: npt.NDArray[np.bool_]) -> Estimate:
    """Estimate how good joining is.

    Args:
        same: the answers to the control sample.
        weight: how many candidate pairs each stands for.
        joined: whether they are joined, by a model that did not learn from these very answers.
    """
    precision = share_of(same[joined], weight[joined])
    recall = share_of(joined[same], weight[same])
    return Estimate(
        labels=len(same),
        precision=precision[0],
        precision_low=precision[1],
        precision_high=precision[2],
        recall=recall[0],
        recall_low=recall[1],
        recall_high=recall[2],
    )
