"""An answer that goes against all others is doubted; those that agree are not."""

from __future__ import annotations

import numpy as np

from resolution.learner import Learner
from tests.resolution.learner_builders import Case, pool_of


def plain(count: int = 300) -> Case:
    """Pairs that one number tells apart."""
    draw = np.random.default_rng(3)
    same = draw.random(count) < 0.3
    vectors = draw.normal(size=(count, 3))
    vectors[:, 0] += np.where(same, 4.0, -4.0)
    return Case(pool=pool_of(vectors, form="clusters", prior=vectors[:, 0]), same=same)


def taught(case: Case, wrong: set[int], labels: int = 120) -> Learner:
    learner = Learner(case.pool, seed=1)
    for place in range(labels):
        learner.answer(place, case.verdict(place) if place not in wrong else _other(case, place))
    return learner


def _other(case: Case, place: int) -> str:
    return "different" if case.same[place] else "same"


def test_a_slip_is_doubted_until_it_is_put_right() -> None:
    case = plain()
    assert taught(case, set()).doubtful() == []
    learner = taught(case, {11, 40})
    assert set(learner.doubtful()) == {11, 40}
    learner.answer(11, case.verdict(11))
    assert learner.doubtful() == [40]


def test_few_answers_doubt_nothing() -> None:
    case = plain()
    assert taught(case, {11}, labels=24).doubtful() == []
    assert Learner(case.pool, seed=1).doubtful() == []
