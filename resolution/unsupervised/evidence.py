"""A Fellegi-Sunter model learned without a label: how often each level occurs within one person
and between two, by expectation and maximisation, with the rarity of what is shared.

Invariant: log odds are finite, within `LIMIT`, and a function of the vector and of what is stored;
contributions add up to them. Where a list is too short, or holds too few pairs that are beyond
doubt, there is no model: then the ladder decides.

`u` (between two people) is counted over pairs drawn at random from the whole list, each by how
likely it is two people; `m` (within one) over the candidate pairs, each by how likely it is one.
The odds that any two records are one person follow from the same counts. So in a list without
duplicates, where what agrees agrees by chance, those odds sink until chance explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.portions import by_portions
from resolution.unsupervised.levels import Compared, compare, of_one_family, together
from resolution.unsupervised.patterns import Patterns, patterns
from resolution.vectors.similarity import Floats

Odds = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
ScoreVectors = Callable[[Index, Index], Floats]

LIMIT = 20.0
LEAST_PEOPLE = 300
"""Records of different names or dates of birth; of fewer, frequencies say nothing."""
LEAST_EXPECTED = 100.0
"""Candidate pairs that should be one person; of fewer, errors cannot be learned."""

_ROUNDS = 30
_DRAWN = 400_000  # pairs drawn at random, of a short list fewer: it has fewer values
_DRAWN_OF_A_RECORD = 20
_LEAST_DRAWN = 50_000
_CANDIDATES = 1_000_000  # of more so many are learned from; half of it cost .01 of F1
_GUESSED = 200_000  # of these so many, and a few more, start the guess
_SHRUNK_TO_CHANCE = 2.0  # pairs that `u` counts for in `m`
_LEAST = 1e-3
_HALF = 0.5
_KIN = float(np.log(1 / 0.6))  # the most that a surname says within a household
_STARTS_LOWER = 1.0  # log odds below the figure of chance: the first guess errs on the safe side


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What each level of each comparison says.

    Attributes:
        names: the features that vectors hold.
        prior: log odds that any two records are one person.
        within, between: m and u of each comparison's levels.
        copies: how many records tell of one person, itself included.
        records: of the list.
    """

    names: tuple[str, ...]
    prior: float
    within: Mapping[str, Odds]
    between: Mapping[str, Odds]
    copies: float
    records: int

    def log_odds(self, vectors: Floats) -> Odds:
        """Log odds, shape (pairs,)."""
        return self._sum(compare(vectors, self.names))

    def contributions(self, vectors: Floats) -> Odds:
        """What each feature adds, and last what all start from, shape (pairs, features + 1)."""
        found = compare(vectors, self.names)
        out = np.zeros((len(vectors), len(self.names) + 1))
        for name, each in found.items():
            out[:, self.names.index(each.feature)] += self._weight(name, each, found)
        out[:, -1] = self.prior
        whole = out.sum(axis=1)
        bounded = np.clip(whole, -LIMIT, LIMIT)
        beyond = np.abs(whole) > LIMIT
        out[beyond] *= (bounded[beyond] / whole[beyond])[:, None]
        return out

    def _sum(self, found: Mapping[str, Compared]) -> Odds:
        total: Odds = sum(
            (self._weight(name, each, found) for name, each in found.items()),
            np.asarray(self.prior),
        )
        return np.asarray(np.clip(total, -LIMIT, LIMIT))

    def _weight(self, name: str, each: Compared, found: Mapping[str, Compared]) -> Odds:
        within, between = self.within[name], self.between[name]
        ratio = np.log(within) - np.log(between)
        if each.neutral:
            ratio[0] = 0.0
        out = ratio[each.levels]
        if each.bits is not None:
            equal = np.isin(each.levels, each.equal)
            usual = float(between[list(each.equal)].sum())
            out = out + np.where(equal, np.log(usual) - np.log(self._others(each.bits)), 0.0)
        if name == "family":
            out = np.where(of_one_family(found), np.minimum(out, _KIN), out)
        return np.asarray(out, dtype=np.float64)

    def _others(self, bits: Floats) -> Odds:
        """The share of records of *other* people that have a value of so many bits."""
        share = 2.0 ** -bits.astype(np.float64) - self.copies / self.records
        return np.asarray(np.maximum(share, 1.0 / self.records))

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "names": list(self.names),
            "prior": self.prior,
            "within": {name: values.tolist() for name, values in self.within.items()},
            "between": {name: values.tolist() for name, values in self.between.items()},
            "copies": self.copies,
            "records": self.records,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Evidence:
        """What `to_json` gave."""
        return cls(
            names=tuple(content["names"]),
            prior=float(content["prior"]),
            within={name: np.array(values) for name, values in content["within"].items()},
            between={name: np.array(values) for name, values in content["between"].items()},
            copies=float(content["copies"]),
            records=int(content["records"]),
        )


