"""Pairs of clusters: which are compared, who moved with whom, and vectors without holes."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.cluster_pairs import ClusterVectors, candidate_cluster_pairs
from resolution.cluster_pairs.companions import NAMES, Companions
from resolution.cluster_pairs.presence import LARGEST_PLACE, write_presence
from resolution.clusters import Floats, Index, Pair, Scored
from resolution.distinct import compact

Con = duckdb.DuckDBPyConnection
FEATURES = ("given_alike", "sex", "place")
DIRECTIONS = np.array([1, 1, 1], dtype=np.int8)
OLD, NEW = 1, 2  # dwellings


@pytest.fixture(scope="module")
def opened() -> Iterator[Con]:
    with duckdb.connect() as made:
        yield made


@pytest.fixture
def con(opened: Con) -> Con:
    return emptied(opened)


def emptied(con: Con) -> Con:
    for name, columns in (
        ("known", "rid int, dwelling int, postcode text, home bool"),
        ("together", "rid int, x bigint"),
        ("called", "rid int, given_sound text"),
    ):
        con.execute(f"create or replace temp table {name} ({columns})")
    return con


def lives(con: Con, *seen: tuple[int, int]) -> None:
    """Record, dwelling."""
    for rid, dwelling in seen:
        con.execute("insert into known values (?, ?, null, true)", [rid, dwelling])


def calls(con: Con, *sounds: str) -> None:
    for rid, sound in enumerate(sounds):
        con.execute("insert into called values (?, ?)", [rid, sound])


def places(*numbers: int) -> Index:
    return np.array(numbers, dtype=np.int64)


def scored(*pairs: tuple[int, int, float], parted: bool = False) -> Scored:
    return Scored(
        left=places(*(a for a, _, _ in pairs)),
        right=places(*(b for _, b, _ in pairs)),
        probability=np.array([p for *_, p in pairs], dtype=np.float64),
        parted=np.full(len(pairs), parted),
    )


def told(con: Con, labels: Index) -> Index:
    """A partition of which `presence` tells."""
    write_presence(con, compact(labels))
    return labels


def candidates(con: Con, labels: Index, pairs: Scored) -> list[Pair]:
    left, right = candidate_cluster_pairs(con, told(con, labels), pairs)
    return list(zip(left.tolist(), right.tolist(), strict=True))


def companions(
    con: Con, labels: Index, asked: list[tuple[int, int, float]]
) -> list[dict[str, float]]:
    pairs = scored(*asked)
    found = Companions(con, len(set(told(con, labels).tolist())))(
        pairs.left, pairs.right, pairs.probability
    )
    return [dict(zip(NAMES, row, strict=True)) for row in found.tolist()]


# Records 0 to 2 lived at the old address, 3 to 5 at the new one.
FAMILY = ((0, OLD), (1, OLD), (2, OLD), (3, NEW), (4, NEW), (5, NEW))


def test_somebody_known_at_both_addresses_is_a_companion(con: Con) -> None:
    lives(con, *FAMILY)
    moved = places(0, 1, 2, 3, 1, 5)  # 1 and 4 are one person already
    (pair,) = companions(con, moved, [(0, 3, 0.5)])
    assert pair["companions"] == 1
    assert pair["companions_likely"] == 1
    assert pair["companion_likeliest"] == 0


def test_a_family_that_moved_together_speaks_for_each_of_its_members(con: Con) -> None:
    lives(con, *FAMILY)
    found = companions(con, np.arange(6), [(0, 3, 0.5), (1, 4, 0.6), (2, 5, 0.7)])
    assert [pair["companions"] for pair in found] == [0, 0, 0]
    assert [pair["companions_likely"] for pair in found] == pytest.approx([1.3, 1.2, 1.1])
    assert [pair["companion_likeliest"] for pair in found] == pytest.approx([0.7, 0.7, 0.6])


def test_father_and_son_at_one_address_have_no_companions(con: Con) -> None:
    lives(con, (0, OLD), (1, OLD), (2, OLD))
    (pair,) = companions(con, np.arange(3), [(0, 1, 0.5)])
    assert pair["companions"] == pair["companions_likely"] == 0
    assert pair["shared_places"] == 1
    assert pair["acquaintances"] == 2


def test_a_son_who_followed_his_father_is_told_from_him(con: Con) -> None:
    """The mother went with the father; the son's move with his own likeness counts for nothing."""
    lives(con, (0, OLD), (1, OLD), (2, NEW), (3, NEW), (4, OLD), (5, NEW))
    labels = places(0, 1, 2, 3, 4, 4)  # father, son, father, son; the mother is one cluster
    found = companions(con, labels, [(0, 2, 0.9), (1, 3, 0.8), (0, 3, 0.1), (1, 2, 0.1)])
    assert [pair["companions"] for pair in found] == [1, 1, 1, 1]
    # what is left of the others once a pair's own two clusters are taken out
    assert [pair["companion_likeliest"] for pair in found] == pytest.approx([0.8, 0.9, 0, 0])


