"""Precision and recall without the truth, from labels of pairs that were drawn at random.

Invariant: only the control sample tells, each label for as many pairs as it stands for; the
interval is of the sample's effective size, so few or unequal labels make it wide, never narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.scoring.calibration import effective_size
from resolution.scoring.logistic import Odds

_Z = 1.959964  # 95 %


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


def estimate(same: npt.NDArray[np.bool_], weight: Odds, p: Odds, threshold: float) -> Estimate:
    """Estimate how good joining at `threshold` is.

    Args:
        same: the answers to the control sample.
        weight: how many candidate pairs each stands for.
        p: their probabilities, by a model that did not learn from these very answers.
    """
    joined = p >= threshold
    precision = _share(same[joined], weight[joined])
    recall = _share(joined[same], weight[same])
    return Estimate(
        labels=len(same),
        precision=precision[0],
        precision_low=precision[1],
        precision_high=precision[2],
        recall=recall[0],
        recall_low=recall[1],
        recall_high=recall[2],
    )


def _share(hit: npt.NDArray[np.bool_], weight: Odds) -> tuple[float | None, float, float]:
    """Weighted share of hits and Wilson's interval on the effective size."""
    total = float(weight.sum())
    if total <= 0:
        return None, 0.0, 1.0
    share = float(weight[hit].sum()) / total
    size = effective_size(weight)
    variance = float((weight**2 * (hit - share) ** 2).sum()) / total**2
    if variance > 0:  # misses that stand for many pairs are worth less than their number
        size = min(size, share * (1 - share) / variance)
    middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z / (1 + _Z**2 / size) * np.sqrt(share * (1 - share) / size + (_Z / (2 * size)) ** 2)
    return share, max(0.0, float(middle - half)), min(1.0, float(middle + half))
