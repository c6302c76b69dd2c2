"""The answers so far, in the order in which they were given.

Invariant: a place has at most one answer, its last, which stands where it was given; the order
is the learner's memory, so undoing and answering anew puts an answer at the end.
"""

from __future__ import annotations

from resolution.errors import QuestionsError

SAME, DIFFERENT, UNSURE = VERDICTS = ("same", "different", "unsure")
"""What may be answered: one person, two, or it cannot be told."""


class Answers:
    """The answers to a pool of `size` pairs."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._verdicts: dict[int, str] = {}

    def __contains__(self, place: int) -> bool:
        return place in self._verdicts

    def __len__(self) -> int:
        return len(self._verdicts)

    def give(self, place: int, verdict: str) -> None:
        """Takes an answer; a second one for the same place replaces the first."""
        if verdict not in VERDICTS:
            raise QuestionsError(f"an answer is {', '.join(VERDICTS)}, not {verdict!r}")
        if not 0 <= place < self._size:
            raise QuestionsError(f"there is no question {place} in a pool of {self._size}")
        self._verdicts.pop(place, None)
        self._verdicts[place] = verdict

    def take_back(self, place: int) -> None:
        """Forgets an answer."""
        if place not in self._verdicts:
            raise QuestionsError(f"question {place} has no answer to take back")
        del self._verdicts[place]

    def places(self) -> list[int]:
        """Every place that has an answer, the undecided ones too."""
        return list(self._verdicts)

    def labels(self) -> list[tuple[int, bool]]:
        """Place and whether they are the same, for the answers that decide."""
        return [
            (place, verdict == SAME)
            for place, verdict in self._verdicts.items()
            if verdict != UNSURE
        ]
