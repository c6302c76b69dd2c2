"""One component merged step by step: best pair first.

Invariant: what two groups have for and against them is kept per pair of groups and merged with
them, so an edge is decided in constant time and a component of thousands stays quick.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from resolution.guards import (
    DEAD_BEFORE_BORN,
    JUDGED_DIFFERENT,
    LITTLE_SUPPORT,
    NHS_CONFLICT,
)

_ROUNDING = 1e-9  # sums are made in the order of merges; a mean on the border must not depend on it


@dataclass
class Local:
    """What is known inside one component; links best first."""

    numbers: dict[int, set[int]] = field(default_factory=dict)  # of every member
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)  # born last, died first
    links: list[tuple[int, int, int]] = field(default_factory=list)  # place, left, right
    support: list[tuple[int, int, float]] = field(default_factory=list)
    parted: list[tuple[int, int]] = field(default_factory=list)
    must: list[tuple[int, int]] = field(default_factory=list)
    cannot: list[tuple[int, int]] = field(default_factory=list)


@dataclass(eq=False)
class _Group:
    """Records taken for one person, and how they stand to other groups (by group number)."""

    name: int
    members: list[int]
    numbers: set[int]
    born: int  # the latest birth among them
    died: int  # the earliest death
    support: dict[int, tuple[float, int]] = field(default_factory=dict)  # sum, how many pairs
    parted: set[int] = field(default_factory=set)
    cannot: set[int] = field(default_factory=set)


def agglomerate(
    local: Local, *, mean_support: float, missing: float
) -> tuple[list[list[int]], list[tuple[int, str]]]:
    """Merge best pair first; the groups, and the pairs refused (place, why)."""
    groups = _singles(local)
    at = {record: groups[record] for record in groups}
    for a, b in local.must:
        if at[a] is not at[b] and at[b].name not in at[a].cannot:
            _merge(at, groups, at[a], at[b])
    refused = []
    for place, a, b in local.links:
        left, right = at[a], at[b]
        if left is right:
            continue
        why = _objection(left, right, mean_support, missing)
        if why:
            refused.append((place, why))
        else:
            _merge(at, groups, left, right)
    return [group.members for group in groups.values()], refused


def _singles(local: Local) -> dict[int, _Group]:
    groups = {
        record: _Group(record, [record], set(numbers), *local.spans[record])
        for record, numbers in local.numbers.items()
    }
    for a, b, probability in local.support:
        groups[a].support[b] = groups[b].support[a] = (probability, 1)
    for a, b in local.parted:
        groups[a].parted.add(b)
        groups[b].parted.add(a)
    for a, b in local.cannot:
        groups[a].cannot.add(b)
        groups[b].cannot.add(a)
    return groups


def _objection(left: _Group, right: _Group, mean_support: float, missing: float) -> str | None:
    if right.name in left.cannot:
        return JUDGED_DIFFERENT
    if left.numbers and right.numbers and not left.numbers & right.numbers:
        return NHS_CONFLICT
    if right.name in left.parted or left.died <= right.born or right.died <= left.born:
        return DEAD_BEFORE_BORN
    pairs = len(left.members) * len(right.members)
    total, known = left.support.get(right.name, (0.0, 0))
    mean = (total + missing * (pairs - known)) / pairs
    return LITTLE_SUPPORT if mean < mean_support - _ROUNDING else None


def _merge(at: dict[int, _Group], groups: dict[int, _Group], one: _Group, other: _Group) -> None:
    """The group with fewer relations is taken into the one with more."""
    if len(one.support) + len(one.members) < len(other.support) + len(other.members):
        one, other = other, one
    one.members += other.members
    one.numbers |= other.numbers
    one.born, one.died = max(one.born, other.born), min(one.died, other.died)
    for record in other.members:
        at[record] = one
    one.support.pop(other.name, None)
    for name, (total, known) in other.support.items():
        if name == one.name:
            continue
        mine = one.support.get(name, (0.0, 0))
        both = (mine[0] + total, mine[1] + known)
        theirs = groups[name].support
        del theirs[other.name]
        one.support[name] = theirs[one.name] = both
    _move(groups, one, other, "parted")
    _move(groups, one, other, "cannot")
    del groups[other.name]


def _move(groups: dict[int, _Group], one: _Group, other: _Group, relation: str) -> None:
    mine: set[int] = getattr(one, relation)
    for name in getattr(other, relation):
        theirs: set[int] = getattr(groups[name], relation)
        theirs.discard(other.name)
        if name != one.name:
            mine.add(name)
            theirs.add(one.name)
