"""Whatever stewards do, and in whatever order: nothing is asked twice, and replaying is hearing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from resolution.learner import Learner
from resolution.learner.learner import BATCH
from resolution.questions import Pool
from tests.resolution.learner_builders import overlapping

COUNT = 24
BY_DEDUPE = 6
VERDICTS = st.sampled_from(["same", "different", "different", "unsure"])
PLACES = st.integers(0, COUNT - 1)


class Stewards(RuleBasedStateMachine):
    """Several stewards at one pool; `form` is the machine's."""

    form = "records"
    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.pool: Pool = overlapping(COUNT, 4, share=0.3, form=self.form).pool
        self.learner = self.fresh()
        self.leased: set[int] = set()
        self.answers: dict[int, str] = {}

    def fresh(self) -> Learner:
        return Learner(self.pool, seed=1, by_dedupe=BY_DEDUPE)

    @rule(target=asked)
    def ask(self) -> object:
        place = self.learner.next(self.leased)
        if place is None:
            assert len(self.leased | set(self.answers)) == COUNT
            return multiple()
        assert 0 <= place < COUNT
        assert place not in self.leased
        assert place not in self.answers
        self.leased.add(place)
        return place

    @rule(place=asked)
    def let_go(self, place: int) -> None:
        self.leased.discard(place)

    @rule(place=asked, verdict=VERDICTS)
    def answer(self, place: int, verdict: str) -> None:
        self.give(place, verdict)

    @rule(places=st.lists(PLACES, max_size=BATCH), verdict=VERDICTS)
    def answer_unasked(self, places: Iterable[int], verdict: str) -> None:
        for place in places:
            self.give(place, verdict)

    @rule(place=PLACES)
    def undo(self, place: int) -> None:
        if place in self.answers:
            del self.answers[place]
            self.learner.undo(place)
            everything_else = set(range(COUNT)) - {place}
            assert self.learner.next(everything_else) == place

    @rule()
    def undo_the_last(self) -> None:
        if self.answers:
            self.undo(list(self.answers)[-1])

    @rule()
    def replay(self) -> None:
        other = self.fresh()
        other.replay(
            (self.pool.record_b[place], self.pool.record_a[place], verdict)
            for place, verdict in self.answers.items()
        )
        assert other.next(self.leased) == self.learner.next(self.leased)
        self.learner = other

    @invariant()
    def labels_are_the_decided_answers(self) -> None:
        places, same = self.learner.labelled()
        decided = {n: verdict for n, verdict in self.answers.items() if verdict != "unsure"}
        assert places.tolist() == list(decided)
        assert same.tolist() == [verdict == "same" for verdict in decided.values()]

    def give(self, place: int, verdict: str) -> None:
        self.learner.answer(place, verdict)
        self.leased.discard(place)
        self.answers.pop(place, None)
        self.answers[place] = verdict


class StewardsOfClusters(Stewards):
    form = "clusters"


_SETTINGS = settings(max_examples=25, stateful_step_count=30, deadline=None)

TestRecords = Stewards.TestCase
TestRecords.settings = _SETTINGS
TestClusters = StewardsOfClusters.TestCase
TestClusters.settings = _SETTINGS


def test_undoing_everything_is_beginning_anew() -> None:
    case = overlapping(60, 4, share=0.3)
    learner = Learner(case.pool, by_dedupe=20)
    places = []
    for _ in range(40):
        place = learner.next()
        assert place is not None
        learner.answer(place, case.verdict(place))
        places.append(place)
    for place in np.random.default_rng(0).permutation(places).tolist():
        learner.undo(place)
        assert learner.next() is not None

    again = []
    for _ in range(40):
        place = learner.next()
        assert place is not None
        learner.answer(place, case.verdict(place))
        again.append(place)

    assert again == places
