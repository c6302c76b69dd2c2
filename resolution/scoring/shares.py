"""Shares of weighted labels, with the interval that so many labels leave open.

Invariant: the interval is of the sample's effective size, so few or unequal labels make it wide,
never narrow; a share of no labels is unknown, from 0 to 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from resolution.scoring.logistic import Odds

_Z = 1.959964  # 95 %


def effective_size(weight: Odds) -> float:
    """As many equally weighted labels as these tell (Kish)."""
    squares = float((weight**2).sum())
    return float(weight.sum()) ** 2 / squares if squares > 0 else 0.0


def share_of(hit: npt.NDArray[np.bool_], weight: Odds) -> tuple[float | None, float, float]:
    """Weighted share of hits and Wilson's 95 % interval on the effective size."""
    total = float(weight.sum())
    if total <= 0:
        return None, 0.0, 1.0
    share = min(float(weight[hit].sum()) / total, 1.0)
    size = effective_size(weight)
    variance = float((weight**2 * (hit - share) ** 2).sum()) / total**2
    if variance > 0:  # misses that stand for many pairs are worth less than their number
        size = min(size, share * (1 - share) / variance)
    middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    spread = max(share * (1 - share), 0.0) / size + (_Z / (2 * size)) ** 2
    half = _Z / (1 + _Z**2 / size) * np.sqrt(spread)
    # Rounding must not put the share outside its own interval.
    low, high = min(share, float(middle - half)), max(share, float(middle + half))
    return share, max(0.0, low), min(1.0, high)
