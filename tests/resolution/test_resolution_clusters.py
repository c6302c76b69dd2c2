"""Clusters under constraints: independent of order, and never against a judgement or a number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.clusters import (
    LARGEST_COMPARED,
    Clustering,
    Constraints,
    Index,
    Pair,
    Scored,
    cluster,
    components,
    pairs_inside,
    unscored_inside,
)
from resolution.guards import DEAD_BEFORE_BORN, JUDGED_DIFFERENT, LITTLE_SUPPORT, NHS_CONFLICT
from resolution.pieces import pieces
from tests.resolution.builders import lifespans


def scored(pairs: list[tuple[int, int, float]], parted: set[Pair] | None = None) -> Scored:
    left = [min(a, b) for a, b, _ in pairs]
    right = [max(a, b) for a, b, _ in pairs]
    return Scored(
        left=np.array(left, dtype=np.int64),
        right=np.array(right, dtype=np.int64),
        probability=np.array([p for *_, p in pairs], dtype=np.float64),
        parted=np.array(
            [pair in (parted or set()) for pair in zip(left, right, strict=True)], dtype=bool
        ),
    )


record = st.integers(0, 9)
pair = st.tuples(record, record).filter(lambda both: both[0] != both[1])
edge = st.tuples(record, record, st.sampled_from([0.1, 0.5, 0.9, 0.95, 0.97, 0.99])).filter(
    lambda both: both[0] != both[1]
)
edges_once = st.lists(edge, max_size=30, unique_by=lambda e: (min(e[:2]), max(e[:2])))


def run(
    count: int,
    pairs: list[tuple[int, int, float]],
    *,
    must: list[Pair] | None = None,
    cannot: list[Pair] | None = None,
    numbers: dict[int, int] | None = None,
    parted: set[Pair] | None = None,
    link_at: float = 0.9,
    missing: float = 0.5,
) -> Clustering:
    number = np.full(count, -1, dtype=np.int32)
    for record, value in (numbers or {}).items():
        number[record] = value
    return cluster(
        scored(pairs, parted),
        Constraints(must=must or [], cannot=cannot or [], number=number),
        link_at=link_at,
        mean_support=0.5,
        missing=missing,
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
    against = [(0, 2, 0.1), (0, 3, 0.1), (1, 3, 0.1)]
    found = run(4, [(0, 1, 0.99), (2, 3, 0.99), (1, 2, 0.92), *against])
    assert found.labels.tolist() == [0, 0, 2, 2]
    assert reasons(found) == [LITTLE_SUPPORT]


def test_what_a_missing_pair_counts_for_decides_a_chain() -> None:
    chain = [(0, 1, 0.95), (1, 2, 0.9)]
    assert run(3, chain, missing=0.5).labels.tolist() == [0, 0, 0]
    assert run(3, chain, missing=0.0).labels.tolist() == [0, 0, 2]
    assert run(3, [*chain, (0, 2, 0.2)], missing=0.0).labels.tolist() == [0, 0, 0]


def test_a_pair_that_a_guard_parts_is_never_joined_nor_through_a_third() -> None:
    pairs = [(0, 1, 0.99), (1, 2, 0.98), (0, 2, 0.97)]
    found = run(3, pairs, parted={(0, 2)})
    assert found.labels.tolist() == [0, 0, 2]
    assert found.refused == ((1, DEAD_BEFORE_BORN), (2, DEAD_BEFORE_BORN))


def test_a_steward_joins_what_a_guard_parts() -> None:
    found = run(2, [(0, 1, 0.99)], must=[(0, 1)], parted={(0, 1)})
    assert found.labels.tolist() == [0, 0]
    assert found.refused == ()


def test_a_pair_under_the_threshold_joins_nothing() -> None:
    assert run(2, [(0, 1, 0.89)]).labels.tolist() == [0, 1]


def test_pairs_nobody_proposed_are_named_for_scoring() -> None:
    pairs = scored([(0, 1, 0.9), (1, 2, 0.9), (3, 4, 0.9), (2, 5, 0.1)])
    left, right = unscored_inside(np.array([0, 0, 0, 3, 3, 5]), pairs)
    assert (left.tolist(), right.tolist()) == ([0], [2])


def test_nothing_and_one_record() -> None:
    assert run(0, []).labels.tolist() == []
    assert run(1, []).labels.tolist() == [0]


def test_two_groups_conflict_only_if_both_hold_numbers_and_share_none() -> None:
    pairs = [(0, 1, 0.99), (2, 3, 0.98)]
    number = np.array([1, 2, 5, 6], dtype=np.int32)
    shared = Constraints(number=number, also=[(0, 2), (2, 7)])
    found = cluster(scored(pairs), shared, link_at=0.9, mean_support=0.5, missing=0.5)
    assert found.labels.tolist() == [0, 0, 2, 3]
    assert reasons(found) == [NHS_CONFLICT]


def test_whoever_died_before_another_was_born_is_parted_though_the_pair_was_not_scored() -> None:
    chain = scored([(0, 1, 0.99), (1, 2, 0.98), (2, 3, 0.97)])
    spans = lifespans(
        np.array(["1901-03-01", "", "1980-05-05", "1981-01-01"]),
        np.array(["1950-02", "9999", "9999", "9999"]),
    )
    limits = Constraints(number=np.full(4, -1, dtype=np.int32), spans=spans)
    found = cluster(chain, limits, link_at=0.9, mean_support=0.5, missing=0.9)
    assert found.labels.tolist() == [0, 0, 2, 2]
    assert reasons(found) == [DEAD_BEFORE_BORN]
    above = Constraints(number=limits.number, spans=spans, must=[(0, 3)])
    joined = cluster(chain, above, link_at=0.9, mean_support=0.5, missing=0.9)
    assert joined.labels[0] == joined.labels[3]


@settings(deadline=None, max_examples=100)
@given(
    lives=st.lists(
        st.tuples(
            st.sampled_from(["", "1900", "1950-05", "1950-06-01", "2000-01-01"]),
            st.sampled_from(["1940-99-99", "1950-05-99", "1999-12-31", "9999"]),
        ),
        min_size=6,
        max_size=6,
    )
)
def test_groups_are_parted_where_any_two_of_their_records_are(lives: list[tuple[str, str]]) -> None:
    born, died = (np.array(column) for column in zip(*lives, strict=True))
    spans = lifespans(born, died)
    said = [(died[a] < born[b]) or (died[b] < born[a]) for a in (0, 1, 2) for b in (3, 4, 5)]
    groups = spans.of(np.array([0, 0, 0, 1, 1, 1]), 2)
    one, other = np.array([0]), np.array([1])
    assert groups.apart(one, other).tolist() == [any(said)]
    assert spans.apart(np.repeat([0, 1, 2], 3), np.tile([3, 4, 5], 3)).tolist() == said


def test_a_component_over_the_bound_is_cut_into_few_pieces_within_it() -> None:
    edges = scored([(at, at + 1, 0.95) for at in range(999)])
    labels = pieces(np.zeros(1000, dtype=np.int64), edges.left, edges.right, edges.probability, 60)
    sizes = np.bincount(labels)[np.unique(labels)]
    assert sizes.max() <= 60
    assert len(sizes) <= 2 * 1000 / 60 + 1
    assert (labels <= np.arange(1000)).all()


@settings(deadline=None, max_examples=100)
@given(edges=edges_once, shift=st.integers(1, 5), data=st.data())
def test_pieces_depend_on_their_own_component_alone(
    edges: list[tuple[int, int, float]], shift: int, data: st.DataObject
) -> None:
    pairs = scored(data.draw(st.permutations(edges)))
    alone = components(10, pairs.left, pairs.right)
    found = pieces(alone, pairs.left, pairs.right, pairs.probability, 3)
    assert np.bincount(found).max() <= 3
    more = scored(
        [(a + shift, b + shift, p) for a, b, p in edges] + [(10 + shift, 11 + shift, 0.9)]
    )
    wider = components(12 + shift, more.left, more.right)
    there = pieces(wider, more.left, more.right, more.probability, 3)
    assert (there[shift : shift + 10] - shift).tolist() == found.tolist()


def test_a_long_chain_is_found_quickly() -> None:
    count = 20_000
    steps = np.arange(count - 1, dtype=np.int64)
    assert (components(count, steps, steps + 1) == 0).all()


def test_pairs_inside_lists_every_pair_once() -> None:
    left, right = pairs_inside(np.array([0, 0, 2, 0, 2, 5]), 80)
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [
        (0, 1),
        (0, 3),
        (1, 3),
        (2, 4),
    ]


def partition(labels: Index) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels.tolist()}


def ordered(pairs: list[Pair]) -> list[Pair]:
    return [(min(a, b), max(a, b)) for a, b in pairs]


@settings(deadline=None, max_examples=150)
@given(
    edges=edges_once,
    must=st.lists(pair, max_size=3),
    cannot=st.lists(pair, max_size=3),
    numbers=st.dictionaries(record, st.integers(0, 2), max_size=5),
    parted=st.sets(pair, max_size=4),
    missing=st.sampled_from([0.0, 0.5]),
    data=st.data(),
)
def test_order_changes_nothing_and_constraints_hold(
    edges: list[tuple[int, int, float]],
    must: list[Pair],
    cannot: list[Pair],
    numbers: dict[int, int],
    parted: set[Pair],
    missing: float,
    data: st.DataObject,
) -> None:
    kept = {"numbers": numbers, "parted": set(ordered(list(parted))), "missing": missing}
    found = run(10, edges, must=must, cannot=cannot, **kept)  # type: ignore[arg-type]
    shuffled = data.draw(st.permutations(edges))
    again = run(
        10,
        shuffled,
        must=data.draw(st.permutations(must)),
        cannot=data.draw(st.permutations(cannot)),
        **kept,  # type: ignore[arg-type]
    )
    assert found.labels.tolist() == again.labels.tolist()
    assert {(edges[place], why) for place, why in found.refused} == {
        (shuffled[place], why) for place, why in again.refused
    }
    for a, b in cannot:
        assert found.labels[a] != found.labels[b]
    if not cannot:
        assert all(found.labels[a] == found.labels[b] for a, b in must)
    if not must:
        for a, b, _ in edges:
            same = found.labels[a] == found.labels[b]
            assert not (same and (min(a, b), max(a, b)) in kept["parted"])  # type: ignore[operator]
        for group in partition(found.labels):
            assert len({numbers[member] for member in group if member in numbers}) <= 1


@settings(deadline=None, max_examples=100)
@given(
    pairs=st.sets(pair.map(lambda both: (min(both), max(both))), max_size=30),
    numbers=st.dictionaries(record, st.integers(0, 2), max_size=5),
    moved=st.permutations(range(10)),
    data=st.data(),
)
def test_other_record_numbers_give_the_same_people(
    pairs: set[Pair], numbers: dict[int, int], moved: list[int], data: st.DataObject
) -> None:
    # no two pairs equally likely: ties are taken by record numbers
    likely = data.draw(
        st.permutations([0.3 + 0.7 * place / len(pairs) for place in range(len(pairs))])
    )
    edges = [(a, b, p) for (a, b), p in zip(sorted(pairs), likely, strict=True)]
    found = run(10, edges, numbers=numbers, link_at=0.6, missing=0.0)
    there = run(
        10,
        [(moved[a], moved[b], p) for a, b, p in edges],
        numbers={moved[at]: value for at, value in numbers.items()},
        link_at=0.6,
        missing=0.0,
    )
    assert {frozenset(moved[m] for m in group) for group in partition(found.labels)} == partition(
        there.labels
    )


@settings(deadline=None, max_examples=100)
@given(
    edges=edges_once,
    numbers=st.dictionaries(record, st.integers(0, 2), max_size=5),
    missing=st.sampled_from([0.0, 0.5]),
)
def test_it_is_best_pair_first_under_the_mean_of_all_pairs(
    edges: list[tuple[int, int, float]], numbers: dict[int, int], missing: float
) -> None:
    """The same, written as it is said: slow, with every mean made anew."""
    likely = {(min(a, b), max(a, b)): p for a, b, p in edges}
    home = {member: frozenset({member}) for member in range(10)}
    for a, b in sorted(likely, key=lambda both: (-likely[both], both)):
        left, right = home[a], home[b]
        held = {numbers[member] for member in left | right if member in numbers}
        means = [likely.get((min(x, y), max(x, y)), missing) for x in left for y in right]
        if likely[a, b] < 0.9 or len(held) > 1 or sum(means) / len(means) < 0.5 - 1e-9:
            continue
        for member in left | right:
            home[member] = left | right
    found = run(10, edges, numbers=numbers, missing=missing)
    assert partition(found.labels) == set(home.values())


@pytest.mark.parametrize("size", [81, 2000])
def test_a_component_too_large_to_compare_is_still_clustered(size: int) -> None:
    edges = [(0, other, 0.95) for other in range(1, size)]
    edges += [(other, other + 1, 0.95) for other in range(1, size - 1)]
    found = run(size, edges, numbers={1: 1, 2: 2})
    assert found.labels[1] != found.labels[2]
    left, right = unscored_inside(np.zeros(size, dtype=np.int64), scored(edges))
    assert 0 < len(left) <= size * LARGEST_COMPARED // 2
    assert (left < right).all()
    assert not set(zip(left.tolist(), right.tolist(), strict=True)) & {(a, b) for a, b, _ in edges}


def test_the_largest_component_compared_is_compared_wholly() -> None:
    chain = [(at, at + 1, 0.95) for at in range(LARGEST_COMPARED - 1)]
    left, _ = unscored_inside(np.zeros(LARGEST_COMPARED, dtype=np.int64), scored(chain))
    assert len(left) == LARGEST_COMPARED * (LARGEST_COMPARED - 1) // 2 - len(chain)
