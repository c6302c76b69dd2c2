"""Scored pairs to people: best pair first, under must-link and cannot-link.

Invariant: the partition depends on the set of pairs alone, not on their order; equal pairs are
taken by their record numbers. Judgements come first: what a steward joined is together, what a
steward parted is apart. After that no merge brings two different valid NHS numbers together or
pairs that a hard guard parts, nor two groups whose pairs support it too little in the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolution.distinct import among
from resolution.grouping import Local, agglomerate
from resolution.guards import DEAD_BEFORE_BORN, JUDGED_DIFFERENT
from resolution.lifespans import Lifespans
from resolution.pieces import lowest, pieces

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Pair = tuple[int, int]

LARGEST_COMPARED = 60  # members of a component whose every pair is compared


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Pairs and how likely each is one person: each pair once, lower record number first."""

    left: Index
    right: Index
    probability: Floats
    parted: Flags  # a hard guard parts them, whatever the probability


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """What holds whatever the pairs say.

    Attributes:
        number: a code of the valid NHS number, or -1.
        also: further numbers of what holds several: who, and the code.
        spans: when each was alive; None if nothing is known of it.
    """

    must: Sequence[Pair] = ()
    cannot: Sequence[Pair] = ()
    number: npt.NDArray[np.int32]
    also: Sequence[Pair] = ()
    spans: Lifespans | None = None


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """The lowest record number of each record's cluster, and the merges refused.

    A refusal is the place of its pair among those scored, and why.
    """

    labels: Index
    refused: tuple[tuple[int, str], ...]


def cluster(
    scored: Scored,
    constraints: Constraints,
    *,
    link_at: float,
    mean_support: float,
    missing: float,
) -> Clustering:
    """Partition the records.

    Args:
        link_at: the least probability at which a pair can bring two groups together.
        mean_support: the least mean probability over all pairs of two groups that merge.
        missing: what a pair that was not scored counts for in that mean.
    """
    count = len(constraints.number)
    must, cannot = _columns(constraints.must), _columns(constraints.cannot)
    strong = scored.probability >= link_at
    judged = strong.copy()
    keys = _keys(scored.left[strong], scored.right[strong], count)
    judged[strong] = among(keys, _keys(*cannot, count))
    links = strong & ~scored.parted & ~judged
    rough = components(
        count,
        np.concatenate([scored.left[links], must[0]]),
        np.concatenate([scored.right[links], must[1]]),
    )
    inside = np.flatnonzero(rough[scored.left] == rough[scored.right])
    contested = _contested(rough, scored, inside, constraints, mean_support, missing)
    contested[rough[cannot[0]][rough[cannot[0]] == rough[cannot[1]]]] = True
    inside = inside[contested[rough[scored.left[inside]]]]
    labels = rough.copy()
    refused = [(place, DEAD_BEFORE_BORN) for place in _places(strong & scored.parted)]
    refused += [(place, JUDGED_DIFFERENT) for place in _places(judged)]
    for local in _locals(rough, contested, scored, inside, links, constraints):
        groups, lost = agglomerate(local, mean_support=mean_support, missing=missing)
        refused += lost
        for group in groups:
            labels[group] = min(group)
    return Clustering(labels=labels, refused=_across(refused, scored, labels))


def components(count: int, left: Index, right: Index) -> Index:
    """Connected components: for each record the lowest number that it is connected to."""
    if not count:
        return np.empty(0, dtype=np.int64)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return lowest(connected_components(graph.tocsr(), directed=False)[1])


def unscored_inside(
    labels: Index, scored: Scored, largest: int = LARGEST_COMPARED
) -> tuple[Index, Index]:
    """Pairs within components that are not among the scored.

    A component of more than `largest` records is taken in pieces, so that the work stays at
    `largest / 2` pairs for each record; pairs between its pieces are left to whoever compares
    the clusters that the pieces give.
    """
    labels = pieces(labels, scored.left, scored.right, scored.probability, largest)
    left, right = pairs_inside(labels, largest)
    known = labels[scored.left] == labels[scored.right]
    count = len(labels)
    keys = _keys(left, right, count)
    new = ~among(keys, _keys(scored.left[known], scored.right[known], count))
    return left[new], right[new]


