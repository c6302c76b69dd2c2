"""Parts of linking by themselves: labels for nothing, corrections, scorers, drawn pairs."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.linking.correction import fit_correction
from resolution.linking.labels import TELLING, evidence_of, free_labels
from resolution.linking.pools import _draw
from resolution.linking.scorer import Scorer, unscored
from resolution.linking.settings import read_linking

NAMES = ("given", "birth", *TELLING)
DIRECTIONS = np.array([1, 1, 1, 1, -1, 1], np.int8)


def told(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of pairs, a third of them with numbers, and whether each pair is one person."""
    draw = np.random.default_rng(seed)
    same = draw.random(count) < 0.4
    vectors = np.zeros((count, len(NAMES)), np.float32)
    vectors[:, 0] = np.clip(draw.normal(np.where(same, 0.9, 0.5), 0.2), 0, 1)
    vectors[:, 1] = np.clip(draw.normal(np.where(same, 0.8, 0.4), 0.3), 0, 1)
    known = draw.random(count) < 0.33
    vectors[known & same, NAMES.index("nhs_equal")] = 1
    vectors[known & ~same, NAMES.index("nhs_conflict")] = 1
    return vectors, same


def learned(seed: int = 0) -> tuple[Scorer, np.ndarray, np.ndarray]:
    vectors, same = told(3_000, seed)
    shared, differ = evidence_of({name: vectors[:, NAMES.index(name)] for name in TELLING})
    places = np.flatnonzero(shared | differ)
    labels = free_labels(places, shared[places], differ[places])
    return unscored(NAMES, DIRECTIONS).learn_free(vectors[labels.places], labels), vectors, same


def test_identifiers_that_disagree_with_themselves_speak_for_one_person() -> None:
    column = {name: np.zeros(3) for name in TELLING}
    column["nhs_conflict"][:] = 1
    column["other_number"] = np.array([1, -1, 0])
    shared, differ = evidence_of(column)
    assert shared.tolist() == [True, False, False]
    assert differ.tolist() == [False, True, True]


@pytest.mark.parametrize("most", [10, 1_000])
def test_weights_make_up_for_labels_left_out(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolution.linking.labels.MOST_OF_A_KIND", most)
    shared = np.arange(300) % 3 == 0
    labels = free_labels(np.arange(300) + 7, shared, ~shared)
    assert len(set(labels.places.tolist())) == len(labels)
    assert labels.weight[labels.same].sum() == pytest.approx(100)
    assert labels.weight[~labels.same].sum() == pytest.approx(200)
    assert labels.same.tolist() == (labels.places % 3 == 1).tolist()


def test_a_scorer_read_back_scores_as_the_one_that_was_written() -> None:
    scorer, vectors, same = learned()
    asked = np.arange(0, 3_000, 20)
    base = np.zeros(len(asked))
    taught = scorer.learn(vectors[asked], base, same[asked]).scorer
    for made in (scorer, taught):
        again = Scorer.from_json(json.loads(json.dumps(made.to_json())))
        zero = np.zeros(len(vectors))
        assert np.array_equal(again.log_odds(vectors, zero), made.log_odds(vectors, zero))
        assert (again.names, again.directions.tolist()) == (NAMES, DIRECTIONS.tolist())


def test_a_scorer_gives_finite_odds_for_every_pair_and_none() -> None:
    scorer, vectors, same = learned()
    odds = scorer.log_odds(vectors, np.zeros(len(vectors)))
    assert np.isfinite(odds).all()
    assert odds[same].mean() > odds[~same].mean() + 2
    assert scorer.log_odds(vectors[:0], np.zeros(0)).shape == (0,)


def test_what_the_score_holds_certain_is_not_corrected() -> None:
    draw = np.random.default_rng(4)
    vectors, _ = told(600, seed=4)
    score = draw.uniform(-9, 9, 600)
    same = score < 0  # every label against the score
    found, _ = fit_correction(vectors, score, same, DIRECTIONS)
    if found is None:
        pytest.skip("nothing was learned")
    corrected = found.apply(vectors, score)
    far = np.abs(score) >= 6
    assert far.any()
    assert np.array_equal(corrected[far], score[far])
    assert np.abs(corrected - score).max() < 6
    added = found.contributions(vectors, score).sum(axis=1)
    assert corrected - score == pytest.approx(added, abs=1e-6)


def test_a_correction_that_foretells_nothing_is_not_kept() -> None:
    draw = np.random.default_rng(5)
    score = draw.normal(0, 2, 400)
    same = draw.random(400) < 1 / (1 + np.exp(-score))  # the score says all there is to say
    vectors = draw.random((400, len(NAMES)), np.float32)
    found, held = fit_correction(vectors, score, same, DIRECTIONS)
    assert found is None
    assert np.abs(held - score).mean() < 0.1


@pytest.mark.parametrize("by_identifiers", [True, False])
def test_what_is_said_of_a_label_held_out_does_not_know_it(by_identifiers: bool) -> None:
    scorer, vectors, _ = learned()
    if not by_identifiers:
        scorer = unscored(NAMES, scorer.directions)
    asked = np.arange(0, 3_000, 10)
    base = np.zeros(len(asked))
    same = np.random.default_rng(6).permutation(len(asked)) % 2 == 0  # nothing to learn
    made = scorer.learn(vectors[asked], base, same)
    own = made.scorer.log_odds(vectors[asked], base)
    assert np.corrcoef(made.held, same)[0, 1] < 0.05
    if not by_identifiers:
        assert np.corrcoef(own, same)[0, 1] > 0.1


def test_too_few_labels_teach_nothing_and_are_judged_by_what_was_known() -> None:
    scorer, vectors, same = learned()
    few = np.arange(0, 3_000, 100)
    made = scorer.learn(vectors[few], np.zeros(len(few)), same[few])
    assert made.scorer is scorer
    assert np.array_equal(made.held, scorer.log_odds(vectors[few], np.zeros(len(few))))
    assert scorer.learn(vectors[:0], np.zeros(0), same[:0]).held.shape == (0,)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(min_value=1, max_value=4_000),
    st.floats(min_value=0.1, max_value=30),
    st.integers(min_value=50, max_value=900),
    st.integers(min_value=0, max_value=200),
    st.integers(min_value=0, max_value=2**32 - 1),
)
def test_drawn_pairs_stand_for_all_whatever_their_likeness(
    count: int, spread: float, questions: int, control: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    odds = random.normal(0, spread, count)
    stands_for = random.uniform(1, 5, count)
    given_settings = dataclasses.replace(read_linking(), questions=questions, control=control)
    drawn = _draw(odds, stands_for, given_settings, random)
    assert len(set(drawn.places.tolist())) == len(drawn.places) <= max(questions, 14)
    assert (drawn.weight > 0).all()
    if control:  # the control pairs alone stand for every candidate pair
        assert drawn.weight[drawn.control].sum() == pytest.approx(stands_for.sum())
    else:
        assert not drawn.control.any()
        assert drawn.weight.sum() == pytest.approx(stands_for.sum())
