"""Classifier and calibration: contributions add up, few labels stay sane."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.scoring import (
    Classifier,
    ClassifierError,
    fit_calibration,
    out_of_fold,
    reliability,
)
from resolution.scoring.classifier import LIMIT, _parts

Rows = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
NAMES = ("constant", "copy", "original", "noise", "against", "likeness", "more", "either")
DIRECTIONS = np.array([0, 1, 1, 0, -1, 1, 1, 0], dtype=np.int8)


def make(count: int, *, share: float = 0.4, seed: int = 0) -> tuple[Rows, Flags]:
    """Vectors with a constant and a doubled feature, as real ones have."""
    random = np.random.default_rng(seed)
    same = random.random(count) < share
    same[:2] = True, False
    rows = random.normal(size=(count, len(NAMES))).astype(np.float32)
    rows[:, 4] -= 1.5 * same
    rows[:, 5:7] += 1.5 * same[:, None]
    rows[:, 2] += same
    rows[:, 0], rows[:, 1] = 1.0, rows[:, 2]
    return rows, same


def learn(
    rows: Rows, same: Flags, seed: int = 0, weight: npt.NDArray[np.float64] | None = None
) -> Classifier:
    return Classifier.fit(rows, same, names=NAMES, directions=DIRECTIONS, weight=weight, seed=seed)


@pytest.mark.parametrize("count", [20, 75, 400, 6_000])
def test_contributions_sum_to_the_log_odds(count: int) -> None:
    model = learn(*make(count))
    asked = make(1_000, seed=1)[0]
    asked[:20] *= 1_000  # far from anything learned
    odds = model.log_odds(asked)
    parts = model.contributions(asked)
    assert parts.shape == (1_000, len(NAMES) + 1)
    assert np.abs(parts.sum(axis=1) - odds).max() < 1e-6
    assert np.abs(odds).max() <= LIMIT


@pytest.mark.parametrize("count", [30, 6_000])
def test_what_is_read_back_answers_bit_for_bit(count: int) -> None:
    model = learn(*make(count))
    again = Classifier.from_json(json.loads(json.dumps(model.to_json(), allow_nan=False)))
    asked = make(500, seed=2)[0]
    assert np.array_equal(model.log_odds(asked), again.log_odds(asked))
    assert np.array_equal(model.contributions(asked), again.contributions(asked))
    assert again.to_json() == model.to_json()


def test_one_seed_gives_one_model() -> None:
    rows, same = make(400)
    assert learn(rows, same, 3).to_json() == learn(rows, same, 3).to_json()


def test_many_labels_are_drawn_from_without_changing_their_balance() -> None:
    rows, same = make(100_000, share=0.1)
    model = learn(rows, same)
    asked, _ = make(20_000, share=0.1, seed=1)
    promised = (1 / (1 + np.exp(-model.log_odds(asked)))).mean()
    assert promised == pytest.approx(0.1, abs=0.02)
    assert learn(rows, same).to_json() == model.to_json()


def test_four_matches_among_twenty_labels_rank_pairs_and_claim_little() -> None:
    rows, _ = make(20, seed=5)
    same = np.zeros(20, dtype=bool)
    same[:4] = True
    rows[:, 5] = np.where(same, 2.0, 0.0) + rows[:, 3] / 10
    model = learn(rows, same)
    asked, truth = make(2_000, seed=6)
    odds = model.log_odds(asked)
    assert np.median(odds[truth]) > np.median(odds[~truth])
    assert np.abs(odds).max() < 8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.sampled_from([1, 2, 5, 6]), st.floats(0.01, 3))
def test_more_alike_never_lowers_the_odds_of_a_pair_in_question(
    row: int, feature: int, more: float
) -> None:
    asked = make(1_000, seed=9)[0][row : row + 1]
    alike = asked.copy()
    alike[0, feature] += np.float32(more)
    trees = MONOTONE.boosting
    assert trees.log_odds(alike)[0] >= trees.log_odds(asked)[0] - 1e-12


MONOTONE = learn(*make(400, seed=8))


def test_pieces_do_not_change_the_answer() -> None:
    asked = make(1_000, seed=3)[0]
    whole = MONOTONE.log_odds(asked)
    pieces = np.concatenate([MONOTONE.log_odds(asked[part]) for part in _parts(1_000, 7)])
    assert np.abs(whole - pieces).max() < 1e-9
    assert MONOTONE.log_odds(asked[:0]).shape == (0,)
    assert MONOTONE.contributions(asked[:0]).shape == (0, len(NAMES) + 1)


def test_weights_count_by_proportion() -> None:
    rows, same = make(300)
    one = learn(rows, same, weight=np.full(300, 2.0))
    assert np.allclose(one.log_odds(rows), learn(rows, same).log_odds(rows), atol=1e-6)
    heavy = learn(rows, same, weight=np.where(same, 1.0, 20.0))
    assert heavy.log_odds(rows).mean() < one.log_odds(rows).mean() - 0.5


def test_what_cannot_be_learned_from_is_refused_in_words() -> None:
    rows, same = make(50)
    for faulty, labels, words in (
        (rows, np.ones(50, dtype=bool), "both kinds"),
        (rows[:10], same, "one label"),
        (rows[:, :3], same, "one name"),
        (rows[:0], same[:0], "both kinds"),
        (np.where(rows > 1, np.nan, rows), same, "finite"),
    ):
        with pytest.raises(ClassifierError, match=words):
            learn(faulty, labels)
    with pytest.raises(ClassifierError, match="weight"):
        learn(rows, same, weight=np.where(same, -1.0, 1.0))
    with pytest.raises(ClassifierError, match="learned from 8"):
        MONOTONE.log_odds(rows[:, :5])


def test_held_out_odds_are_no_better_than_new_ones() -> None:
    rows, same = make(200, seed=4)
    same = np.random.default_rng(0).permutation(same)  # nothing to learn
    unseen = out_of_fold(rows, same, names=NAMES, directions=DIRECTIONS)
    odds = unseen.raw
    assert abs(odds[same].mean() - odds[~same].mean()) < 0.4
    own = learn(rows, same).log_odds(rows)
    assert own[same].mean() - own[~same].mean() > 0.8
    assert fit_calibration(odds, same).slope < 0.6
    assert np.abs(unseen.calibrated(same)).mean() < np.abs(odds).mean()


def test_the_line_for_a_label_is_not_learned_from_it() -> None:
    rows, same = make(200, seed=4)
    unseen = out_of_fold(rows, same, names=NAMES, directions=DIRECTIONS)
    other = same.copy()
    first = unseen.fold == 0
    other[first] = ~other[first]
    assert np.array_equal(unseen.calibrated(same)[first], unseen.calibrated(other)[first])
    assert not np.array_equal(unseen.calibrated(same), unseen.calibrated(other))


def test_one_match_alone_cannot_be_held_out() -> None:
    rows, same = make(30)
    same[:] = False
    same[0] = True
    with pytest.raises(ClassifierError, match="at least two"):
        out_of_fold(rows, same, names=NAMES, directions=DIRECTIONS)


def test_calibration_finds_the_line_and_few_labels_hardly_move_it() -> None:
    random = np.random.default_rng(1)
    raw = random.normal(size=5_000) * 3
    same = random.random(5_000) < 1 / (1 + np.exp(-(0.5 * raw - 1)))
    found = fit_calibration(raw, same)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.offset == pytest.approx(-1, abs=0.1)
    for row in reliability(found.probability(raw), same):
        if row.labels > 200:
            assert row.found == pytest.approx(row.promised, abs=0.08)
    few = fit_calibration(np.array([3.0, -3.0]), np.array([True, False]))
    assert abs(few.slope - 1) < 0.2
    assert abs(few.offset) < 0.2
    none = fit_calibration(np.zeros(0), np.zeros(0, dtype=bool))
    assert (none.slope, none.offset) == (1.0, 0.0)


def test_separated_labels_do_not_run_away() -> None:
    raw = np.array([-1.0] * 200 + [1.0] * 200)
    line = fit_calibration(raw, raw > 0)
    assert 1 < line.slope <= 3
    assert abs(line.offset) < 0.1
