"""A learner that is told far more than it needs: bounded, and the same whatever runs beside."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.learner import Learner, threads
from resolution.learner import learner as module
from resolution.learner.learner import BATCH, LAG
from resolution.learner.threads import one_thread
from resolution.questions import Pool


def pool_of(count: int, seed: int = 0) -> Pool:
    """Half of the pairs the same, told by six numbers with noise."""
    draw = np.random.default_rng(seed)
    same = draw.random(count) < 0.5
    vectors = draw.normal(np.where(same, 0.7, 0.4)[:, None], 0.2, (count, 6)).astype(np.float32)
    sides = [[f"r_{side}{n:05}" for n in range(count)] for side in "ab"]
    return Pool(
        form="records",
        record_a=sides[0],
        record_b=sides[1],
        members_a=[[each] for each in sides[0]],
        members_b=[[each] for each in sides[1]],
        vectors=vectors,
        names=tuple(f"n{k}" for k in range(6)),
        directions=np.ones(6, np.int8),
        prior=(vectors.sum(axis=1) - 3.3).astype(np.float64) * 3,
        control=np.zeros(count, bool),
        weight=np.ones(count),
    )


def told(learner: Learner, places: list[int]) -> None:
    for place in places:
        learner.answer(place, "same" if place % 2 else "different")


def test_ten_thousand_answers_are_learned_from_in_bounded_memory() -> None:
    learner = Learner(pool_of(12_000), seed=1)
    told(learner, list(range(10_000)))
    assert learner.next() is not None
    tracemalloc.start()
    for place in range(10_000, 10_000 + 3 * BATCH):
        learner.answer(place, "same")
        chosen = learner.next()
        assert chosen is not None
        assert chosen >= 10_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert len(learner._rounds) <= module._ROUNDS_KEPT


@settings(max_examples=12, deadline=None)
@given(st.integers(min_value=0, max_value=130), st.randoms(use_true_random=False))
def test_a_learner_that_is_told_all_at_once_asks_as_one_that_was_asked(
    count: int, draw: random.Random
) -> None:
    """Trainings that ran beside the answers leave no trace in what is asked."""
    pool = pool_of(300)
    asked = Learner(pool, seed=2, by_dedupe=0)
    given_so_far: list[tuple[str, str, str]] = []
    for _ in range(count):
        place = asked.next()
        assert place is not None
        verdict = draw.choice(["same", "different", "unsure"])
        asked.answer(place, verdict)
        given_so_far.append((pool.record_a[place], pool.record_b[place], verdict))
    replayed = Learner(pool, seed=2, by_dedupe=0)
    replayed.replay(given_so_far)
    assert replayed.next() == asked.next()


def test_a_training_chooses_a_few_answers_after_it_began() -> None:
    learner = Learner(pool_of(400), seed=3, by_dedupe=0)
    asked: list[int] = []
    for number in range(12 * BATCH):
        place = learner.next()
        assert place is not None
        if number % BATCH == 0 and number > 40:
            assert learner._coming is not None
            assert len(learner._coming[0]) == number  # it has begun ...
            assert all(len(key) < number for key in learner._rounds)  # ... and does not choose yet
        if number % BATCH == LAG and number > 40:
            assert max(len(key) for key in learner._rounds) == number - LAG
        learner.answer(place, "same" if place % 2 else "different")
        asked.append(place)
    assert len(set(asked)) == len(asked)


def test_the_limit_on_threads_is_lifted_by_the_last_to_leave() -> None:
    def most() -> int:
        return max((entry["num_threads"] for entry in threads._controller().info()), default=1)

    before = most()
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert most() == 1
    second.__exit__(None, None, None)
    assert most() == before
