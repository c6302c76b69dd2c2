"""The ledger of judgements, followed as it grows.

Invariant: what stands here is a function of the ledger's rows up to the last look; a row is taken
in once, also if several processes write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from governance import judgements
from governance.judgements import Judgement
from kith.labelling.questions import CurvePoint

WINDOW = 25
"""Answers that one point of the learning curve is made of."""

# Numbers are drawn before rows are committed: on PostgreSQL a lower one may appear later.
_OVERLAP = 200

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What holds for a pair now; `verdict` is None if nothing does any more."""

    pair: Pair
    verdict: str | None


class Ledger:
    """Judgements in force, and who made them, kept up with the register."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._last = 0
        self.in_force: dict[Pair, Judgement] = {}
        self._asked: Counter[str] = Counter()

    def catch_up(self, session: Session) -> list[Change]:
        """Take in what is new; the answer is what it changed, in order."""
        changes = []
        overlap = _OVERLAP if session.get_bind().dialect.name == "postgresql" else 0
        for entry in judgements.history(session, after=max(0, self._last - overlap)):
            if entry.sequence not in self._seen:
                self._seen.add(entry.sequence)
                self._last = max(self._last, entry.sequence)
                changes.append(self._take(entry))
        return changes

    def _take(self, entry: Judgement) -> Change:
        pair = (entry.record_a, entry.record_b)
        before = self.in_force.pop(pair, None)
        if before is not None and _was_asked(before):
            self._asked[before.form] -= 1
        if entry.verdict == "undone":
            return Change(pair=pair, verdict=None)
        self.in_force[pair] = entry
        if _was_asked(entry):
            self._asked[entry.form] += 1
        return Change(pair=pair, verdict=entry.verdict)

    def asked(self, form: str | None = None) -> int:
        """How many questions, of one form or any, are answered now."""
        return self._asked.total() if form is None else self._asked[form]

    def by(self, user_id: str) -> int:
        """How many judgements of a user hold."""
        return sum(1 for entry in self.in_force.values() if entry.user_id == user_id)

    def since(self, run_ids: Collection[str]) -> int:
        """How many answers that hold were given to the questions of some runs."""
        held = self.in_force.values()
        return sum(1 for entry in held if entry.question.get("run_id") in run_ids)

    def changes(self) -> list[Change]:
        """All that holds, as if it were new."""
        return [Change(pair=pair, verdict=entry.verdict) for pair, entry in self.in_force.items()]

    def curve(self) -> tuple[CurvePoint, ...]:
        """Agreement of what the model foresaw with what was answered, window by window.

        What is unsure has no right answer and is left out. The last window may be unfinished.
        """
        told = list(self._told())
        points = []
        for begin in range(0, len(told), WINDOW):
            window = told[begin : begin + WINDOW]
            share = sum(agreed for _, agreed in window) / len(window)
            points.append(CurvePoint(labels=window[-1][0], agreement=share))
        return tuple(points)

    def _told(self) -> Iterator[tuple[int, bool]]:
        """The number of each answer that the model had an opinion on, and whether it agreed."""
        for number, entry in enumerate(self.in_force.values(), 1):
            foreseen = entry.question.get("foreseen")
            if foreseen is not None and entry.verdict != "unsure":
                yield number, (foreseen >= 0.5) == (entry.verdict == "same")


def _was_asked(entry: Judgement) -> bool:
    """Whether it answers a question, rather than coming from a file."""
    return bool(entry.question.get("run_id"))
