"""Pairs to people: best pair first, under must-link and cannot-link.

Invariant: the partition depends on the set of pairs alone, not on their order. Judgements come
first: what a steward joined is together, what a steward parted is apart. After that no merge
brings two different valid NHS numbers together or pairs that a hard guard parts, nor two groups
whose records speak on balance against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from resolution.guards import DEAD_BEFORE_BORN, JUDGED_DIFFERENT, LITTLE_SUPPORT, NHS_CONFLICT

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]

LARGEST_COMPARED = 80  # members of a component whose every pair is compared
NEUTRAL = 0.5
AGAINST = 0.1


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Decided pairs, lower record number first; `rule` is the place in the ladder."""

    left: Index
    right: Index
    probability: Floats
    rule: npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Constraints:
    """What holds whatever the pairs say. `number` is a code of the valid NHS number or -1."""

    must: Sequence[Pair] = ()
    cannot: Sequence[Pair] = ()
    number: npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Opposition:
    """Of some pairs: which speak against one person, and which a hard guard parts."""

    against: npt.NDArray[np.bool_]
    parted: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Clustering:
    """The lowest record number of each record's cluster, and the merges refused (edge, why)."""

    labels: Index
    refused: tuple[tuple[int, str], ...]


def cluster(
    edges: Edges,
    constraints: Constraints,
    oppose: Callable[[Index, Index], Opposition],
    mean_support: float,
) -> Clustering:
    """Partition the records.

    Args:
        oppose: compares pairs of records; called once, with pairs inside components.
        mean_support: the least mean over all pairs of two groups at which they merge.
    """
    count = len(constraints.number)
    must = _columns(constraints.must)
    rough = components(
        count, np.concatenate([edges.left, must[0]]), np.concatenate([edges.right, must[1]])
    )
    inside = pairs_inside(rough, LARGEST_COMPARED)
    opposition = oppose(*inside)
    touched = _contested(rough, inside, opposition, constraints)
    labels = rough.copy()
    refused: list[tuple[int, str]] = []
    work = _split_work(rough, touched, edges, inside, opposition, constraints)
    for members, local in work:
        groups, lost = _agglomerate(members, local, mean_support)
        refused += lost
        for group in groups:
            labels[group] = min(group)
    return Clustering(labels=labels, refused=tuple(sorted(refused)))


def components(count: int, left: Index, right: Index) -> Index:
    """Connected components: for each record the lowest number that it is connected to."""
    labels = np.arange(count, dtype=np.int64)
    while len(left):
        low = np.minimum(labels[left], labels[right])
        before = labels.copy()
        np.minimum.at(labels, labels[left], low)
        np.minimum.at(labels, labels[right], low)
        labels = labels[labels]
        if np.array_equal(labels, before):
            break
    return labels


def pairs_inside(labels: Index, largest: int) -> tuple[Index, Index]:
    """Every pair within components of 3 to `largest` records."""
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0]) if len(order) else order
    sizes = np.diff(np.r_[starts, len(order)])
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 2) & (sizes <= largest)]).tolist():
        a, b = np.triu_indices(size, 1)
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        lefts.append(members[:, a].ravel())
        rights.append(members[:, b].ravel())
    left, right = np.concatenate(lefts), np.concatenate(rights)
    return np.minimum(left, right), np.maximum(left, right)


def _columns(pairs: Iterable[Pair]) -> tuple[Index, Index]:
    both = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _contested(
    labels: Index,
    inside: tuple[Index, Index],
    opposition: Opposition,
    constraints: Constraints,
) -> set[int]:
    """Components in which anything speaks against being one person."""
    contested = set(np.unique(labels[inside[0][opposition.against | opposition.parted]]).tolist())
    known = np.flatnonzero(constraints.number >= 0)
    numbers = np.unique(np.stack([labels[known], constraints.number[known]], axis=1), axis=0)
    found, counts = np.unique(numbers[:, 0], return_counts=True)
    contested |= set(found[counts > 1].tolist())
    contested |= {int(labels[a]) for a, b in constraints.cannot if labels[a] == labels[b]}
    return contested


