"""dedupe as the learner: its disagreement between a classifier and blocking rules picks the pair.

dedupe sees a pool, never a file: a record is a place in the pool and a side, the comparison
vectors stand in for its distances, and a blocking rule holds a pair together where one number of
its vector is high. Which rules, which pair, and what follows from an answer are dedupe's own
`DisagreementLearner`, `BlockLearner`, `MatchLearner`, `uncertain_pairs` and `mark_pairs`.

Invariant: the choice is a function of the seed, the labels in their order and the open places;
the state of Python's global random numbers is the same before and after.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import dedupe
import numpy as np
from dedupe import labeler, predicates, training
from dedupe.variables.string import StringType
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from resolution.learner.features import Features

Label = tuple[int, bool]
_Record = Mapping[str, Any]
_Pair = tuple[_Record, _Record]

_HIGH = 0.95
_MOST_RULES = 24
_FEWEST = 10


class ByDedupe:
    """dedupe's active learning over a pool's features."""

    def __init__(self, features: Features, *, seed: int) -> None:
        self._features = features
        self._seed = seed
        self._rules = _rules(features)
        self._dedupe: Any = None
        self._marked: list[Label] = []
        self._before: list[_Blocks] = []

    @property
    def usable(self) -> bool:
        """Whether there is enough for dedupe to choose from."""
        return len(self._features) >= _FEWEST and bool(self._rules)

    def choose(self, labels: Sequence[Label], places: NDArray[np.int64]) -> int | None:
        """The place that dedupe asks for, of those given; None if it cannot tell."""
        self._learn(labels)
        self._dedupe.active_learner.offer(places)
        step = (self._seed, len(labels))
        self._dedupe.active_learner.rng = np.random.default_rng(step)
        try:
            with _global_random(hash(step)), np.errstate(divide="raise", invalid="raise"):
                [(left, _)] = self._dedupe.uncertain_pairs()
        except (FloatingPointError, IndexError):
            return None  # nothing to tell them apart by
        return int(left["place"])

    def _learn(self, labels: Sequence[Label]) -> None:
        """Brings dedupe to these labels, going back to where they part from what it has."""
        common = 0
        for known, given in zip(self._marked, labels, strict=False):
            if known != given:
                break
            common += 1
        if self._dedupe is None:
            self._start()
        if common < len(self._marked):
            self._go_back(common)
        for place, same in labels[common:]:
            self._before.append(self._dedupe.active_learner.blocker.remembered())
            pair = self._dedupe.active_learner.pairs_of_pool[place]
            key, other = ("match", "distinct") if same else ("distinct", "match")
            self._dedupe.mark_pairs({key: [pair], other: []})
            self._marked.append((place, same))

    def _start(self) -> None:
        # The definition of a field is required, and replaced at once by the pool's vectors.
        self._dedupe = dedupe.Dedupe([StringType("place")], num_cores=0)
        self._dedupe.data_model = _Vectors(self._features)
        self._dedupe.active_learner = _Disagreement(self._dedupe.data_model, self._rules)

    def _go_back(self, count: int) -> None:
        learner = self._dedupe.active_learner
        learner.forget(len(self._marked) - count)
        learner.blocker.remember(self._before[count])
        for verdict, same in (("match", True), ("distinct", False)):
            kept = [
                learner.pairs_of_pool[place]
                for place, is_same in self._marked[:count]
                if is_same == same
            ]
            self._dedupe.training_pairs[verdict] = kept
        del self._marked[count:], self._before[count:]


class _Vectors:
    """dedupe's data model: the distances of two records are their place's vector.

    Two places beyond the pool's are the pair that is alike in everything, and unlike.
    """

    def __init__(self, features: Features) -> None:
        self._matrix = np.vstack([features.matrix, features.likest, features.unlikest])

    def distances(self, pairs: Sequence[_Pair]) -> NDArray[np.float64]:
        places = np.fromiter((left["place"] for left, _ in pairs), np.int64, len(pairs))
        return self._matrix[places]

    def check(self, record: _Record) -> None:
        """Every record here is of the pool."""


class _Rule(predicates.Predicate):
    """A blocking rule: the two records of a place share a key where a number is high."""

    type = "KithRule"

    def __init__(self, column: int, covered: NDArray[np.int64], *others: int) -> None:
        self.__name__ = f"({column}, {len(covered)})"
        self.covered = covered
        self._places = frozenset((*covered.tolist(), *others))

    def __call__(self, record: _Record, **_: Any) -> frozenset[str]:
        place = record["place"]
        return frozenset((str(place),)) if place in self._places else frozenset()


_Blocks = tuple[tuple[_Rule, ...], list[_Pair]]


class _Blocker(labeler.DedupeBlockLearner):
    """dedupe's learner of blocking rules, with the pool for its sample and no index."""

    current_predicates: tuple[_Rule, ...]

    def __init__(self, rules: Sequence[_Rule], pairs: list[_Pair]) -> None:
        labeler.BlockLearner.__init__(self)  # type: ignore[no-untyped-call]
        sample = {
            2 * left["place"] + side: (left, right)[side]
            for left, right in pairs
            for side in (0, 1)
        }
        self.block_learner = training.DedupeBlockLearner(rules, sample, sample)
        self._candidates: list[_Pair] = []
        self._pool = pairs
        self._covered: NDArray[np.float64] | None = None
        self._covered_by: tuple[_Rule, ...] | None = None

    def offer(self, places: NDArray[np.int64], pairs: list[_Pair]) -> None:
        self._candidates = pairs
        if self._covered is None or self._covered_by is not self.current_predicates:
            self._covered = np.zeros(len(self._pool))
            for rule in self.current_predicates:
                self._covered[rule.covered] = 1.0
            self._covered_by = self.current_predicates
        self._cached_scores = self._covered[places].reshape(-1, 1)

    def remembered(self) -> _Blocks:
        return self.current_predicates, self._old_dupes

    def remember(self, blocks: _Blocks) -> None:
        self.current_predicates, self._old_dupes = blocks


