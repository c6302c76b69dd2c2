"""Addresses compared: one location comparison of many parts, for homes and places seen at.

Invariant: address, number, street and postcode are one comparison in steps; separate ones would
count the same agreement many times.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import JaroWinkler

from resolution.columns import Column, Index, Lists, place_lists
from resolution.statistics import BY_PLACE, Counts
from resolution.vectors.similarity import Found, agreement, similarity

_STREET_ALIKE = 0.88
_STREET_UNKNOWN = 0.3
_HOME, _NUMBERED, _POSTCODE, _AREA, _UNKNOWN = 4.0, 3.0, 2.0, 1.0, 0.7


class Places:
    """Homes and other known addresses of all records, ready to be compared."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, count: int, counts: Mapping[str, Counts]
    ) -> None:
        self._dwelling, self._postcode, self._area = (
            place_lists(con, name, count, counts=counts[name]) for name in BY_PLACE
        )
        self._seen_dwelling = place_lists(con, "dwelling", count, table="known")
        self._seen_postcode = place_lists(con, "postcode", count, table="known")
        frame = con.execute(_LINES).df().set_index("rid").reindex(range(count))
        self._number, self._street = Column(frame["number"]), Column(frame["street"])

    def compare(self, left: Index, right: Index) -> Found:
        """The features of group PLACES."""
        home = self._dwelling.shared(left, right)
        postcode = self._postcode.shared(left, right)
        area = self._area.shared(left, right)
        homes = self._dwelling.present(left) & self._dwelling.present(right)
        codes = self._postcode.present(left) & self._postcode.present(right)
        number = agreement(self._number.codes[left], self._number.codes[right])
        street = np.nan_to_num(
            similarity(
                self._street,
                self._street.codes[left],
                self._street.codes[right],
                JaroWinkler.normalized_similarity,
            ),
            nan=_STREET_UNKNOWN,
        )
        numbered = (number == 1) & ((street > _STREET_ALIKE) | postcode)
        seen = self._seen_dwelling.shared(left, right)
        seen_postcode = self._seen_postcode.shared(left, right)
        steps = [home, numbered, postcode, area, codes | homes]
        return {
            "place": np.select(steps, [_HOME, _NUMBERED, _POSTCODE, _AREA, 0.0], _UNKNOWN),
            "place_known": homes,
            "house_number": number,
            "street": street,
            "seen_place": np.select([home, seen, seen_postcode], [3.0, 2.0, 1.0], 0.0),
            "place_crowd": np.where(home, _crowd(self._dwelling, left, right), 0.0),
            "postcode_crowd": np.where(postcode, _crowd(self._postcode, left, right), 0.0),
        }


def _crowd(lists: Lists, left: Index, right: Index) -> npt.NDArray[np.float32]:
    return np.asarray(np.log1p(lists.uses_on(left, right)), dtype=np.float32)


# The latest home's number and street, for addresses that did not resolve to one.
_LINES = """
select l.rid, arg_max(a.number, (l.until, a.mark)) number,
  arg_max(a.street, (l.until, a.mark)) street
from lodged l join address a using (address_no) group by l.rid
"""