def fit_evidence(
    vectors: ScoreVectors,
    names: tuple[str, ...],
    left: Index,
    right: Index,
    base: Callable[[Index, Index], Odds],
    *,
    records: int,
    people: int,
    seed: int = 0,
) -> Evidence | None:
    """Learn from candidate pairs and from pairs drawn at random; None if it would say nothing safe.

    Args:
        vectors: of pairs of record numbers.
        left, right: the candidate pairs.
        base: label-free log odds of pairs, from which the first guess is made.
        people: records that differ in name or date of birth.
    """
    if people < LEAST_PEOPLE or not len(left):
        return None
    random = np.random.default_rng(seed)
    taken, stands_for = np.arange(len(left)), 1.0
    if len(left) > _CANDIDATES:
        taken = np.sort(random.choice(len(left), _CANDIDATES, replace=False))
        stands_for = len(left) / _CANDIDATES
    count = int(np.clip(_DRAWN_OF_A_RECORD * records, _LEAST_DRAWN, _DRAWN))
    drawn = random.integers(0, records, (2, count))
    drawn = np.sort(drawn[:, drawn[0] != drawn[1]], axis=0)

    def compared(one: Index, other: Index) -> Patterns:
        parts = by_portions(len(one), lambda at: compare(vectors(one[at], other[at]), names))
        return patterns(together(list(parts)), len(one))

    left, right = left[taken], right[taken]
    candidates, strangers = compared(left, right), compared(drawn[0], drawn[1])
    guessed = slice(None, None, max(1, len(left) // _GUESSED))
    left, right = left[guessed], right[guessed]
    figures = by_portions(len(left), lambda at: base(left[at], right[at]))
    chance = np.clip(np.concatenate(list(figures)) - _STARTS_LOWER, -LIMIT, LIMIT)
    one, two = candidates.total(1.0 / (1.0 + np.exp(-chance)), guessed), strangers.count
    for _ in range(_ROUNDS):
        expected = float(one.sum()) * stands_for
        made = _maximised(
            names, candidates.compared, one, strangers.compared, two, expected, records
        )
        one = candidates.count / (1.0 + np.exp(-made._sum(candidates.compared)))
        two = strangers.count / (1.0 + np.exp(made._sum(strangers.compared)))
    if expected < LEAST_EXPECTED:
        return None
    return made


def _maximised(
    names: tuple[str, ...],
    candidates: Mapping[str, Compared],
    likely: Odds,
    strangers: Mapping[str, Compared],
    apart: Odds,
    expected: float,
    records: int,
) -> Evidence:
    """What fits best.

    Args:
        likely, apart: of each pattern how many pairs are expected to be one person, and two.
    """
    between, within = {}, {}
    for name, each in strangers.items():
        counts = np.bincount(each.levels, weights=apart, minlength=each.size) + _HALF
        between[name] = counts / counts.sum()
        own = np.bincount(candidates[name].levels, weights=likely, minlength=each.size)
        own = own + _SHRUNK_TO_CHANCE * between[name] + _LEAST
        within[name] = own / own.sum()
    share = min(max(expected, 1.0) / (records * (records - 1) / 2), 1 - _LEAST)
    return Evidence(
        names=names,
        prior=float(np.log(share / (1 - share))),
        within=within,
        between=between,
        copies=1.0 + 2.0 * expected / records,
        records=records,
    )