def test_neither_a_pair_nor_its_clusters_are_their_own_companions(con: Con) -> None:
    lives(con, (0, OLD), (1, NEW), (2, OLD), (3, NEW))
    labels = places(0, 0, 2, 2)  # both clusters were seen at both addresses
    (pair,) = companions(con, labels, [(0, 1, 0.99)])
    assert pair["companions"] == pair["companions_likely"] == pair["companion_likeliest"] == 0


def test_people_met_together_count_as_a_place(con: Con) -> None:
    """A contact of three, and later another: who was at both is a companion."""
    con.execute("insert into together values (0, 7), (1, 7), (2, 8), (3, 8)")
    (pair,) = companions(con, places(0, 1, 2, 1), [(0, 2, 0.5)])
    assert pair["companions"] == 1


def test_a_place_that_many_share_tells_nothing(con: Con) -> None:
    crowd = LARGEST_PLACE + 1
    lives(con, *((rid, OLD) for rid in range(crowd)))
    (pair,) = companions(con, np.arange(crowd), [(0, 1, 0.5)])
    assert pair["shared_places"] == pair["places_seen"] == 0


def test_edges_join_clusters_from_a_probability_on(con: Con) -> None:
    labels = places(0, 0, 2, 3, 3)
    pairs = scored((0, 1, 0.9), (1, 2, 0.2), (0, 3, 0.19), (2, 4, 0.5))
    assert candidates(con, labels, pairs) == [(0, 1), (1, 2)]


def test_a_pair_that_a_guard_parts_joins_no_clusters(con: Con) -> None:
    assert candidates(con, np.arange(2), scored((0, 1, 0.9), parted=True)) == []


def test_a_move_of_another_proposes_those_whose_forenames_begin_alike(con: Con) -> None:
    lives(con, *FAMILY)
    calls(con, "JN", "ANN", "MK", "JHN", "ANN", "TM")
    assert candidates(con, places(0, 1, 2, 3, 1, 5), scored()) == [(0, 3)]


def test_nothing_and_one_record(con: Con) -> None:
    for count in (0, 1):
        labels = np.arange(count)
        assert candidates(con, labels, scored()) == []
        vectors = ClusterVectors(con, told(con, labels), score, FEATURES, DIRECTIONS)
        assert vectors(places(), places()).shape == (0, len(vectors.names))
        assert [side.tolist() for side in vectors.strongest(places(), places())] == [[], []]


def score(left: Index, right: Index) -> tuple[npt.NDArray[np.float32], Floats]:
    """Invented likeness; the extremes of probability are in it."""
    assert (left < right).all()
    mixed = (left * 7 + right * 3) % 11
    rows = np.stack([mixed / 10, np.sign(mixed - 5), left % 3], axis=1).astype(np.float32)
    return rows, mixed / 10


