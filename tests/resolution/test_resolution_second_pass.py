"""Clusters joined to clusters: numbers, lifetimes and judgements of records hold between them."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from resolution.cluster_pairs import ClusterVectors
from resolution.clusters import Constraints, Index, Pair
from resolution.guards import DEAD_BEFORE_BORN, NHS_CONFLICT
from resolution.lifespans import Lifespans
from resolution.linking import second_pass
from resolution.linking.scorer import unscored
from resolution.linking.second_pass import Compared, join, rounds
from tests.resolution.builders import lifespans

# records 0 and 1, 2 and 3, 4 and 5 are clusters
CLUSTERS = np.array([0, 0, 1, 1, 2, 2])


def compared(*pairs: Pair) -> Compared:
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Compared(
        clusters=CLUSTERS,
        left=left,
        right=right,
        vectors=cast(ClusterVectors, None),
        rows=np.zeros((len(pairs), 1), dtype=np.float32),
    )


def limits(
    numbers: dict[int, int] | None = None,
    *,
    must: list[Pair] | None = None,
    cannot: list[Pair] | None = None,
    spans: Lifespans | None = None,
) -> Constraints:
    number = np.full(len(CLUSTERS), -1, dtype=np.int32)
    for record, value in (numbers or {}).items():
        number[record] = value
    return Constraints(number=number, must=must or [], cannot=cannot or [], spans=spans)


def joined(given: Constraints, *pairs: Pair) -> tuple[Index, list[str]]:
    p = np.full(len(pairs), 0.97)
    labels, made, _ = join(compared(*pairs), p, given, 0.75)
    return labels, [why for _, why in made.refused]


def test_a_cluster_of_two_numbers_joins_whoever_shares_one_of_them() -> None:
    both = {0: 1, 1: 2}
    for shared in (1, 2):
        labels, why = joined(limits(both | {2: shared}), (0, 1))
        assert labels.tolist() == [0, 0, 0, 0, 4, 4]
        assert why == []
    labels, why = joined(limits(both | {2: 3}), (0, 1))
    assert labels.tolist() == [0, 0, 2, 2, 4, 4]
    assert why == [NHS_CONFLICT]


def test_a_third_cluster_may_not_bring_other_numbers_together() -> None:
    labels, why = joined(limits({0: 1, 3: 2}), (0, 2), (1, 2))
    assert labels.tolist() == [0, 0, 2, 2, 0, 0]
    assert why == [NHS_CONFLICT]


def test_clusters_are_parted_if_any_member_died_before_one_of_the_other_was_born() -> None:
    born = np.array(["", "1900-01-01", "", "1980-01-01", "", ""])
    died = np.array(["1950-01-01", "9999", "9999", "9999", "9999", "9999"])
    spans = lifespans(born, died)
    labels, why = joined(limits(spans=spans), (0, 1))
    assert labels.tolist() == [0, 0, 2, 2, 4, 4]
    assert why == [DEAD_BEFORE_BORN]
    through, why = joined(limits(spans=spans), (0, 2), (1, 2))
    assert through.tolist() == [0, 0, 2, 2, 0, 0]
    assert why == [DEAD_BEFORE_BORN]
    told, why = joined(limits(spans=spans, must=[(1, 2)]), (0, 1))
    assert told.tolist() == [0, 0, 0, 0, 4, 4]
    assert why == []


def test_a_steward_stands_above_numbers_and_scores() -> None:
    labels, _ = joined(limits({0: 1, 2: 2}, must=[(1, 3)]))
    assert labels.tolist() == [0, 0, 0, 0, 4, 4]
    labels, _ = joined(limits(cannot=[(1, 3)]), (0, 1))
    assert labels.tolist() == [0, 0, 2, 2, 4, 4]


def test_without_a_second_pass_the_first_ones_clusters_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def odds(given: Compared, _scorer: object) -> np.ndarray:
        return np.full(len(given.left), 3.0)

    monkeypatch.setattr(second_pass, "cluster_odds", odds)
    first = compared((0, 1))
    labels, last, p, made = rounds(
        first,
        lambda _labels: first,
        unscored((), np.zeros(0, dtype=np.int8)),
        limits(),
        count=0,
        threshold=0.75,
    )
    assert labels.tolist() == [0, 0, 2, 2, 4, 4]
    assert last == (first,)
    assert len(p) == 1
    assert made.refused == ()