def pairs_inside(labels: Index, largest: int) -> tuple[Index, Index]:
    """Every pair within components of 2 to `largest` records, lower number first."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0]) if len(order) else order
    sizes = np.diff(np.r_[starts, len(order)])
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]).tolist():
        a, b = np.triu_indices(size, 1)
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        lefts.append(members[:, a].ravel())
        rights.append(members[:, b].ravel())
    return np.concatenate(lefts), np.concatenate(rights)


def _columns(pairs: Iterable[Pair]) -> tuple[Index, Index]:
    both = np.sort(np.array(list(pairs), dtype=np.int64).reshape(-1, 2), axis=1)
    return both[:, 0], both[:, 1]


def _places(flags: Flags) -> list[int]:
    places: list[int] = np.flatnonzero(flags).tolist()
    return places


def _keys(left: Index, right: Index, count: int) -> Index:
    return left * np.int64(count) + right


def _contested(
    labels: Index,
    scored: Scored,
    inside: Index,
    constraints: Constraints,
    mean_support: float,
    missing: float,
) -> Flags:
    """Per label: does anything in the component speak against its being one person?

    Where no pair is under the support asked for, no mean can be: such a component is one
    cluster, and needs no merging step by step.
    """
    home = labels[scored.left[inside]]
    contested = np.zeros(len(labels), dtype=bool)
    contested[home[scored.parted[inside] | (scored.probability[inside] < mean_support)]] = True
    if missing < mean_support:
        sizes = np.bincount(labels, minlength=len(labels))
        contested |= np.bincount(home, minlength=len(labels)) < sizes * (sizes - 1) // 2
    who, number = numbers_held(constraints)
    base = int(number.max(initial=0)) + 1
    homes = np.unique(labels[who] * base + number) // base
    contested[homes[1:][homes[1:] == homes[:-1]]] = True
    if constraints.spans is not None:
        contested |= constraints.spans.of(labels, len(labels)).torn()
    return contested


def numbers_held(constraints: Constraints) -> tuple[Index, Index]:
    """Who holds a valid NHS number, and its code; who holds several stands several times."""
    held = np.flatnonzero(constraints.number >= 0)
    also = np.array(list(constraints.also), dtype=np.int64).reshape(-1, 2)
    return np.r_[held, also[:, 0]], np.r_[constraints.number[held].astype(np.int64), also[:, 1]]


def _locals(
    labels: Index,
    contested: Flags,
    scored: Scored,
    inside: Index,
    links: Flags,
    constraints: Constraints,
) -> list[Local]:
    """Per contested component, in order: its members and everything known inside it."""
    members = np.flatnonzero(contested[labels])
    found: dict[int, Local] = {int(home): Local() for home in np.unique(labels[members])}
    spans = constraints.spans or Lifespans.unknown(len(labels))
    for home, record, born, died in zip(
        labels[members].tolist(),
        members.tolist(),
        spans.born[members].tolist(),
        spans.died[members].tolist(),
        strict=True,
    ):
        found[home].numbers[record] = set()
        found[home].spans[record] = (born, died)
    for record, number in zip(
        *(column.tolist() for column in numbers_held(constraints)), strict=True
    ):
        if contested[labels[record]]:
            found[int(labels[record])].numbers[record].add(number)
    # best first, equal ones by record numbers: each component then reads its own in order
    order = inside[
        np.lexsort((scored.right[inside], scored.left[inside], -scored.probability[inside]))
    ]
    columns = (
        labels[scored.left[order]],
        order,
        scored.left[order],
        scored.right[order],
        scored.probability[order],
        links[order],
        scored.parted[order],
    )
    for home, place, a, b, probability, link, parted in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        here = found[home]
        here.support.append((a, b, probability))
        if link:
            here.links.append((place, a, b))
        if parted:
            here.parted.append((a, b))
    for pairs, chosen in ((constraints.must, "must"), (constraints.cannot, "cannot")):
        for a, b in sorted({(min(pair), max(pair)) for pair in pairs}):
            if contested[labels[a]] and labels[a] == labels[b]:
                getattr(found[int(labels[a])], chosen).append((a, b))
    return list(found.values())


def _across(
    refused: list[tuple[int, str]], scored: Scored, labels: Index
) -> tuple[tuple[int, str], ...]:
    """The refusals that stand at the end: a steward or a better pair may have joined the two."""
    once = pd.DataFrame(refused, columns=["place", "why"]).drop_duplicates("place", keep="last")
    once = once.sort_values("place")
    places = once["place"].to_numpy(dtype=np.int64)
    apart = labels[scored.left[places]] != labels[scored.right[places]]
    return tuple(zip(places[apart].tolist(), once["why"].to_numpy()[apart].tolist(), strict=True))
