"""Pools made of numbers: two kinds of pairs that overlap, and what a steward would say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolution.questions import Pool


def pool_of(vectors: Any, *, form: str = "records", prior: Any = None, **changes: Any) -> Pool:
    """A pool with these vectors; the records of place n are `a<n>` and `b<n>`."""
    matrix = np.asarray(vectors, dtype=np.float32)
    count, width = matrix.shape
    parts: dict[str, Any] = {
        "form": form,
        "record_a": [f"a{n}" for n in range(count)],
        "record_b": [f"b{n}" for n in range(count)],
        "members_a": [[f"a{n}"] for n in range(count)],
        "members_b": [[f"b{n}"] for n in range(count)],
        "vectors": matrix,
        "names": tuple(f"number {n}" for n in range(width)),
        "directions": np.ones(width, np.int8),
        "prior": np.zeros(count) if prior is None else np.asarray(prior, dtype=np.float64),
        "control": np.zeros(count, np.bool_),
        "weight": np.ones(count),
    }
    return Pool(**(parts | changes))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A pool and the truth about it."""

    pool: Pool
    same: NDArray[np.bool_]

    def verdict(self, place: int) -> str:
        return "same" if self.same[place] else "different"


def overlapping(
    count: int = 1500, width: int = 10, *, share: float = 0.03, seed: int = 0, form: str = "records"
) -> Case:
    """`share` of the pairs are matches; some numbers tell more than others, one tells nothing."""
    rng = np.random.default_rng(seed)
    same = rng.random(count) < share
    same[:2] = True, False
    tells = np.linspace(0.0, 2.2, width)
    vectors = rng.normal(size=(count, width)) + same[:, None] * tells
    prior = vectors @ tells
    prior = (prior - prior.mean()) / prior.std() - 2 + rng.normal(size=count)
    return Case(pool=pool_of(vectors, form=form, prior=prior), same=same)