def test_a_vector_sums_up_the_records_of_both_sides(con: Con) -> None:
    labels = places(0, 1, 0, 1, 1)
    vectors = ClusterVectors(con, told(con, labels), score, FEATURES, DIRECTIONS)
    (row,) = vectors(places(0), places(1))
    found = dict(zip(vectors.names, row.tolist(), strict=True))
    across = [(a, b) for a in (0, 2) for b in (1, 3, 4)]
    ordered = places(*(min(pair) for pair in across)), places(*(max(pair) for pair in across))
    rows, likely = score(*ordered)
    assert found["best_given_alike"] == pytest.approx(rows[:, 0].max())
    assert found["worst_sex"] == pytest.approx(rows[:, 1].min())
    assert found["pair_mean"] == pytest.approx(likely.mean())
    assert (found["pairs"], found["smaller_cluster"], found["larger_cluster"]) == (6, 2, 3)
    assert len(vectors.directions) == len(vectors.names) == len(row)
    assert "worst_place" not in found
    a, b = vectors.strongest(places(1), places(0))
    at = int(likely.argmax())
    assert (a.tolist(), b.tolist()) == ([ordered[0][at]], [ordered[1][at]])


def test_equally_strong_pairs_are_taken_by_record_number(con: Con) -> None:
    def alike(left: Index, right: Index) -> tuple[npt.NDArray[np.float32], Floats]:
        return np.zeros((len(left), 3), np.float32), np.ones(len(left))

    vectors = ClusterVectors(con, told(con, places(0, 1, 1, 0)), alike, FEATURES, DIRECTIONS)
    assert np.isfinite(vectors(places(0), places(1))).all()
    a, b = vectors.strongest(places(0), places(1))
    assert (a.tolist(), b.tolist()) == ([0], [1])
    with pytest.raises(KeyError):
        vectors.strongest(places(0), places(2))


def test_two_thousand_records_in_one_cluster_are_compared_by_a_few(con: Con) -> None:
    giant = 2_000
    con.execute("insert into known select i, i, null, true from range(2000) t(i)")
    con.execute("insert into called select i, 'JN' from range(2010) t(i)")
    lives(con, *((giant + at, at) for at in range(10)))
    labels = np.r_[np.zeros(giant, np.int64), np.arange(giant, giant + 10)]
    asked: list[int] = []

    def counted(left: Index, right: Index) -> tuple[npt.NDArray[np.float32], Floats]:
        asked.append(len(left))
        return score(left, right)

    left, right = candidate_cluster_pairs(con, told(con, labels), scored((5, giant, 0.5)))
    assert (0, 1) in set(zip(left.tolist(), right.tolist(), strict=True))
    vectors = ClusterVectors(con, told(con, labels), counted, FEATURES, DIRECTIONS)
    assert np.isfinite(vectors(left, right)).all()
    assert sum(asked) <= 20 * len(left)


@settings(deadline=None, max_examples=25)
@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=10),
    homes=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=14),
    data=st.data(),
)
def test_order_changes_no_vector_and_leaves_no_hole(
    opened: Con, labels: list[int], homes: list[tuple[int, int]], data: st.DataObject
) -> None:
    first = places(*(labels.index(label) for label in labels))
    count = len(set(labels))
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    shuffled = data.draw(st.permutations(pairs))
    rows = []
    for asked, seen in ((pairs, homes), (shuffled, data.draw(st.permutations(homes)))):
        con = emptied(opened)
        lives(con, *((rid, at) for rid, at in seen if rid < len(labels)))
        vectors = ClusterVectors(con, told(con, first), score, FEATURES, DIRECTIONS)
        left, right = (places(*(pair[side] for pair in asked)) for side in (0, 1))
        rows.append(dict(zip(asked, vectors(right, left).tolist(), strict=True)))
        assert all(np.isfinite(row).all() for row in rows[-1].values())
    assert rows[0] == rows[1]
