"""What is remembered of clusters that are the same in two partitions is what is worked out anew."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.cluster_pairs import ClusterVectors
from resolution.cluster_pairs.presence import write_presence
from resolution.clusters import Floats, Index
from resolution.distinct import compact
from resolution.partitions import same_groups
from resolution.pieces import lowest

FEATURES = ("given_alike", "sex", "place")
DIRECTIONS = np.array([1, 1, 1], dtype=np.int8)
GROUPS = st.lists(st.integers(0, 5), min_size=2, max_size=14)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("create temp table known (rid int, dwelling int)")
        made.execute("create temp table together (rid int, x bigint)")
        yield made


def members(labels: Index) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}


@given(st.data())
def test_a_group_is_the_same_if_it_has_the_records_that_it_had(data: st.DataObject) -> None:
    one = data.draw(GROUPS)
    other = data.draw(st.lists(st.integers(0, 5), min_size=len(one), max_size=len(one)))
    before, labels = lowest(np.array(one)), lowest(np.array(other))
    both = members(before) & members(labels)
    same = same_groups(labels, before)
    for record, found in enumerate(same.tolist()):
        group = frozenset(np.flatnonzero(labels == labels[record]).tolist())
        assert found == (before[record] if group in both else -1)


@given(st.data())
def test_remembered_pairs_of_clusters_are_as_if_compared_again(
    con: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    one = data.draw(GROUPS)
    joined = dict(enumerate(data.draw(st.permutations(range(6)))))
    other = [min(group, joined[group]) for group in one]
    asked: list[int] = []

    def score(left: Index, right: Index) -> tuple[npt.NDArray[np.float32], Floats]:
        asked.append(len(left))
        mixed = (left * 7 + right * 3) % 11
        rows = np.stack([mixed / 10, np.sign(mixed - 5), left % 3], axis=1).astype(np.float32)
        return rows, mixed / 10

    def compared(labels: Index, remembered: ClusterVectors | None, before: Index) -> ClusterVectors:
        told = None
        if remembered is not None:
            same = same_groups(labels, before) >= 0
            numbers = np.full(len(before), -1)
            numbers[compact(before)[same]] = compact(labels)[same]
            told = remembered.summaries.renumbered(numbers)
        write_presence(con, compact(labels))
        return ClusterVectors(con, labels, score, FEATURES, DIRECTIONS, told)

    def every_pair(labels: Index) -> tuple[Index, Index]:
        left, right = np.triu_indices(int(compact(labels).max()) + 1, 1)
        return left.astype(np.int64), right.astype(np.int64)

    before, labels = lowest(np.array(one)), lowest(np.array(other))
    first = compared(before, None, before)
    first(*every_pair(before))
    asked.clear()
    again = compared(labels, first, before)
    rows = again(*every_pair(labels))
    remembered = sum(asked, start=0)
    asked.clear()
    anew = compared(labels, None, before)
    assert (anew(*every_pair(labels)) == rows).all()
    for name in ("likeliest", "first", "second"):
        assert (getattr(anew.summaries, name) == getattr(again.summaries, name)).all()
    whole = sum(asked, start=0)
    assert remembered <= whole
    assert remembered == 0 or one != other
