"""Components too large to compare wholly, cut into pieces that are not.

Invariant: the likeliest pairs are kept in one piece as long as it stays within the bound; a piece
depends on its component's pairs alone. Of two pieces that a pair joins at most one is small, so
there are few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FIRST = 4_096  # pairs that are looked at before those that can change nothing are left out


def pieces(labels: Index, left: Index, right: Index, probability: Floats, largest: int) -> Index:
    """The lowest number of each one's piece: its component, where that has at most `largest`.

    Args:
        labels: the lowest number of each one's component.
        left: scored pairs; those between components are not looked at.
    """
    sizes = np.bincount(labels, minlength=len(labels))
    large = sizes[labels] > largest
    out = labels.copy()
    if not large.any():
        return out
    members = np.flatnonzero(large)
    out[members] = members
    inside = np.flatnonzero((labels[left] == labels[right]) & large[left])
    order = inside[np.lexsort((right[inside], left[inside], -probability[inside]))]
    home = {member: [member] for member in members.tolist()}
    for part in _growing(len(order)):
        pairs = order[part]
        known = lowest(out)
        one, other = known[left[pairs]], known[right[pairs]]
        sizes = np.bincount(known, minlength=len(known))
        # Pieces only grow: those that are one, or too large together, stay so.
        may = pairs[(one != other) & (sizes[one] + sizes[other] <= largest)]
        _join(home, left[may].tolist(), right[may].tolist(), largest)
        for member, piece in home.items():
            out[member] = piece[0]
    return lowest(out)


def _join(
    home: dict[int, list[int]], left: Sequence[int], right: Sequence[int], largest: int
) -> None:
    """Join the pieces of pairs, in their order, as long as they stay within the bound."""
    for a, b in zip(left, right, strict=True):
        one, other = home[a], home[b]
        if one is other or len(one) + len(other) > largest:
            continue
        if len(one) < len(other):
            one, other = other, one
        one += other
        for member in other:
            home[member] = one


def _growing(count: int) -> Iterator[slice]:
    """So many places in parts, each as large as all before it."""
    start, size = 0, _FIRST
    while start < count:
        yield slice(start, start + size)
        start += size
        size = start


def lowest(group: Index) -> Index:
    """For each one the lowest number in its group; groups under any numbers from 0."""
    if not len(group):
        return np.empty(0, dtype=np.int64)
    first = np.full(int(group.max()) + 1, len(group), dtype=np.int64)
    np.minimum.at(first, group, np.arange(len(group)))
    return np.asarray(first[group])
