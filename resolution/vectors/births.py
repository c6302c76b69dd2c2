"""Dates of birth compared: whole, in part, with their usual slips.

Invariant: a part that is missing contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import OSA

from resolution.columns import Column, Index
from resolution.vectors.similarity import Found, rarity, similarity

Parts = npt.NDArray[np.int16]

_NEAR = 0.85  # one digit of ten differs
_ONE_YEAR = 1.6  # standing between one and two equal parts of a whole date
_NOTHING = 1.2
_UNKNOWN_LIKENESS = 0.4
_DAYS_UNKNOWN = 6.0  # log of a year or so
_FIRST_YEAR, _SPAN, _SPANS = 1930, 4, 25
_SMOOTHING = 50.0


class Births:
    """Dates of birth of all records, ready to be compared."""

    def __init__(
        self, birth: Column, agency: Column, expected: Mapping[str, Sequence[float]]
    ) -> None:
        self._birth, self._agency = birth, agency
        self.year, self.month, self.day = (part[birth.codes] for part in _parts(birth))
        self._spans = _span(self.year)
        usual = [0.0] * _SPANS  # of an agency that gave nothing when it was counted
        rows = [expected.get(name, usual) for name in agency.values]
        self._expected = np.array([*rows, usual], dtype=np.float32)

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group BIRTHS."""
        a, b = self._birth.codes[left], self._birth.codes[right]
        years, months, days = (
            (part[left], part[right]) for part in (self.year, self.month, self.day)
        )
        whole = (days[0] > 0) & (days[1] > 0)
        dated = (years[0] > 0) & (years[1] > 0)
        likeness = similarity(self._birth, a, b, OSA.normalized_similarity)
        alike = np.nan_to_num(likeness)
        same_year = years[0] == years[1]
        turned = whole & (a != b) & same_year & (months[0] == days[1]) & (days[0] == months[1])
        parts = same_year.astype(np.float32) + (months[0] == months[1]) + (days[0] == days[1])
        in_part = np.where(dated, np.where(same_year, _ONE_YEAR, 0.0), _NOTHING)
        apart = np.abs(years[0] - years[1])
        equal = whole & (a == b)
        return {
            "birth_known": whole,
            "birth_written": np.where(whole, alike, _UNKNOWN_LIKENESS),
            "birth_turned": turned,
            "birth_parts": np.where(whole, np.where(turned, 2.5, parts), in_part),
            "birth_years_apart": np.where(dated, np.log1p(apart), 1.0),
            "birth_days_apart": np.where(whole, self._days_apart(left, right), _DAYS_UNKNOWN),
            "birth_equal": equal,
            "birth_partial": dated & ~whole,
            "birth_rarity": np.where(equal, rarity(self._birth, a), 0.0),
            "birth_far": whole & (parts <= 1) & ~turned & (alike < _NEAR),
            **self._one_known(left, right, years),
        }

    def _days_apart(self, left: Index, right: Index) -> npt.NDArray[np.float32]:
        """Log of the days between two whole dates, of months of 31 days."""
        first, second = (
            self.year[side].astype(np.float32) * 372 + self.month[side] * 31 + self.day[side]
            for side in (left, right)
        )
        return np.asarray(np.log1p(np.abs(first - second)), dtype=np.float32)

    def _one_known(self, left: Index, right: Index, years: tuple[Parts, Parts]) -> Found:
        """Where one year is known: how usual it is in the other record's agency."""
        only_right = (years[0] == 0) & (years[1] > 0)
        only_left = (years[1] == 0) & (years[0] > 0)
        a, b = self._agency.codes[left], self._agency.codes[right]
        expected = np.where(
            only_right,
            self._expected[a, self._spans[right]],
            np.where(only_left, self._expected[b, self._spans[left]], 0.0),
        )
        year = np.where(only_right, years[1], np.where(only_left, years[0], 0))
        return {"birth_expected": expected, "birth_year": year}


def expected_births(birth: Column, agency: Column) -> dict[str, list[float]]:
    """Per agency, for each span of years: log of how over-represented the span is."""
    year = _parts(birth)[0][birth.codes]
    counts = np.zeros((len(agency.values), _SPANS))
    known = (year > 0) & (agency.codes >= 0)
    np.add.at(counts, (agency.codes[known], _span(year)[known]), 1)
    overall = counts.sum(0) / max(counts.sum(), 1.0)
    own = counts + _SMOOTHING * overall
    own /= np.maximum(own.sum(1, keepdims=True), 1e-9)
    found = np.log((own + 1e-4) / (overall + 1e-4)).astype(np.float32)
    return dict(zip(agency.values.tolist(), found.tolist(), strict=True))


def _parts(birth: Column) -> list[Parts]:
    """Year, month and day of each distinct date, 0 where missing; the last is of no date."""
    texts = pd.Series(np.append(birth.values, "")).astype(str)
    return [
        pd.to_numeric(texts.str[a:b], errors="coerce").fillna(0).to_numpy(np.int16)
        for a, b in ((0, 4), (5, 7), (8, 10))
    ]


def _span(year: Parts) -> npt.NDArray[np.int64]:
    return np.clip((year.astype(np.int64) - _FIRST_YEAR) // _SPAN, 0, _SPANS - 1)
