"""Where each node stands in the picture.

Invariant: a place depends only on the centre, the steps and what was expanded before it, so
expanding a node never moves one that is placed; no two nodes share a place.

The centre stands in the middle, its neighbours in columns left and right of it, each step one
column further out. Columns and rows keep labels apart, so that they can be read without zooming.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import networkx as nx

COLUMN = 300
ROW = 92

Place = tuple[int, int]
"""Column and row; the centre is (0, 0), columns to the left are negative."""


def places(network: nx.MultiDiGraph, centre: str) -> dict[str, Place]:
    """A place for every node that can be reached from the centre."""
    tree = _tree(network, [centre], {centre})
    sides = _sides(tree, centre)
    found: dict[str, Place] = {centre: (0, 0)}
    for sign, branches in zip((1, -1), sides, strict=True):
        rows = sum(_leaves(tree, branch) for branch in branches)
        top = -(rows - 1)  # half rows, so that parents can stand between two children
        for branch in branches:
            _place(tree, branch, sign, top, found)
            top += 2 * _leaves(tree, branch)
    return found


def expanded(placed: Mapping[str, Place], network: nx.MultiDiGraph, node: str) -> dict[str, Place]:
    """The places so far, and one for each neighbour of `node` that had none."""
    column, row = placed[node]
    outward = column + (1 if column >= 0 else -1)
    taken: dict[int, set[int]] = defaultdict(set)
    for at, line in placed.values():
        taken[at] |= {line - 1, line, line + 1}
    found = dict(placed)
    for newcomer in _in_order(network, _neighbours(network, node) - set(placed)):
        line = _free(taken[outward], row)
        taken[outward] |= {line - 1, line, line + 1}
        found[newcomer] = (outward, line)
    return found


def pixels(place: Place) -> tuple[int, int]:
    """A place on vis-network's canvas."""
    column, row = place
    return column * COLUMN, row * ROW // 2


def _tree(network: nx.MultiDiGraph, begin: list[str], seen: set[str]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    layer = begin
    while layer:
        following = []
        for node in layer:
            children[node] = _in_order(network, _neighbours(network, node) - seen)
            seen.update(children[node])
            following += children[node]
        layer = following
    return children


def _sides(tree: Mapping[str, list[str]], centre: str) -> tuple[list[str], list[str]]:
    """The centre's branches, right and left, each with about half of the rows."""
    branches = tree[centre]
    half = sum(_leaves(tree, branch) for branch in branches) / 2
    right: list[str] = []
    rows = 0
    for branch in branches:
        if right and rows + _leaves(tree, branch) / 2 > half:
            break
        right.append(branch)
        rows += _leaves(tree, branch)
    return right, branches[len(right) :]


def _place(
    tree: Mapping[str, list[str]], node: str, column: int, top: int, found: dict[str, Place]
) -> None:
    found[node] = (column, top + _leaves(tree, node) - 1)
    for child in tree[node]:
        _place(tree, child, column + (1 if column > 0 else -1), top, found)
        top += 2 * _leaves(tree, child)


def _leaves(tree: Mapping[str, list[str]], node: str) -> int:
    return sum(_leaves(tree, child) for child in tree[node]) or 1


def _neighbours(network: nx.MultiDiGraph, node: str) -> set[str]:
    if node not in network:
        return set()
    return set(network.successors(node)) | set(network.predecessors(node))


def _in_order(network: nx.MultiDiGraph, nodes: Iterable[str]) -> list[str]:
    """By kind and label; the key settles the rest."""
    return sorted(
        nodes,
        key=lambda node: (
            str(network.nodes[node].get("kind", "")),
            str(network.nodes[node].get("label", "")),
            node,
        ),
    )


def _free(taken: set[int], wanted: int) -> int:
    """The row nearest to the one wanted that nobody stands on."""
    for distance in range(0, 10_000):
        for row in (wanted + distance, wanted - distance):
            if row not in taken:
                return row
    raise AssertionError("a column without a free row")
