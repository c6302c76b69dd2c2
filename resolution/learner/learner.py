"""Asks for the pair that teaches most.

Invariant: `next` is a function of the pool, the seed, the answers in their order and the places
withheld, so that replaying answers gives the learner that heard them; it never names a place
that is answered or withheld.

The first labels are dedupe's choice; after those, or from the start where the questions are about
clusters, a committee of a regression and a small boosting chooses, trained anew after every
eight labels. A training runs while the next three questions are answered, which are chosen by the
one before: nobody waits for it, and which training chooses follows from the number of labels.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resolution.learner.answers import Answers
from resolution.learner.features import features_of
from resolution.learner.seeds import seed_places
from resolution.learner.threads import beside, one_thread
from resolution.questions import Pool

if TYPE_CHECKING:
    from concurrent.futures import Future

    from resolution.learner.by_dedupe import ByDedupe
    from resolution.learner.committee import Round

Label = tuple[int, bool]

BATCH = 8
"""The committee is trained anew after so many labels."""

LAG = 3
"""So many labels later the training chooses."""

_ROUNDS_KEPT = 4
_SETTLED_LABELS, _SETTLED_EACH, _SETTLED_ROUNDS, _SETTLED_SHARE = 150, 30, 3, 0.005
_PLENTY = 1_000
_DOUBTED_FROM, _DOUBTED = 40, 0.75  # labels, and how far from the answer the model is


class Learner:
    """Asks for the pair that teaches most. One per pool and process; not thread-safe.

    Args:
        pool: the pairs that may be asked about.
        seed: equal seeds and answers give equal questions.
        by_dedupe: so many labels are chosen by dedupe before the committee chooses.
    """

    def __init__(self, pool: Pool, *, seed: int = 0, by_dedupe: int = 75) -> None:
        self._pool = pool
        self._seed = seed
        self._by_dedupe = by_dedupe if pool.form == "records" else 0
        self._answers = Answers(len(pool))
        self._features = features_of(pool)
        self._likely_first = np.argsort(-pool.prior, kind="stable")
        self._seeds = seed_places(pool.prior, seed=seed)
        self._rounds: dict[tuple[Label, ...], Round] = {}
        self._coming: tuple[tuple[Label, ...], Future[Round]] | None = None
        self._chooser: ByDedupe | None = None
        self._open = np.ones(len(pool), dtype=np.bool_)

    def replay(self, answers: Iterable[tuple[str, str, str]]) -> None:
        """Takes answers given before: (record, record, verdict); pairs not in the pool are ignored.

        Of two answers about one pair the later one stands.
        """
        sides = zip(self._pool.record_a, self._pool.record_b, strict=True)
        places: dict[frozenset[str], int] = {}
        for place, pair in enumerate(sides):
            places.setdefault(frozenset(pair), place)
        for record_a, record_b, verdict in answers:
            known = places.get(frozenset((record_a, record_b)))
            if known is not None:
                self.answer(known, verdict)

    def next(self, leased: Collection[int] = ()) -> int | None:
        """The place in the pool to ask about; None if none is left.

        Args:
            leased: places not to be asked now: someone else has them, or they may not be seen.
        """
        allowed = self._open.copy()
        allowed[[place for place in leased if 0 <= place < len(allowed)]] = False
        if not allowed.any():
            return None
        self._wake()
        with one_thread():
            return self._choose(self._answers.labels(), allowed)

    def answer(self, place: int, verdict: str) -> None:
        """Takes an answer: same, different or unsure. A second one replaces the first.

        Raises:
            QuestionsError: no such place or verdict.
        """
        self._answers.give(place, verdict)
        self._open[place] = False

    def undo(self, place: int) -> None:
        """Forgets an answer; the place may be asked again.

        Raises:
            QuestionsError: it has none.
        """
        self._answers.take_back(place)
        self._open[place] = True

    def probability(self, place: int) -> float:
        """How probable it is that a place is one person: by the last training, or by the prior."""
        for trained in reversed(self._rounds.values()):
            at = int(np.searchsorted(trained.places, place))
            if at < len(trained.places) and trained.places[at] == place:
                return float(trained.probability[at])
        return float(1 / (1 + np.exp(-np.clip(self._pool.prior[place], -500, 500))))

    def doubtful(self) -> list[int]:
        """Answered places of which the last training is sure of the contrary, the surest first.

        An answer that goes against all others is a slip more often than not; asked again it is
        put right, or stands.
        """
        labels = self._answers.labels()
        trained = labels[: _due(len(labels))]
        if len(labels) < max(self._by_dedupe, _DOUBTED_FROM) or not self._can_train(trained):
            return []
        self._wake()
        with one_thread():
            held = self._round(trained)
        answered = dict(trained)
        found = {
            int(place): abs(float(p) - answered[int(place)])
            for place, p in zip(held.places, held.probability, strict=True)
            if int(place) in answered
        }
        doubted = [place for place, gap in found.items() if gap >= _DOUBTED]
        return sorted(doubted, key=lambda place: -found[place])

    def labelled(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The places that were decided, in order, and whether each is one person."""
        labels = self._answers.labels()
        places = np.array([place for place, _ in labels], dtype=np.int64)
        return places, np.array([same for _, same in labels], dtype=np.bool_)

    def settled(self) -> bool:
        """Whether more labels would teach little.

        They would when nothing is left to ask or there are a thousand labels; or when there are
        150 labels, 30 of each kind, and from each of the last three trainings to the next the
        pairs that changed sides stand for less than half a percent of those held to be the same.
        """
        labels = self._answers.labels()
        if not self._open.any() or len(labels) >= _PLENTY:
            return True
        same = sum(is_same for _, is_same in labels)
        if len(labels) < _SETTLED_LABELS or min(same, len(labels) - same) < _SETTLED_EACH:
            return False
        trained = len(labels) - len(labels) % BATCH
        self._wake()
        with one_thread():
            rounds = [
                self._round(labels[: trained - back * BATCH]) for back in range(_SETTLED_ROUNDS)
            ]
        return all(
            self._moved(later, earlier) < _SETTLED_SHARE
            for later, earlier in itertools.pairwise(rounds)
        )

    def _wake(self) -> None:
        """Imports what takes seconds at the first question, so that no later one waits for it."""
        for module in ("committee", "by_dedupe") if self._by_dedupe else ("committee",):
            importlib.import_module(f"resolution.learner.{module}")

    def _choose(self, labels: list[Label], allowed: NDArray[np.bool_]) -> int:
        self._train_ahead(labels[: len(labels) - len(labels) % BATCH])
        if len(labels) < self._by_dedupe:
            chosen = self._ask_dedupe(labels, allowed)
            if chosen is not None:
                return chosen
        if len(labels) < len(self._seeds):
            seeded = next((place for place in self._seeds if allowed[place]), None)
            if seeded is not None:
                return seeded
        trained = labels[: _due(len(labels))]
        kinds = {same for _, same in trained}
        if not self._can_train(trained):
            # Only one kind is known: look for the other where the prior holds it likely.
            order = self._likely_first[:: -1 if kinds == {True} else 1]
            return _first(order, allowed)
        ranked = self._round(trained).ranked
        return _first(ranked if allowed[ranked].any() else self._likely_first, allowed)

    def _ask_dedupe(self, labels: list[Label], allowed: NDArray[np.bool_]) -> int | None:
        if self._chooser is None:
            from resolution.learner.by_dedupe import ByDedupe

            self._chooser = ByDedupe(self._features, seed=self._seed)
        if not self._chooser.usable:
            return None
        return self._chooser.choose(labels, np.flatnonzero(allowed))

    def _train_ahead(self, labels: list[Label]) -> None:
        """Begin a training that will choose soon, unless it is there or has begun."""
        key = tuple(labels)
        begun = self._coming is not None and self._coming[0] == key
        needed = len(labels) + LAG >= max(self._by_dedupe, len(self._seeds))
        if needed and self._can_train(labels) and not begun and key not in self._rounds:
            self._coming = key, beside().submit(self._train, labels)

    def _can_train(self, labels: list[Label]) -> bool:
        return len({same for _, same in labels}) == 2 and bool(self._features.matrix.shape[1])

    def _train(self, labels: list[Label]) -> Round:
        from resolution.learner.committee import train

        with one_thread():
            return train(self._features, labels, seed=self._seed)

    def _round(self, labels: list[Label]) -> Round:
        key = tuple(labels)
        found = self._rounds.pop(key, None)
        if found is None and self._coming is not None and self._coming[0] == key:
            found = self._coming[1].result()
        if found is None:
            found = self._train(labels)
        self._rounds[key] = found  # the last used stands last
        while len(self._rounds) > _ROUNDS_KEPT:
            del self._rounds[next(iter(self._rounds))]
        return found

    def _moved(self, later: Round, earlier: Round) -> float:
        """The share of changed sides among those held the same, by what the pairs stand for."""
        both, at, before = np.intersect1d(later.places, earlier.places, return_indices=True)
        now, then = later.probability[at] > 0.5, earlier.probability[before] > 0.5
        weight = self._pool.weight[both]
        return float(weight[now != then].sum() / max(weight[now].sum(), 1e-9))


def _due(count: int) -> int:
    """Of so many labels, how many the training that chooses has learned from."""
    past = count % BATCH
    return count - past if past >= LAG or count < BATCH else count - past - BATCH


def _first(order: NDArray[np.int64], allowed: NDArray[np.bool_]) -> int:
    return int(order[np.argmax(allowed[order])])
