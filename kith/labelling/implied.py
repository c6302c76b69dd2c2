"""What answers say of pairs that nobody was asked about: whoever is the same as the same.

Invariant: a function of the answers that hold, whatever their order. A pair that was judged
together with others, *same* by way of *same*, or *different* across such a chain, teaches nothing
when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[str, str]


class Implied:
    """Answers in force, and what follows from them."""

    def __init__(self) -> None:
        self._answers: dict[Pair, str] = {}
        self._known: dict[str, str] | None = None
        self._apart: set[Pair] = set()

    def take(self, changes: Iterable[tuple[Pair, str | None]]) -> None:
        """Learn what holds for some pairs now; None: nothing any more."""
        for pair, verdict in changes:
            self._answers.pop(pair, None)
            if verdict is not None:
                self._answers[pair] = verdict
            self._known = None

    def places(self, pairs: Sequence[Pair]) -> set[int]:
        """Of the pairs given, which are decided by answers about others."""
        whom = self._who_is_who()
        found = set()
        for place, (a, b) in enumerate(pairs):
            first, second = whom.get(a), whom.get(b)
            if first is None or second is None:
                continue
            if first == second or _ordered(first, second) in self._apart:
                found.add(place)
        return found

    def _who_is_who(self) -> Mapping[str, str]:
        """The record that stands for each that was asked about."""
        if self._known is None:
            parent: dict[str, str] = {}
            for (a, b), verdict in self._answers.items():
                first, second = _root(parent, a), _root(parent, b)
                if verdict == "same":
                    parent[first] = second
            self._known = {record: _root(parent, record) for record in list(parent)}
            self._apart = {
                _ordered(self._known[a], self._known[b])
                for (a, b), verdict in self._answers.items()
                if verdict == "different"
            }
        return self._known


def _root(parent: dict[str, str], record: str) -> str:
    """The record at the end of the chain; what is on the way points to it from now on."""
    way = []
    while parent.setdefault(record, record) != record:
        way.append(record)
        record = parent[record]
    for each in way:
        parent[each] = record
    return record


def _ordered(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)
