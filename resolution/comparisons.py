"""How two records compare, field by field, in a few named levels.

Invariant: one function for every use (rules, guards, cluster support); strings are compared once
per distinct pair of values. Within a comparison a higher level never says less; `unknown`
stands between `different` and the least agreement, because a missing value contradicts nothing.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from resolution.columns import (
    COMPARED,
    Column,
    Index,
    Ints,
    Levels,
    families_called,
    names_called,
    place_lists,
    read_columns,
    word_codes,
)
from resolution.names import alike_by_ear, near_nickname, share_nickname
from resolution.statistics import BY_PLACE, NOT_COUNTED, Statistics
from resolution.weights import LEVELS, USUAL, by_chance, chance_level, share_of, shrunk

COMPARISONS: dict[str, tuple[str, ...]] = {
    "given": ("different", "vague", "unknown", "initial", "close", "similar", "equal"),
    "family": ("different", "unknown", "close", "similar", "equal"),
    "middle": ("different", "unknown", "initial", "equal"),
    "birth": ("different", "unknown", "year", "two_parts", "near", "equal"),
    "sex": ("different", "unknown", "equal"),
    "nhs_number": ("different", "unknown", "equal"),
    "other_number": ("different", "unknown", "equal"),
    "place": ("different", "unknown", "area", "postcode", "address"),
    "phone": ("different", "unknown", "equal"),
    "email": ("different", "unknown", "equal"),
    "chance": LEVELS,
}
"""Comparison -> its levels, lowest first."""

_SIMILAR = 0.9
_VAGUE = 0.78
_PART = 0.85
_RARE_SHARE = 0.1  # a spelling this much rarer than the other is taken for a slip of it
_RARE_USES = 3


def level(comparison: str, name: str) -> int:
    """The number of a named level."""
    return COMPARISONS[comparison].index(name)


class Comparer:
    """The records of one run, ready to be compared in bulk."""

    def __init__(self, con: duckdb.DuckDBPyConnection, known: Statistics) -> None:
        frame = read_columns(con)
        self.count = len(frame)
        self.records, self.people = known.records, known.people
        counts = known.counts
        columns = {name: Column(frame[name], counts.get(name, NOT_COUNTED)) for name in COMPARED}
        self.given, self.family = columns["given"], columns["family"]
        self.middle, self.birth = columns["middle"], columns["birth"]
        self.nhs_number = columns["nhs_number"]
        self._plain = {name: columns[name] for name in ("sex", "phone", "email")}
        self._numbers = [columns[name] for name in ("upn", "uln", "nino")]
        self._given_word, self._family_word, self._middle_word = word_codes(
            frame["given"], frame["family"], frame["middle"]
        )
        self._dwelling, self._postcode, self._area = (
            place_lists(con, name, self.count, counts=counts[name]) for name in BY_PLACE
        )
        self._called = names_called(con, self.count)
        self._families = families_called(con, self.count)

    def compare(self, left: Index, right: Index) -> dict[str, Levels]:
        """Every comparison's level for each pair of record numbers."""
        found = {
            "given": self._given(left, right),
            "family": self._family(left, right),
            "middle": self._middle(left, right),
            "birth": self._birth(left, right),
            "nhs_number": _equality(self.nhs_number, left, right),
            "place": self._place(left, right),
        }
        self._other_names(found, left, right)
        for name, column in self._plain.items():
            found[name] = _equality(column, left, right)
        found["other_number"] = self._other_number(left, right)
        found["chance"] = chance_level(self._by_chance(found, left, right))
        return found

    def chance_odds(self, left: Index, right: Index) -> npt.NDArray[np.float64]:
        """Log odds without labels: how few others would agree as well."""
        figure = self._by_chance(self.compare(left, right), left, right)
        return -np.log(np.maximum(figure.astype(np.float64), 1e-12))

    def _other_number(self, left: Index, right: Index) -> Levels:
        """Pupil, learner and National Insurance number: the best of the three."""
        each = [_equality(column, left, right) for column in self._numbers]
        known = [levels != level("other_number", "unknown") for levels in each]
        best: Levels = np.maximum.reduce(each)
        nothing = best == level("other_number", "unknown")
        conflict = np.logical_or.reduce(known) & nothing
        best[conflict] = level("other_number", "different")
        return best

    def _given(self, left: Index, right: Index) -> Levels:
        a, b = self.given.codes[left], self.given.codes[right]
        out = _base(a, b, "given")
        out = self.given.on_pairs(a, b, self._score_given, out)
        used_middle = self._middle_for_given(left, right)
        out[(out == level("given", "different")) & used_middle] = level("given", "close")
        return out

    def _score_given(
        self,
        a: npt.NDArray[np.object_],
        b: npt.NDArray[np.object_],
        first: Ints,
        second: Ints,
    ) -> Levels:
        scores = _cpdist(a, b, JaroWinkler.normalized_similarity)
        slip = _looks_like_slip(self.given, first, second)
        out = np.zeros(len(a), dtype=np.int8)
        out[(scores >= _VAGUE) & slip] = level("given", "vague")
        alike = scores >= _SIMILAR
        out[alike] = np.where(slip[alike], level("given", "similar"), level("given", "close"))
        for place, (x, y) in enumerate(zip(a, b, strict=True)):
            if min(len(x), len(y)) == 1:
                out[place] = level("given", "initial") if x[0] == y[0] else 0
            elif out[place] < level("given", "similar"):
                out[place] = max(out[place], _by_ear(x, y, bool(slip[place])))
        return out

    def _middle_for_given(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        a = (self._given_word[left] >= 0) & (self._given_word[left] == self._middle_word[right])
        b = (self._given_word[right] >= 0) & (self._given_word[right] == self._middle_word[left])
        return np.asarray(a | b)

    def _family(self, left: Index, right: Index) -> Levels:
        a, b = self.family.codes[left], self.family.codes[right]
        return self.family.on_pairs(a, b, _score_family, _base(a, b, "family"))

    def _other_names(self, found: dict[str, Levels], left: Index, right: Index) -> None:
        """Former and alias names, and forename and surname swapped, lift both comparisons."""
        given, family = self._given_word, self._family_word
        swapped = (given[left] >= 0) & (family[left] >= 0) & (given[left] == family[right])
        swapped &= given[right] == family[left]
        alias = self._called.shared(left, right) | swapped
        for name in ("given", "family"):
            found[name][alias] = np.maximum(found[name][alias], level(name, "similar"))
        former = self._families.shared(left, right)
        found["family"][former] = np.maximum(found["family"][former], level("family", "similar"))

    def _middle(self, left: Index, right: Index) -> Levels:
        a, b = self.middle.codes[left], self.middle.codes[right]
        return self.middle.on_pairs(a, b, _score_middle, _base(a, b, "middle"))

    def _birth(self, left: Index, right: Index) -> Levels:
        a, b = self.birth.codes[left], self.birth.codes[right]
        out = self.birth.on_pairs(a, b, _score_birth, _base(a, b, "birth"))
        # The same year twice is a year, not a date.
        partial = np.array([len(value) < 10 for value in self.birth.values] + [False])
        out[(a == b) & partial[a]] = level("birth", "year")
        return out

    def _place(self, left: Index, right: Index) -> Levels:
        known = self._area.present(left) & self._area.present(right)
        known |= self._dwelling.present(left) & self._dwelling.present(right)
        out = np.where(known, level("place", "different"), level("place", "unknown"))
        for lists, name in (
            (self._area, "area"),
            (self._postcode, "postcode"),
            (self._dwelling, "address"),
        ):
            out[lists.shared(left, right)] = level("place", name)
        return out.astype(np.int8)

    def _by_chance(
        self, levels: dict[str, Levels], left: Index, right: Index
    ) -> npt.NDArray[np.float32]:
        columns = {"given": self.given, "family": self.family} | {
            name: self._plain[name] for name in ("phone", "email")
        }
        shares = {
            name: share_of(column, left, right, self.people, USUAL[name])
            for name, column in columns.items()
        }
        shares["place"] = self._place_share(levels["place"], left, right)
        kin = (levels["place"] >= level("place", "postcode")) | (
            levels["phone"] == level("phone", "equal")
        )
        return by_chance(levels, shares, self.people, kin)

    def _place_share(self, places: Levels, left: Index, right: Index) -> npt.NDArray[np.float32]:
        out = np.zeros(len(left), dtype=np.float32)
        for lists, name in (
            (self._area, "area"),
            (self._postcode, "postcode"),
            (self._dwelling, "address"),
        ):
            reached = places == level("place", name)
            out[reached] = shrunk(
                lists.uses_on(left[reached], right[reached]), self.records, USUAL[name]
            )
        return out


def _base(a: Ints, b: Ints, comparison: str) -> Levels:
    """`equal` where two present values are the same, `unknown` where one is missing."""
    out = np.zeros(len(a), dtype=np.int8)
    out[(a < 0) | (b < 0)] = level(comparison, "unknown")
    out[(a >= 0) & (a == b)] = level(comparison, "equal")
    return out


def _equality(column: Column, left: Index, right: Index) -> Levels:
    return _base(column.codes[left], column.codes[right], "sex")


def _cpdist(
    a: npt.NDArray[np.object_], b: npt.NDArray[np.object_], scorer: Any
) -> npt.NDArray[np.float32]:
    return np.asarray(process.cpdist(a, b, scorer=scorer, dtype=np.float32))


def _looks_like_slip(column: Column, first: Ints, second: Ints) -> npt.NDArray[np.bool_]:
    """Two spellings that are both in common use are two names, a rare one is a slip."""
    a, b = column.uses[first], column.uses[second]
    return np.asarray(np.minimum(a, b) <= np.maximum(_RARE_USES, _RARE_SHARE * np.maximum(a, b)))


def _by_ear(x: str, y: str, slip: bool) -> int:
    """Forms of one name, a form with a slip, or names that sound alike."""
    if share_nickname(x, y):
        return level("given", "similar")
    alike = alike_by_ear(x, y)
    if slip and (alike or near_nickname(x, y, _SIMILAR)):
        return level("given", "close")
    return level("given", "vague") if alike else 0


def _score_family(
    a: npt.NDArray[np.object_], b: npt.NDArray[np.object_], _first: Ints, _second: Ints
) -> Levels:
    scores = _cpdist(a, b, JaroWinkler.normalized_similarity)
    out = np.zeros(len(a), dtype=np.int8)
    out[scores >= _PART] = level("family", "close")
    out[scores >= _SIMILAR] = level("family", "similar")
    for place in np.flatnonzero(out < level("family", "similar")).tolist():
        x, y = a[place], b[place]
        if (" " in x or " " in y) and set(x.split()) & set(y.split()) - {"de", "al", "o", "van"}:
            out[place] = level("family", "close")
    return out


def _score_middle(
    a: npt.NDArray[np.object_], b: npt.NDArray[np.object_], _first: Ints, _second: Ints
) -> Levels:
    out = np.zeros(len(a), dtype=np.int8)
    scores = _cpdist(a, b, JaroWinkler.normalized_similarity)
    out[scores >= _SIMILAR] = level("middle", "equal")
    for place in np.flatnonzero(out == 0).tolist():
        x, y = a[place].split(), b[place].split()
        initial = x[0][0] == y[0][0] and min(len(x[0]), len(y[0])) == 1
        if initial or set(x) & set(y):
            out[place] = level("middle", "initial")
    return out


def _score_birth(
    a: npt.NDArray[np.object_], b: npt.NDArray[np.object_], _first: Ints, _second: Ints
) -> Levels:
    out = np.zeros(len(a), dtype=np.int8)
    slips = process.cpdist(a, b, scorer=OSA.distance, dtype=np.int32)
    for place, (x, y) in enumerate(zip(a, b, strict=True)):
        if len(x) < 10 or len(y) < 10:
            shorter = min(len(x), len(y))
            out[place] = level("birth", "year") if x[:shorter] == y[:shorter] else 0
            continue
        same = [x[:4] == y[:4], x[5:7] == y[5:7], x[8:] == y[8:]]
        turned = same[0] and x[5:7] == y[8:] and x[8:] == y[5:7]
        if turned or slips[place] <= 1:
            out[place] = level("birth", "near")
        elif sum(same) == 2:
            out[place] = level("birth", "two_parts")
    return out
