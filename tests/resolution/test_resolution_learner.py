"""The learner asks what is open, learns from answers, and bears with what stewards do."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from resolution.errors import QuestionsError
from resolution.learner import Learner
from resolution.questions import Pool
from tests.resolution.learner_builders import Case, overlapping, pool_of

FORMS = ["records", "clusters"]


def labelled_by(learner: Learner, case: Case, count: int) -> list[int]:
    """Answers so many questions truthfully; the places asked."""
    asked = []
    for _ in range(count):
        place = learner.next()
        assert place is not None
        asked.append(place)
        learner.answer(place, case.verdict(place))
    return asked


def quality(case: Case, places: NDArray[np.int64]) -> float:
    """F1 over the pool of a plain classifier trained on the truth at these places."""
    vectors, same = case.pool.vectors, case.same
    if len(set(same[places])) < 2:
        return 0.0
    model = LogisticRegression(C=0.3, max_iter=1000).fit(vectors[places], same[places])
    held = model.predict(vectors)
    return float(2 * (held & same).sum() / (held.sum() + same.sum()))


@pytest.mark.parametrize("form", FORMS)
def test_chosen_labels_teach_more_than_random_ones(form: str) -> None:
    chosen, drawn = [], []
    for seed in range(3):
        case = overlapping(seed=seed, form=form)
        learner = Learner(case.pool, seed=seed)
        labelled_by(learner, case, 150)
        chosen.append(quality(case, learner.labelled()[0]))
        rng = np.random.default_rng(seed)
        drawn.append(quality(case, rng.choice(len(case.pool), 150, replace=False)))

    assert np.mean(chosen) > np.mean(drawn) + 0.05
    assert np.mean(chosen) > 0.85


def test_dedupe_finds_the_rare_matches() -> None:
    case = overlapping(seed=5)
    learner = Learner(case.pool, seed=5)

    asked = labelled_by(learner, case, 60)

    assert case.same[asked].mean() > 5 * case.same.mean()


@pytest.mark.parametrize("form", FORMS)
def test_wrong_answers_do_little_harm(form: str) -> None:
    case = overlapping(seed=3, form=form)
    wrong = np.random.default_rng(3).random(len(case.pool)) < 0.02
    misled = dataclasses.replace(case, same=case.same ^ wrong)
    learner = Learner(case.pool, seed=3)

    labelled_by(learner, misled, 150)

    assert quality(case, learner.labelled()[0]) > 0.8


def test_the_first_questions_about_clusters_are_of_every_kind() -> None:
    case = overlapping(form="clusters")
    asked = labelled_by(Learner(case.pool), case, 28)

    order = np.argsort(-case.pool.prior).tolist()
    assert set(order[:10]) <= set(asked)
    assert set(order[-5:]) <= set(asked)
    assert len(set(asked) - set(order[:10]) - set(order[-5:])) >= 10


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("verdict", ["same", "different", "unsure"])
def test_one_verdict_for_everything_is_borne(form: str, verdict: str) -> None:
    case = overlapping(count=60, form=form)
    learner = Learner(case.pool, by_dedupe=20)

    for _ in range(60):
        place = learner.next()
        assert place is not None
        learner.answer(place, verdict)

    assert learner.next() is None
    assert len(learner.labelled()[0]) == (0 if verdict == "unsure" else 60)
    assert learner.settled()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 12])
def test_small_pools_are_asked_to_the_end(form: str, count: int) -> None:
    rng = np.random.default_rng(count)
    pool = pool_of(rng.random((count, 3)), form=form, prior=rng.normal(size=count))
    learner = Learner(pool)

    asked = []
    while (place := learner.next()) is not None:
        asked.append(place)
        learner.answer(place, "same" if len(asked) % 2 else "different")

    assert sorted(asked) == list(range(count))
    assert learner.settled()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("width", [0, 1, 4])
def test_vectors_that_tell_nothing_are_borne(form: str, width: int) -> None:
    learner = Learner(pool_of(np.ones((50, width)), form=form))

    asked = []
    while (place := learner.next()) is not None:
        asked.append(place)
        learner.answer(place, "same" if place % 2 else "different")

    assert sorted(asked) == list(range(50))


@pytest.mark.parametrize("form", FORMS)
def test_numbers_of_any_size_are_borne(form: str) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(80, 4)) * np.array([1e-30, 1e30, 1, 1e6])
    prior = rng.normal(size=80) * 1e300
    learner = Learner(pool_of(vectors, form=form, prior=prior), by_dedupe=20)

    for _ in range(60):
        place = learner.next()
        assert place is not None
        learner.answer(place, "same" if vectors[place, 2] > 0 else "different")


def test_a_vector_that_is_no_number_is_refused() -> None:
    with pytest.raises(QuestionsError, match="not a number in number 1"):
        Learner(pool_of([[0.0, float("nan")]]))


def test_answers_that_contradict_each_other_leave_the_last() -> None:
    learner = Learner(pool_of(np.eye(5)))

    learner.replay([("a1", "b1", "same"), ("a2", "b2", "same"), ("b1", "a1", "different")])

    places, same = learner.labelled()
    assert dict(zip(places.tolist(), same.tolist(), strict=True)) == {1: False, 2: True}


def test_equal_vectors_with_different_answers_are_borne() -> None:
    vectors = np.repeat(np.random.default_rng(0).random((30, 4)), 4, axis=0)
    learner = Learner(pool_of(vectors, prior=vectors.sum(axis=1)), by_dedupe=40)

    for count in range(120):
        place = learner.next()
        assert place is not None
        learner.answer(place, ("same", "different")[count % 2])

    assert learner.next() is None


def test_replayed_answers_to_other_pairs_are_ignored() -> None:
    learner = Learner(pool_of(np.eye(3)))

    learner.replay([("a0", "b1", "same"), ("x", "y", "different"), ("a2", "b2", "unsure")])

    assert learner.labelled()[0].tolist() == []
    assert learner.next(leased=[0]) == 1


def test_what_is_no_answer_is_refused() -> None:
    learner = Learner(pool_of(np.eye(3)))

    with pytest.raises(QuestionsError, match="same, different, unsure"):
        learner.answer(0, "maybe")
    for place in (-1, 3):
        with pytest.raises(QuestionsError, match="no question"):
            learner.answer(place, "same")
    with pytest.raises(QuestionsError, match="no answer to take back"):
        learner.undo(1)


def test_leases_of_other_pools_are_borne() -> None:
    assert Learner(pool_of(np.eye(2))).next(leased={-5, 0, 7_000}) == 1


def test_ten_thousand_labels_are_borne() -> None:
    case = overlapping(count=12_000, share=0.3)
    answers = [(f"a{n}", f"b{n}", case.verdict(n)) for n in range(10_000)]
    learner = Learner(case.pool)
    learner.replay(answers)

    place = learner.next()

    assert place is not None
    assert place >= 10_000
    assert len(learner.labelled()[0]) == 10_000
    assert learner.settled()


def test_a_learner_with_few_labels_is_not_settled() -> None:
    case = overlapping(share=0.3)
    learner = Learner(case.pool)
    labelled_by(learner, case, 40)

    assert not learner.settled()


def test_a_learner_whose_view_no_longer_moves_is_settled() -> None:
    rng = np.random.default_rng(0)
    same = rng.random(600) < 0.4
    vectors = same[:, None] * 4.0 + rng.normal(size=(600, 4)) * 0.2
    case = Case(pool=pool_of(vectors, form="clusters"), same=same)
    learner = Learner(case.pool)
    labelled_by(learner, case, 152)
    assert learner.settled()


def test_the_same_seed_and_answers_give_the_same_questions() -> None:
    case = overlapping(count=400, seed=1)
    random.seed(1)
    first = labelled_by(Learner(case.pool, seed=9, by_dedupe=20), case, 50)
    random.seed(2)
    np.random.seed(2)
    again = labelled_by(Learner(case.pool, seed=9, by_dedupe=20), case, 50)
    other = labelled_by(Learner(case.pool, seed=10, by_dedupe=20), case, 50)

    assert first == again
    assert first != other


def test_global_random_numbers_are_left_alone() -> None:
    case = overlapping(count=200)
    random.seed(4)
    expected = random.getstate()

    labelled_by(Learner(case.pool, by_dedupe=10), case, 20)

    assert random.getstate() == expected


def test_resolution_is_imported_without_the_learners_libraries() -> None:
    heavy = "{'dedupe', 'sklearn', 'lightgbm'} & set(sys.modules)"
    code = (
        f"import sys, resolution, resolution.questions, resolution.learner; sys.exit(bool({heavy}))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_numbers_may_have_any_name() -> None:
    case = overlapping(count=100)
    odd = tuple(f'{{"é{n}": [,:]}}' for n in range(10))
    renamed = dataclasses.replace(case.pool, names=odd)

    assert labelled_by(Learner(renamed, by_dedupe=5), case, 45)


def test_a_pool_is_not_changed_by_learning() -> None:
    case = overlapping(count=100)
    before = {
        part.name: np.copy(getattr(case.pool, part.name)) if part.name != "form" else "records"
        for part in dataclasses.fields(Pool)
        if part.name not in ("members_a", "members_b")
    }

    labelled_by(Learner(case.pool, by_dedupe=10), case, 50)

    for name, value in before.items():
        np.testing.assert_array_equal(value, getattr(case.pool, name))