class _Matcher(labeler.MatchLearner):
    """dedupe's classifier, fitted when it is asked rather than at every mark."""

    def __init__(self, vectors: _Vectors) -> None:
        super().__init__(vectors.distances, [])
        self._classifier = LogisticRegression(max_iter=1000)
        self._fitted = True
        self._unfitted: tuple[list[_Pair], list[Literal[0, 1]]] | None = None

    def offer(self, pairs: list[_Pair]) -> None:
        self._candidates = pairs
        self._features = self._featurizer(pairs)

    def fit(self, pairs: list[_Pair], y: Iterable[Literal[0, 1]]) -> None:
        self._unfitted = list(pairs), list(y)

    def candidate_scores(self) -> NDArray[np.float64]:
        if self._unfitted is not None:
            super().fit(*self._unfitted)
            self._unfitted = None
        scores: NDArray[np.float64] = super().candidate_scores()
        return scores


class _Disagreement(labeler.DedupeDisagreementLearner):
    """dedupe's disagreement learner over the pool; starts, as dedupe does, from an exact match."""

    blocker: _Blocker
    matcher: _Matcher

    def __init__(self, vectors: _Vectors, rules: Sequence[_Rule]) -> None:
        labeler.DisagreementLearner.__init__(self)
        count = len(vectors._matrix) - 2
        everything: list[_Pair] = [
            ({"place": place, "side": 0}, {"place": place, "side": 1}) for place in range(count + 2)
        ]
        self.pairs_of_pool = everything[:count]
        alike, unlike = everything[count:]
        self.blocker = _Blocker(rules, self.pairs_of_pool)
        self.matcher = _Matcher(vectors)
        self._candidates: list[_Pair] = []
        start: list[Literal[0, 1]] = [1, 1, 1, 1, 0]
        self.mark([alike] * 4 + [unlike], start)

    def __bool__(self) -> bool:
        """dedupe asks whether it has a learner; one without candidates is one still."""
        return True

    def offer(self, places: NDArray[np.int64]) -> None:
        """Makes these places, and no others, the candidates."""
        pairs = [self.pairs_of_pool[place] for place in places]
        self._candidates = pairs.copy()
        self.blocker.offer(places, pairs.copy())
        self.matcher.offer(pairs)

    def forget(self, count: int) -> None:
        """Takes back the last marks."""
        self.pairs, self.y = self.pairs[:-count], self.y[:-count]
        self.matcher.fit(self.pairs, self.y)


def _rules(features: Features) -> list[_Rule]:
    """For the numbers that have a direction, the pairs in which each is high.

    The numbers that go most with all others: the search among rules takes longer with each.
    """
    if not len(features):
        return []
    count = len(features)
    beyond = count  # the pair that is alike in everything meets every rule
    alike = (features.matrix * features.directions).sum(axis=1)
    found: list[tuple[float, _Rule]] = []
    for column in np.flatnonzero(features.directions).tolist():
        values = features.matrix[:, column] * features.directions[column]
        covered = np.flatnonzero(values >= np.quantile(values, _HIGH))
        if len(covered) < count // 2:
            found.append((float(alike[covered].mean()), _Rule(column, covered, beyond)))
    found.sort(key=lambda rated: -rated[0])
    return [rule for _, rule in found[:_MOST_RULES]]


@contextmanager
def _global_random(seed: int) -> Iterator[None]:
    """dedupe draws from Python's global random numbers; nobody else shall notice."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