@dataclass
class _Local:
    """What is known inside one component."""

    edges: list[tuple[float, int, int, int, int]] = field(default_factory=list)
    support: dict[Pair, float] = field(default_factory=dict)
    parted: set[Pair] = field(default_factory=set)
    judged: set[Pair] = field(default_factory=set)
    must: list[Pair] = field(default_factory=list)
    number: dict[int, int] = field(default_factory=dict)


def _split_work(
    labels: Index,
    touched: set[int],
    edges: Edges,
    inside: tuple[Index, Index],
    opposition: Opposition,
    constraints: Constraints,
) -> list[tuple[list[int], _Local]]:
    """Per contested component, in order: its members and everything known inside it."""
    wanted = np.zeros(len(labels) + 1, dtype=bool)
    wanted[list(touched)] = True
    local: dict[int, _Local] = defaultdict(_Local)
    members: dict[int, list[int]] = defaultdict(list)
    for record in np.flatnonzero(wanted[labels]).tolist():
        home = int(labels[record])
        members[home].append(record)
        local[home].number[record] = int(constraints.number[record])
    _add_opposition(labels, wanted, inside, opposition, local)
    for place in np.flatnonzero(wanted[labels[edges.left]]).tolist():
        a, b = int(edges.left[place]), int(edges.right[place])
        here, probability = local[int(labels[a])], float(edges.probability[place])
        here.edges.append((-probability, int(edges.rule[place]), a, b, place))
        here.support[a, b] = probability
    for a, b in constraints.must:
        if wanted[labels[a]]:
            local[int(labels[a])].must.append((min(a, b), max(a, b)))
    for a, b in constraints.cannot:
        if wanted[labels[a]] and labels[a] == labels[b]:
            local[int(labels[a])].judged.add((min(a, b), max(a, b)))
    return [(members[home], local[home]) for home in sorted(touched)]


def _add_opposition(
    labels: Index,
    wanted: npt.NDArray[np.bool_],
    inside: tuple[Index, Index],
    opposition: Opposition,
    local: dict[int, _Local],
) -> None:
    left, right = inside
    speaks = wanted[labels[left]] & (opposition.against | opposition.parted)
    for place in np.flatnonzero(speaks).tolist():
        a, b = int(left[place]), int(right[place])
        here = local[int(labels[a])]
        here.support[a, b] = AGAINST
        if opposition.parted[place]:
            here.parted.add((a, b))


def _agglomerate(
    members: list[int], local: _Local, mean_support: float
) -> tuple[list[list[int]], list[tuple[int, str]]]:
    """Merge best pair first; groups, and the pairs refused with the reason."""
    group = {record: [record] for record in members}
    for a, b in sorted(local.must):
        if group[a] is not group[b] and not _any(local.judged, group[a], group[b]):
            _merge(group, a, b)
    refused = []
    for _, _, a, b, place in sorted(local.edges):
        if group[a] is group[b]:
            continue
        why = _objection(group[a], group[b], local, mean_support)
        if why:
            refused.append((place, why))
        else:
            _merge(group, a, b)
    distinct = {id(records): records for records in group.values()}
    return list(distinct.values()), refused


def _merge(group: dict[int, list[int]], a: int, b: int) -> None:
    small, large = sorted((group[a], group[b]), key=len)
    large.extend(small)
    for record in small:
        group[record] = large


def _any(pairs: set[Pair], left: list[int], right: list[int]) -> bool:
    if not pairs:
        return False
    return any((min(a, b), max(a, b)) in pairs for a in left for b in right)


def _objection(left: list[int], right: list[int], local: _Local, mean_support: float) -> str | None:
    if _any(local.judged, left, right):
        return JUDGED_DIFFERENT
    mine = {local.number[record] for record in left} - {-1}
    theirs = {local.number[record] for record in right} - {-1}
    if mine and theirs and not mine & theirs:
        return NHS_CONFLICT
    if _any(local.parted, left, right):
        return DEAD_BEFORE_BORN
    pairs = len(left) * len(right)
    if pairs > LARGEST_COMPARED**2:
        return None
    total = sum(local.support.get((min(a, b), max(a, b)), NEUTRAL) for a in left for b in right)
    return LITTLE_SUPPORT if total < mean_support * pairs else None
