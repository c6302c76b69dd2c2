"""One form of a run's questions, as one process asks them.

Invariant: which question comes next depends on the run's pool, the ledger, the leases and what
the viewer may see, and on nothing else; a control question is drawn at random, whatever the
learner would like to know. Not thread-safe: the desk lets one thread in at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from governance.judgements import FORMS, pair_of
from governance.labels import Asked
from kith.labelling.implied import Implied
from kith.labelling.ledger import Change, Pair
from kith.labelling.rows import Rows
from kith.labelling.sight import Sight
from resolution.questions import Pool

if TYPE_CHECKING:
    from resolution.learner import Learner

_MASKS_KEPT = 8


class Asking:
    """One form's pool with its learner."""

    def __init__(self, pool: Pool, rows: Rows, run_id: str) -> None:
        self.pool = pool
        self._run_id = run_id
        self._learner: Learner | None = None
        self._answers: dict[Pair, str] = {}
        self._pairs = [pair_of(a, b) for a, b in zip(pool.record_a, pool.record_b, strict=True)]
        self._places: dict[Pair, int] = {}
        for place, pair in enumerate(self._pairs):
            self._places.setdefault(pair, place)
        # A pair that is there twice, either way round, is asked once.
        self._again = {n for n, pair in enumerate(self._pairs) if self._places[pair] != n}
        self._control = _shuffled(np.flatnonzero(pool.control), run_id)
        self._share_keys = rows.column("share_key")
        self._updated = rows.column("updated_on")
        self._twice: set[int] = set()  # answered again: what stands now is not doubted any more
        self._hidden: dict[Any, frozenset[int]] = {}

    def take(self, changes: Iterable[Change]) -> None:
        """Learn what the ledger says now."""
        for change in changes:
            place = self._places.get(change.pair)
            if place is not None and change.verdict is not None and change.pair in self._answers:
                self._twice.add(place)
            if place is None or self._answers.get(change.pair) == change.verdict:
                continue
            known = self._answers.pop(change.pair, None)
            if change.verdict is not None:
                self._answers[change.pair] = change.verdict
            if self._learner is None:
                continue  # it will be made from all answers together
            if known is not None:
                self._learner.undo(place)
            if change.verdict is not None:
                self._learner.answer(place, change.verdict)

    def choose(
        self,
        sight: Sight,
        taken: Collection[Pair],
        *,
        control: bool,
        implied: Implied,
    ) -> int | None:
        """The place in the pool to ask about; None: nothing is left that this viewer may see.

        What other answers decide is not asked, but to measure: a control question stays random.
        An answer that goes against what all others teach is asked for once more.
        """
        out = self._unseen(sight) | self._again
        out |= {self._places[pair] for pair in taken if pair in self._places}
        drawn = self._next_control(out)
        if control and drawn is not None:
            return drawn
        doubted = next(
            (each for each in self.learner.doubtful() if each not in out | self._twice), None
        )
        if doubted is not None:
            return doubted
        place = self.learner.next(out | self._open_control() | implied.places(self._pairs))
        return place if place is not None else drawn

    @property
    def learner(self) -> Learner:
        """Made on first use, from every answer so far."""
        if self._learner is None:
            # Heavy, and an answer does without; the committee too now rather than at question 76.
            from resolution.learner import Learner, committee  # noqa: F401

            self._learner = Learner(self.pool, seed=_seed(self._run_id))
            self._learner.replay((*pair, verdict) for pair, verdict in self._answers.items())
        return self._learner

    def pair(self, place: int) -> Pair:
        """The pair of records that stands for the two sides."""
        return self._pairs[place]

    def ask(self, place: int) -> Asked:
        """The question about a place; its note serves to undo, to train and to measure."""
        noted: dict[str, Any] = {
            "run_id": self._run_id,
            "control": bool(self.pool.control[place]),
            "weight": float(self.pool.weight[place]),
            "foreseen": round(self.learner.probability(place), 6),
        }
        if self._pairs[place] in self._answers:
            noted["again"] = True
        if self.pool.form != FORMS[0]:
            sides = [list(self.pool.members_a[place]), list(self.pool.members_b[place])]
            swapped = self.pool.record_a[place] != self._pairs[place][0]
            noted["members"] = sides[::-1] if swapped else sides
        first, second = self._pairs[place]
        return Asked(record_a=first, record_b=second, form=self.pool.form, question=noted)

    def _open_control(self) -> set[int]:
        return {place for place in self._control if self._pairs[place] not in self._answers}

    def _next_control(self, out: Collection[int]) -> int | None:
        return next(
            (
                place
                for place in self._control
                if place not in out and self._pairs[place] not in self._answers
            ),
            None,
        )

    def _unseen(self, sight: Sight) -> frozenset[int]:
        """The places that the viewer may not see, worked out once for the same grants."""
        if sight.key not in self._hidden:
            if len(self._hidden) >= _MASKS_KEPT:
                self._hidden.clear()
            shown = {
                record_id
                for record_id, share_key in self._share_keys.items()
                if sight.shows(record_id, share_key, self._updated[record_id])
            }
            self._hidden[sight.key] = frozenset(
                place for place, pair in enumerate(self._pairs) if not shown.issuperset(pair)
            )
        return self._hidden[sight.key]


def _shuffled(places: NDArray[np.int64], run_id: str) -> list[int]:
    order = np.random.default_rng(_seed(run_id)).permutation(places)
    return [int(place) for place in order]


def _seed(run_id: str) -> int:
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:4])
