"""Which parts of two values differ.

Invariant: the parts of a value, put together again, are the value; capitals and spaces around it
make no difference, and where little is alike nothing is marked, for then the word says enough.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein, Opcodes

_LONGEST = 200
"""Longer texts are shown whole: nobody compares them letter by letter."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of characters, and whether the other side has something else there."""

    text: str
    differs: bool = False


def parts(
    value: str, others: Sequence[str], *, by_word: bool = False, alike: float = 0.5
) -> tuple[Part, ...]:
    """A value cut where it differs from the nearest of `others`.

    Args:
        by_word: mark whole words: of `3 Mar 1985` and `3 May 1985` the month, not a letter.
        alike: from which share of equal letters on; of words a third is enough.
    """
    whole = (Part(text=value),)
    if not others or max(map(len, (value, *others))) > _LONGEST:
        return whole
    mine = _units(value, by_word)
    folded = _folded(mine)
    theirs = [_folded(_units(other, by_word)) for other in others]
    scores = [Levenshtein.normalized_similarity(folded, other) for other in theirs]
    best = max(range(len(scores)), key=scores.__getitem__)
    if not (1 / 3 if by_word else alike) <= scores[best] < 1:
        return whole
    return _cut(mine, Levenshtein.opcodes(folded, theirs[best]))


def differing(found: Sequence[Part]) -> str:
    """What is marked, for those who do not see marks: `“K”, “th”`."""
    return ", ".join(f"“{part.text.strip()}”" for part in found if part.differs)


def _units(value: str, by_word: bool) -> list[str]:
    """Words with the space after them, or letters with the accents that belong to them."""
    if by_word:
        *words, last = value.split(" ")
        return [*(f"{word} " for word in words), last]
    units: list[str] = []
    for mark in value:
        if units and unicodedata.combining(mark):
            units[-1] += mark
        else:
            units.append(mark)
    return units


def _folded(units: list[str]) -> list[str]:
    """What is compared; a comma after a word makes no other word of it."""
    plain = (unicodedata.normalize("NFC", unit).strip().casefold() for unit in units)
    return [unit.rstrip(",") or unit for unit in plain]


def _cut(mine: list[str], steps: Opcodes) -> tuple[Part, ...]:
    """Runs of units; a space at the end of a differing run is not marked."""
    runs: list[tuple[str, bool]] = []
    for step in steps:
        text = "".join(mine[step.src_start : step.src_end])
        kept = text.rstrip() if step.tag != "equal" else ""
        runs += [(kept, True), (text[len(kept) :], False)]
    found: list[Part] = []
    for text, differs in runs:
        if found and text and found[-1].differs is differs:
            found[-1] = Part(text=found[-1].text + text, differs=differs)
        elif text:
            found.append(Part(text=text, differs=differs))
    return tuple(found)
