"""Names compared: as written, as forms of one name, swapped, former, and how many bear them.

Invariant: what is compared is the folded name; two spellings that are both in use are two names,
a rare one is a slip.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import JaroWinkler

from resolution.columns import (
    Column,
    Index,
    Ints,
    families_called,
    names_called,
    whole_names,
    word_codes,
)
from resolution.names import nickname_groups
from resolution.statistics import Counts
from resolution.vectors.similarity import (
    Floats,
    Found,
    distinct_pairs,
    rarity,
    similarity,
    uses,
)

_FORM, _INITIAL = 1.0, 0.5
_AS_FORM, _AS_INITIAL, _AS_MIDDLE, _AS_ALIAS = 0.94, 0.8, 0.9, 0.97
_UNKNOWN = 0.6
_UNLIKE = 0.75
_NEARLY_EQUAL = 0.97
_MIDDLE_ALIKE = 0.85


class Naming:
    """Names of all records, ready to be compared."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        frame: pd.DataFrame,
        counts: Mapping[str, Counts],
    ) -> None:
        self._given = Column(frame["given"], counts["given"])
        self._family = Column(frame["family"], counts["family"])
        self._middle = Column(frame["middle"])
        self._whole = Column(whole_names(frame), counts["whole"])
        self._given_word, self._family_word, self._middle_word = word_codes(
            frame["given"], frame["family"], frame["middle"].str.split().str[0]
        )
        self._called = names_called(con, len(frame))
        self._families = families_called(con, len(frame))
        self._forms = [nickname_groups(name) for name in self._given.values]
        self._initials = np.array([ord(name[0]) for name in self._middle.values] + [0])

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group NAMES."""
        swapped = self._swapped(left, right)
        alias = self._called.shared(left, right) | swapped
        found: Found = self._compare_given(left, right, alias)
        found |= self._compare_family(left, right, swapped)
        found["names_swapped"] = swapped
        found["middle"] = self._compare_middle(left, right)
        found["name_rarity"] = found["given_rarity"] + found["family_rarity"]
        bearers = [np.log1p(uses(self._whole, self._whole.codes[each])) for each in (left, right)]
        found["name_use_most"] = np.maximum(*bearers)
        found["name_use_least"] = np.minimum(*bearers)
        return found

    def _swapped(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        given, family = self._given_word, self._family_word
        swapped = (given[left] >= 0) & (given[left] == family[right])
        return np.asarray(swapped & (family[left] >= 0) & (family[left] == given[right]))

    def _compare_given(self, left: Index, right: Index, alias: npt.NDArray[np.bool_]) -> Found:
        a, b = self._given.codes[left], self._given.codes[right]
        written = similarity(self._given, a, b, JaroWinkler.normalized_similarity)
        known = ~np.isnan(written)
        form = self._form(a, b, written)
        moved = self._middle_for_given(left, right)
        steps = [(form == _FORM, _AS_FORM), (form == _INITIAL, _AS_INITIAL), (moved, _AS_MIDDLE)]
        alike = written
        for which, least in (*steps, (alias, _AS_ALIAS)):
            alike = np.where(which, np.fmax(alike, least), alike)
        alike = np.nan_to_num(alike, nan=_UNKNOWN)
        bearers = np.minimum(uses(self._given, a), uses(self._given, b))
        two = known & (a != b) & (form < _FORM) & ~alias
        return _floats(
            {
                "given_known": known,
                "given_written": np.nan_to_num(written),
                "given_form": form,
                "given_alike": alike,
                "given_rarity": np.where(known & (a == b), rarity(self._given, a), 0),
                "given_two_names": np.where(two, np.log1p(bearers), 0),
                "given_unlike": known & (alike < _UNLIKE),
                "middle_as_given": moved,
            }
        )

    def _form(self, a: Ints, b: Ints, written: Floats) -> Floats:
        """1 for forms of one name, a half for an initial and a name that begins with it."""
        out = np.zeros(len(a), dtype=np.float32)
        todo = np.flatnonzero((a != b) & (written < _NEARLY_EQUAL))
        if not len(todo):
            return out
        names, forms = self._given.values, self._forms
        places, first, second = distinct_pairs(a[todo], b[todo], len(names))
        found = np.fromiter(
            (
                _FORM
                if not forms[x].isdisjoint(forms[y])
                else _INITIAL * (names[x][0] == names[y][0] and 1 in (len(names[x]), len(names[y])))
                for x, y in zip(first.tolist(), second.tolist(), strict=True)
            ),
            dtype=np.float32,
            count=len(first),
        )
        out[todo] = found[places]
        return out

    def _middle_for_given(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        given, middle = self._given_word, self._middle_word
        a = (given[left] >= 0) & (given[left] == middle[right])
        return np.asarray(a | ((given[right] >= 0) & (given[right] == middle[left])))

    def _compare_family(self, left: Index, right: Index, swapped: npt.NDArray[np.bool_]) -> Found:
        a, b = self._family.codes[left], self._family.codes[right]
        written = similarity(self._family, a, b, JaroWinkler.normalized_similarity)
        known = ~np.isnan(written)
        former = self._families.shared(left, right)
        alike = np.where(former | swapped, np.fmax(written, _AS_ALIAS), written)
        bearers = np.minimum(uses(self._family, a), uses(self._family, b))
        return _floats(
            {
                "family_known": known,
                "family_written": np.nan_to_num(written),
                "family_alike": np.nan_to_num(alike, nan=_UNKNOWN),
                "family_rarity": np.where(known & (a == b), rarity(self._family, a), 0),
                "family_two_names": np.where(known & (a != b) & ~former, np.log1p(bearers), 0),
            }
        )

    def _compare_middle(self, left: Index, right: Index) -> Floats:
        a, b = self._middle.codes[left], self._middle.codes[right]
        written = np.nan_to_num(similarity(self._middle, a, b, JaroWinkler.normalized_similarity))
        same_initial = self._initials[a] == self._initials[b]
        agrees = np.where(written > _MIDDLE_ALIKE, 1.0, 0.5)
        both = (a >= 0) & (b >= 0)
        return np.where(both, np.where(same_initial, agrees, -1.0), 0.0).astype(np.float32)


def _floats(found: Found) -> Found:
    return {name: np.asarray(values, dtype=np.float32) for name, values in found.items()}
