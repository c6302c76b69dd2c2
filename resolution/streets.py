"""Street names as typed within one postcode, brought to one spelling.

Invariant: a spelling only ever gives way to a more frequent one of the same postcode (ties: to
the first in the alphabet), and never to one with other digits: `1st avenue` is not `2nd avenue`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_ALIKE = 86.0  # "north street" and "south street" reach 83
_DIGITS = re.compile(r"\d+")
_SCORED_AT_ONCE = 200_000

StreetAt = tuple[str, str]
"""A compact postcode and a folded street."""


def settle_streets(typed: Iterable[tuple[str, str, int]]) -> dict[StreetAt, str]:
    """The spelling to use for each street of each postcode.

    Args:
        typed: compact postcode, folded street, number of uses; repeated ones add up.
    """
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for postcode, street, count in typed:
        uses[postcode][street] += count
    pairs = [pair for postcode in uses for pair in _pairs(postcode, uses[postcode])]
    return _settle(uses, _alike(pairs))


def _pairs(postcode: str, uses: Counter[str]) -> list[tuple[str, str, str]]:
    """Each spelling beside every one that it may give way to, best first."""
    ranked = sorted(uses, key=lambda street: (-uses[street], street))
    return [
        (postcode, street, better)
        for place, street in enumerate(ranked)
        for better in ranked[:place]
        if _DIGITS.findall(street) == _DIGITS.findall(better)
    ]


def _alike(pairs: list[tuple[str, str, str]]) -> dict[StreetAt, str]:
    found: dict[StreetAt, str] = {}
    for start in range(0, len(pairs), _SCORED_AT_ONCE):
        chunk = pairs[start : start + _SCORED_AT_ONCE]
        left, right = [pair[1] for pair in chunk], [pair[2] for pair in chunk]
        scores = process.cpdist(left, right, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        for (postcode, street, better), score in zip(chunk, scores.tolist(), strict=True):
            longer = street.startswith(f"{better} ") and " " in better
            if score or longer:
                found.setdefault((postcode, street), better)
    return found


def _settle(uses: dict[str, Counter[str]], better: dict[StreetAt, str]) -> dict[StreetAt, str]:
    settled: dict[StreetAt, str] = {}
    for postcode, streets in uses.items():
        for street in streets:
            final = street
            while (postcode, final) in better:
                final = better[postcode, final]
            settled[postcode, street] = final
    return settled
