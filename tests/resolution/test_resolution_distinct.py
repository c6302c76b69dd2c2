"""The different whole numbers of an array."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolution.distinct import among, compact, distinct, places_among

NUMBERS = st.lists(st.integers(0, 40), max_size=60)


@given(NUMBERS)
def test_each_value_stands_once_and_in_order(values: list[int]) -> None:
    assert distinct(np.array(values, dtype=np.int64)).tolist() == sorted(set(values))


@given(NUMBERS)
def test_labels_are_numbered_in_their_order_without_gaps(labels: list[int]) -> None:
    order = sorted(set(labels))
    found = compact(np.array(labels, dtype=np.int64))
    assert found.tolist() == [order.index(label) for label in labels]


@given(NUMBERS, NUMBERS)
def test_where_each_stands_among_others(known: list[int], asked: list[int]) -> None:
    there = sorted(set(known))
    found = places_among(np.array(there, dtype=np.int64), np.array(asked, dtype=np.int64))
    assert found.tolist() == [there.index(each) if each in there else -1 for each in asked]
    has = among(np.array(asked, dtype=np.int64), np.array(known, dtype=np.int64))
    assert has.tolist() == [each in known for each in asked]
