"""Clusters under constraints: independent of order, and never against a judgement or a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.clusters import (
    Clustering,
    Constraints,
    Edges,
    Index,
    Opposition,
    cluster,
    components,
    pairs_inside,
)
from resolution.guards import JUDGED_DIFFERENT, LITTLE_SUPPORT, NHS_CONFLICT

Pair = tuple[int, int]


def run(
    count: int,
    edges: list[tuple[int, int, float]],
    *,
    must: list[Pair] | None = None,
    cannot: list[Pair] | None = None,
    numbers: dict[int, int] | None = None,
    against: set[Pair] | None = None,
) -> Clustering:
    number = np.full(count, -1, dtype=np.int32)
    for record, value in (numbers or {}).items():
        number[record] = value

    def oppose(left: Index, right: Index) -> Opposition:
        speaks = [
            pair in (against or set()) for pair in zip(left.tolist(), right.tolist(), strict=True)
        ]
        flags = np.array(speaks, dtype=bool)
        return Opposition(against=flags, parted=np.zeros(len(flags), dtype=bool))

    return cluster(
        Edges(
            left=np.array([min(a, b) for a, b, _ in edges], dtype=np.int64),
            right=np.array([max(a, b) for a, b, _ in edges], dtype=np.int64),
            probability=np.array([p for *_, p in edges], dtype=np.float64),
            rule=np.zeros(len(edges), dtype=np.int16),
        ),
        Constraints(must=must or [], cannot=cannot or [], number=number),
        oppose,
        0.5,
    )


def reasons(found: Clustering) -> list[str]:
    return [why for _, why in found.refused]


def test_a_chain_is_one_cluster() -> None:
    assert run(4, [(0, 1, 0.9), (1, 2, 0.9)]).labels.tolist() == [0, 0, 0, 3]


def test_two_numbers_never_meet_through_a_third_record() -> None:
    found = run(3, [(0, 1, 0.99), (1, 2, 0.95)], numbers={0: 1, 2: 2})
    assert found.labels.tolist() == [0, 0, 2]
    assert reasons(found) == [NHS_CONFLICT]


def test_the_better_pair_wins_the_record_between() -> None:
    found = run(3, [(0, 1, 0.95), (1, 2, 0.99)], numbers={0: 1, 2: 2})
    assert found.labels.tolist() == [0, 1, 1]


def test_a_steward_stands_above_pairs_and_numbers() -> None:
    same = run(2, [], must=[(0, 1)], numbers={0: 1, 1: 2})
    assert same.labels.tolist() == [0, 0]
    apart = run(3, [(0, 1, 0.99), (1, 2, 0.98), (0, 2, 0.97)], cannot=[(0, 2)])
    assert apart.labels.tolist() == [0, 0, 2]
    assert set(reasons(apart)) == {JUDGED_DIFFERENT}


def test_contradictory_judgements_keep_different_people_apart() -> None:
    found = run(3, [], must=[(0, 1), (1, 2)], cannot=[(0, 2)])
    assert found.labels[0] != found.labels[2]


def test_groups_that_speak_against_each_other_stay_apart() -> None:
    edges = [(0, 1, 0.99), (2, 3, 0.99), (1, 2, 0.92)]
    found = run(4, edges, against={(0, 2), (0, 3), (1, 3)})
    assert found.labels.tolist() == [0, 0, 2, 2]
    assert reasons(found) == [LITTLE_SUPPORT]


def test_nothing_and_one_record() -> None:
    assert run(0, []).labels.tolist() == []
    assert run(1, []).labels.tolist() == [0]


def test_a_long_chain_is_found_quickly() -> None:
    count = 20_000
    steps = np.arange(count - 1, dtype=np.int64)
    assert (components(count, steps, steps + 1) == 0).all()


def test_pairs_inside_lists_every_pair_once() -> None:
    left, right = pairs_inside(np.array([0, 0, 2, 0, 2, 5]), 80)
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (0, 3), (1, 3)]


record = st.integers(0, 9)
pair = st.tuples(record, record).filter(lambda both: both[0] != both[1])
edge = st.tuples(record, record, st.sampled_from([0.9, 0.95, 0.97, 0.99])).filter(
    lambda both: both[0] != both[1]
)


def partition(labels: Index) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels.tolist()}


def ordered(pairs: list[Pair]) -> list[Pair]:
    return [(min(a, b), max(a, b)) for a, b in pairs]


@settings(deadline=None, max_examples=150)
@given(
    edges=st.lists(edge, max_size=20, unique_by=lambda e: (min(e[:2]), max(e[:2]))),
    must=st.lists(pair, max_size=3),
    cannot=st.lists(pair, max_size=3),
    numbers=st.dictionaries(record, st.integers(0, 2), max_size=5),
    against=st.sets(pair, max_size=6),
    data=st.data(),
)
def test_order_changes_nothing_and_constraints_hold(
    edges: list[tuple[int, int, float]],
    must: list[Pair],
    cannot: list[Pair],
    numbers: dict[int, int],
    against: set[Pair],
    data: st.DataObject,
) -> None:
    settings_ = {"numbers": numbers, "against": set(ordered(list(against)))}
    found = run(10, edges, must=must, cannot=cannot, **settings_)  # type: ignore[arg-type]
    again = run(
        10,
        data.draw(st.permutations(edges)),
        must=data.draw(st.permutations(must)),
        cannot=data.draw(st.permutations(cannot)),
        **settings_,  # type: ignore[arg-type]
    )
    assert partition(found.labels) == partition(again.labels)
    for a, b in cannot:
        assert found.labels[a] != found.labels[b]
    if not must:
        for group in partition(found.labels):
            assert len({numbers[member] for member in group if member in numbers}) <= 1


@pytest.mark.parametrize("size", [81, 500])
def test_a_component_too_large_to_compare_is_still_clustered(size: int) -> None:
    edges = [(0, other, 0.95) for other in range(1, size)]
    found = run(size, edges, numbers={1: 1, 2: 2})
    assert found.labels[1] != found.labels[2]
