"""A pool's vectors in the form that learners work best with.

Invariant: every column varies, has mean 0 and spread 1 over the pool and no value further out
than `_FAR`; the label-free prior is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolution.questions import Pool

_FAR = 6.0
_FLAT = 1e-6


@dataclass(frozen=True, kw_only=True)
class Features:
    """`matrix` (n, k), `directions` (k,): +1 more is more alike, -1 less, 0 neither."""

    matrix: NDArray[np.float64]
    directions: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def likest(self) -> NDArray[np.float64]:
        """A vector as like as any of the pool in every respect."""
        return self._extreme(1)

    @property
    def unlikest(self) -> NDArray[np.float64]:
        """A vector as unlike as any of the pool in every respect."""
        return self._extreme(-1)

    def _extreme(self, side: int) -> NDArray[np.float64]:
        towards = self.directions * side
        high, low = self.matrix.max(axis=0), self.matrix.min(axis=0)
        return np.where(towards > 0, high, np.where(towards < 0, low, 0.0))


def features_of(pool: Pool) -> Features:
    """The pool's vectors and prior, scaled; constant columns left out."""
    prior = np.clip(pool.prior, -50, 50)[:, None]
    matrix = np.hstack([pool.vectors.astype(np.float64), prior])
    directions = np.append(pool.directions, np.int8(1)).astype(np.int8)
    if not len(matrix):
        return Features(matrix=matrix, directions=directions)
    spread = matrix.std(axis=0)
    varied = spread > _FLAT * np.maximum(1.0, np.abs(matrix).max(axis=0))
    matrix, spread = matrix[:, varied], spread[varied]
    scaled = np.clip((matrix - matrix.mean(axis=0)) / spread, -_FAR, _FAR)
    return Features(matrix=scaled, directions=directions[varied])
