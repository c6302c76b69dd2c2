"""Large components cut into pieces: pair by pair, whatever is left out on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution import pieces as cutting
from resolution.pieces import Floats, Index, lowest, pieces


def one_by_one(count: int, left: Index, right: Index, likely: Floats, largest: int) -> Index:
    """What the module says it does, written plainly, of one component."""
    group = list(range(count))
    for place in np.lexsort((right, left, -likely)).tolist():
        one, other = group[left[place]], group[right[place]]
        if one != other and group.count(one) + group.count(other) <= largest:
            group = [one if each == other else each for each in group]
    return lowest(np.array(group))


@given(
    st.integers(2, 12),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=40),
    st.integers(2, 8),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
)
def test_pieces_are_those_that_joining_pair_by_pair_gives(
    count: int, pairs: list[tuple[int, int]], largest: int, first: int, seed: int
) -> None:
    asked = {(min(a, b) % count, max(a, b) % count) for a, b in pairs}
    left, right = np.array(sorted(asked), dtype=np.int64).T
    likely = np.round(np.random.default_rng(seed).random(len(left)), 1)
    whole = np.zeros(count, dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "_FIRST", first)
        made = pieces(whole, left, right, likely, largest)
    expected = one_by_one(count, left, right, likely, largest) if count > largest else whole
    assert made.tolist() == expected.tolist()
