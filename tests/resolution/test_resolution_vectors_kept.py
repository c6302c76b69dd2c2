"""Comparison vectors of every family keep their promises: symmetric, finite, in words."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from resolution.addresses import resolve_addresses
from resolution.blocking import read_blocking, suited_keys
from resolution.observing import observe
from resolution.pairs import candidate_pairs
from resolution.prepare import open_workspace, prepare
from resolution.vectors import FEATURES, Vectors
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import Row, contact, lives, record, snapshot
from tests.resolution.test_resolution_learning import county


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vectors, np.ndarray, np.ndarray]:
    """Vectors over a county, with records that lack everything and some that are odd."""
    records, stays, _ = county(3)
    draw = random.Random(3)
    odd: list[Row] = [record(f"bare{n}") for n in range(5)]
    odd += [
        record(f"wild{n}", given_name=given, family_name="x", birth_date=birth, sex=None)
        for n, (given, birth) in enumerate(
            [("", "1999"), ("ﷺ", "2026-13"), ("a" * 2_000, "0001-01-01"), ("-", None)]
        )
    ]
    stays += [lives(odd[0], "nowhere", None), lives(odd[-1], None, "ZZ99 3VZ")]
    rows = [*records, *odd]
    made = snapshot(tmp_path_factory.mktemp("v") / "s", rows, stays, [contact("1", "1 A Road")])
    with open_workspace(Path(tmp_path_factory.mktemp("spill"))) as con:
        prepare(con, made)
        resolve_addresses(con, made, None)
        find_whereabouts(con, made)
        known = observe(con)
        found = candidate_pairs(con, suited_keys(con, read_blocking(), known), 120)
        vectors = Vectors(con, known)
    others = np.array([draw.randrange(len(rows)) for _ in range(4_000)]).reshape(2, -1)
    kept = others[0] != others[1]
    left = np.concatenate([found.left[:4_000], others[0][kept]])
    right = np.concatenate([found.right[:4_000], others[1][kept]])
    return vectors, left, right


def test_it_does_not_matter_which_record_comes_first(
    compared: tuple[Vectors, np.ndarray, np.ndarray],
) -> None:
    vectors, left, right = compared
    one, other = vectors(left, right), vectors(right, left)
    wrong = [n for k, n in enumerate(vectors.names) if not np.array_equal(one[:, k], other[:, k])]
    assert wrong == []


def test_every_number_is_finite_and_there_is_one_for_each_name(
    compared: tuple[Vectors, np.ndarray, np.ndarray],
) -> None:
    vectors, left, right = compared
    rows = vectors(left, right)
    assert rows.shape == (len(left), len(vectors.names))
    assert [n for k, n in enumerate(vectors.names) if not np.isfinite(rows[:, k]).all()] == []
    assert vectors(left[:0], right[:0]).shape == (0, len(vectors.names))


def test_a_pair_s_vector_does_not_depend_on_the_pairs_beside_it(
    compared: tuple[Vectors, np.ndarray, np.ndarray],
) -> None:
    vectors, left, right = compared
    together = vectors(left, right)
    order = np.random.default_rng(1).permutation(len(left))[:500]
    assert np.array_equal(vectors(left[order], right[order]), together[order])


def test_a_record_beside_itself_is_as_like_as_can_be(
    compared: tuple[Vectors, np.ndarray, np.ndarray],
) -> None:
    vectors, left, right = compared
    itself, pairs = vectors(left, left), vectors(left, right)
    written = [vectors.names.index(n) for n in ("given_written", "family_written", "birth_written")]
    assert (itself[:, written] >= pairs[:, written] - 1e-6).mean() > 0.99
    for name in ("given_unlike", "birth_far", "nhs_conflict"):
        assert not itself[:, vectors.names.index(name)].any()


def test_every_feature_says_in_words_what_it_is_about() -> None:
    assert len({feature.words for feature in FEATURES.values()}) == len(FEATURES)
    for name, feature in FEATURES.items():
        assert feature.name == name
        assert feature.direction in (-1, 0, 1)
        assert feature.words == feature.words.strip() != ""
        assert feature.words[0].islower() or feature.words.split()[0].isupper()
