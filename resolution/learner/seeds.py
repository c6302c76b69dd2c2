"""Whom to ask about before there is anything to learn from.

Invariant: decided by the label-free prior and the seed alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LIKELY, _UNLIKELY, _SPREAD = 10, 5, 15


def seed_places(prior: NDArray[np.float64], *, seed: int) -> list[int]:
    """The first questions: likely pairs, unlikely ones and some drawn evenly over the prior.

    In turn, so that a steward who stops early has answered some of each.
    """
    order = np.argsort(-prior, kind="stable").tolist()
    rng = np.random.default_rng((seed, 0))
    strata = np.array_split(np.asarray(order, dtype=np.int64), _SPREAD)
    drawn = [int(rng.choice(stratum)) for stratum in strata if len(stratum)]
    rng.shuffle(drawn)
    mixed: list[int] = []
    for at in range(_SPREAD):
        mixed += drawn[at : at + 1]
        mixed += order[at : at + 1] if at < _LIKELY else []
        mixed += order[-1 - at : len(order) - at] if at < _UNLIKELY else []
    return list(dict.fromkeys(mixed))
