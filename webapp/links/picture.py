"""The drawing that vis-network is given: boxes with words in rows and columns.

Invariant: what is drawn is said in words as well: a node's box begins with its kind, a link that is
not certain is dashed and says so in the table.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import networkx as nx

from webapp.links.builder import drawing
from webapp.links.page import Link, Node
from webapp.links.places import Place, expanded, pixels, places

_FONT = "system-ui, Arial, sans-serif"
_LINE = 24
_LINES = 2
# kind -> border, background, corner: told apart by shape and words too
_LOOKS = {
    "person": ("#12403f", "#e9f1f0", 18),
    "address": ("#8a4b08", "#fdf3e7", 0),
    "household": ("#4c2c92", "#f3f0fa", 6),
    "contact": ("#942514", "#fdf0ee", 0),
}
_CURVE = {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal"}
_OPTIONS: dict[str, Any] = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {
        "dragNodes": False,
        "hover": True,
        "keyboard": {"enabled": True, "bindToWindow": False},
        "navigationButtons": False,
        "zoomView": True,
    },
    "nodes": {
        "shape": "box",
        "margin": 8,
        "widthConstraint": {"minimum": 150},
        "font": {"size": 16, "face": _FONT, "color": "#0b0c0c", "multi": False},
    },
    "edges": {
        "color": {"color": "#505a5f", "highlight": "#0b0c0c", "hover": "#0b0c0c"},
        "font": {
            "size": 14,
            "face": _FONT,
            "color": "#0b0c0c",
            "strokeWidth": 5,
            "strokeColor": "#ffffff",
            "align": "horizontal",
        },
        "smooth": _CURVE,
    },
}


def draw(
    nodes: Sequence[Node], links: Sequence[Link], where: dict[str, Place], chosen: Node
) -> dict[str, Any]:
    """Nodes, edges and options for vis-network, with what the side panel tells of each node."""
    data = drawing(
        [_box(node, where[node.key]) for node in nodes],
        [_line(link, where) for link in links],
        _OPTIONS,
    )
    told = {node.key: _told(node) for node in nodes}
    for node in data["nodes"]:
        node["told"] = told[node["id"]]
    data["chosen"] = chosen.key if where[chosen.key] != (0, 0) else None
    return data


def placed(
    base: nx.MultiDiGraph, centre: str, further: Sequence[tuple[str, nx.MultiDiGraph]]
) -> dict[str, Place]:
    """A place for every node: the centre's network first, then what each expansion added."""
    found = places(base, centre)
    for key, network in further:
        if key in found:
            found = expanded(found, network, key)
    return found


def _box(node: Node, place: Place) -> dict[str, Any]:
    border, background, corner = _LOOKS.get(node.kind, _LOOKS["household"])
    x, y = pixels(place)
    return {
        "id": node.key,
        "label": _label(node),
        "x": x,
        "y": y,
        "shape": "box",
        "color": {
            "border": border,
            "background": background,
            "highlight": {"border": "#0b0c0c", "background": "#ffdd00"},
            "hover": {"border": "#0b0c0c", "background": background},
        },
        "borderWidth": 4 if place == (0, 0) else 2,
        "shapeProperties": {"borderRadius": corner, "borderDashes": False},
    }


def _label(node: Node) -> str:
    lines = textwrap.wrap(node.label, _LINE) or [""]
    if len(lines) > _LINES:
        lines = [
            *lines[: _LINES - 1],
            textwrap.shorten(" ".join(lines[1:]), _LINE, placeholder="…"),
        ]
    return "\n".join([node.words.upper(), *lines])


def _line(link: Link, where: dict[str, Place]) -> dict[str, Any]:
    ends = where[link.source.key], where[link.target.key]
    beside = ends[0][0] == ends[1][0]  # in one column: bowed, or other boxes would hide it
    return {
        "source": link.source.key,
        "to": link.target.key,
        "label": link.words,
        "dashes": link.uncertain,
        "smooth": {"enabled": True, "type": "curvedCW", "roundness": 0.35} if beside else _CURVE,
    }


def _told(node: Node) -> dict[str, Any]:
    return {
        "label": node.label,
        "words": node.words,
        "facts": list(node.facts),
        "href": node.href,
        "expandable": node.expandable,
    }
