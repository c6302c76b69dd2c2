"""How often two records of different people would look as alike as these: expected by chance.

Invariant: no labels and no training; the figure follows from how frequent the shared values are
in this snapshot and from fixed rates of error, so a rule that asks for "remote" means the same
in a list of a thousand records and in a county's.

For each comparison `u` is the probability that records of two people reach the level, `m` that
records of one person do. The figure is the number of people that the records tell of (at least
a small town's) times the product of u / m: how many *others* would do as well. Values shared in
a household are no evidence for one person beyond the household: where address, postcode or
telephone agree, the surname counts for little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from resolution.columns import Column, Index, Levels

Floats = npt.NDArray[np.float32]

LEVELS = ("likely", "possible", "unlikely", "remote")
_BOUNDS = (1.0, 0.03, 0.001)  # expected records of other people, per record
_DAYS = 29_200.0  # of eighty years
_FEWEST = 2_000.0  # however few records are loaded, they are drawn from a town
_PRIOR = 1_000.0  # records that the usual shares count for

USUAL = {
    "given": 0.003,
    "family": 0.001,
    "phone": 1e-4,
    "email": 1e-5,
    "area": 0.05,
    "postcode": 0.001,
    "address": 2e-4,
}
"""How frequent a value of each kind usually is."""

# u / m by level, lowest first; None: from the frequency of the value, times the factor.
_FIXED: dict[str, tuple[float, ...]] = {
    "middle": (6.0, 1.0, 0.25, 0.03),
    "sex": (25.0, 1.0, 0.51),
    "other_number": (2.0, 1.0, 0.001),
    "birth": (30.0, 1.0, 0.02, 0.15, 110 / _DAYS / 0.06, 1 / _DAYS / 0.85),
}
_GIVEN = (25.0, 0.5, 1.0, 1.6, 15.0, 4.0, 1.3)  # from `close` up a factor on the frequency
_FAMILY = (12.0, 1.0, 20.0, 4.0, 1.3)
_PLACE = (3.0, 1.0, 6.0, 6.0, 2.0)  # from `district` up a factor on the frequency
_PHONE = (1.6, 1.0, 2.5)
_EMAIL = (2.5, 1.0, 2.0)
_KIN_FAMILY = 0.6  # u / m of an agreeing surname within a household


def by_chance(
    levels: Mapping[str, Levels],
    shares: Mapping[str, Floats],
    count: int,
    kin: npt.NDArray[np.bool_],
) -> Floats:
    """Expected number of records of other people that agree as well.

    Args:
        levels: the comparisons of each pair.
        shares: for given, family, phone, email, and for the place level reached: the share of
            records that have the pair's more frequent value.
        count: how many people there may be: records, copies left out.
        kin: where address, postcode or telephone agree.
    """
    figure = np.full(len(kin), max(float(count), _FEWEST), dtype=np.float32)
    for name, factors in _FIXED.items():
        figure *= np.array(factors, dtype=np.float32)[levels[name]]
    figure *= _scaled(levels["given"], shares["given"], _GIVEN, first=4)
    family = _scaled(levels["family"], shares["family"], _FAMILY, first=2)
    agrees = kin & (levels["family"] >= 2)
    figure *= np.where(agrees, np.maximum(family, _KIN_FAMILY), family)
    figure *= _scaled(levels["place"], shares["place"], _PLACE, first=2)
    figure *= _scaled(levels["phone"], shares["phone"], _PHONE, first=2)
    figure *= _scaled(levels["email"], shares["email"], _EMAIL, first=2)
    return figure


def chance_level(figure: Floats) -> Levels:
    """The figure as a level: likely, possible, unlikely, remote."""
    out = np.zeros(len(figure), dtype=np.int8)
    for bound in _BOUNDS:
        out += (figure <= bound).astype(np.int8)
    return out


def shrunk(uses: npt.NDArray[np.float32], count: int, usual: float) -> Floats:
    """Share of *other* records with a value that a pair shares, drawn towards the usual share.

    A pair's own two records say nothing about others, and a short list says little: it counts
    against `_PRIOR` records in which the value is as frequent as such values usually are.
    """
    others = np.maximum(uses - 2, 0) + _PRIOR * usual
    return np.asarray(others / (max(count - 2, 0) + _PRIOR), dtype=np.float32)


def share_of(column: Column, left: Index, right: Index, people: int, usual: float) -> Floats:
    """The share of records that have the more frequent of a pair's two values."""
    uses = np.append(column.uses, 0).astype(np.float32)
    most = np.maximum(uses[column.codes[left]], uses[column.codes[right]])
    return shrunk(most, people, usual)


def _scaled(levels: Levels, share: Floats, factors: tuple[float, ...], first: int) -> Floats:
    """Below `first` the factor itself, from there on the factor times the value's share."""
    factor = np.array(factors, dtype=np.float32)[levels]
    return np.asarray(
        np.where(levels >= first, np.minimum(factor * share, 1.0), factor), dtype=np.float32
    )
