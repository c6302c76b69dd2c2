"""Turns networks that were answered into one page: nodes, rows and the drawing.

Invariant: the page holds exactly what the networks hold, less what the viewer's own filter hides;
the centre always stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
from flask import url_for
from werkzeug.datastructures import MultiDict

from graph import EgoNetwork
from webapp.links.page import KINDS, PLURALS, Chip, Link, LinksPage, Node
from webapp.links.picture import draw, placed
from webapp.shown import code, counted, day
from webapp.wording import listed

_MOST_EXPANDED = 20
_MOST_DRAWN = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {"person the contact is about": "is the subject of"}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was asked for: steps, expanded nodes, kinds shown, the node selected."""

    hops: int = 2
    expanded: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset(KINDS)
    selected: str = ""

    @classmethod
    def from_query(cls, query: MultiDict[str, str]) -> Chosen:
        steps = query.get("steps", "2")
        kinds = frozenset(query.getlist("kind")) & frozenset(KINDS)
        expanded = tuple(dict.fromkeys(query.getlist("expand")))[:_MOST_EXPANDED]
        return cls(
            hops=int(steps) if steps in {"1", "2", "3"} else 2,
            expanded=expanded,
            kinds=kinds or frozenset(KINDS),
            selected=query.get("select", expanded[-1] if expanded else ""),
        )


def arrange(
    network: EgoNetwork, further: Sequence[EgoNetwork], chosen: Chosen, *, most: int = _MOST_DRAWN
) -> LinksPage:
    """One page of a network and what was expanded from it."""
    graph = _joined([network, *further])
    opened = [more.centre for more in further]
    where = placed(
        network.to_networkx(), network.centre, [(m.centre, m.to_networkx()) for m in further]
    )
    nodes = {key: _node(graph, key, network.centre, opened) for key in where}
    shown = [key for key in where if nodes[key].kind in chosen.kinds or key == network.centre]
    drawn = sorted(shown, key=lambda key: (abs(where[key][0]), list(where).index(key)))[:most]
    rows = _rows(graph, nodes, set(shown), network.centre)
    centre = nodes[network.centre]
    selected = nodes[chosen.selected] if chosen.selected in shown else centre
    lines = [row for row in rows if {row.source.key, row.target.key} <= {*drawn}]
    return LinksPage(
        centre=centre,
        chosen=selected,
        hops=chosen.hops,
        opened=opened,
        counted=_counted(len(shown), len(rows)),
        cut=_cut(network, further, len(shown) - len(drawn)),
        hidden=len(nodes) - len(shown),
        chips=_chips(nodes, chosen),
        rows=rows,
        drawing=draw([nodes[key] for key in drawn], lines, where, selected),
    )


def _joined(networks: Sequence[EgoNetwork]) -> nx.MultiDiGraph:
    return nx.compose_all([network.to_networkx() for network in networks])


def _node(graph: nx.MultiDiGraph, key: str, centre: str, opened: Sequence[str]) -> Node:
    held = graph.nodes[key]
    label, facts = _said(held["kind"], held["label"], held["facts"])
    if held["agencies"] and held["kind"] != "contact":
        facts.append(f"Known to {listed(held['agencies'])}")
    if held["is_hub"]:
        facts.append("Many people are recorded here, so it is not followed further")
    kind = held["kind"]
    can = kind in {"person", "address"} and not held["is_hub"]
    return Node(
        key=key,
        kind=kind,
        label=label,
        facts=tuple(facts),
        href=_page_of(kind, key),
        expandable=can and key != centre and key not in opened,
    )


def _said(kind: str, label: str, facts: Sequence[str]) -> tuple[str, list[str]]:
    """A label that tells a node from others alike: an address's postcode, a contact's day."""
    if kind == "address" and facts and facts[0] not in label:
        return f"{label} {facts[0]}", list(facts[1:])
    if kind == "contact":
        words = [_in_words(fact) for fact in facts]
        days = [day(fact) for fact in facts if _DAY.fullmatch(fact)]
        return ", ".join([label, *days[:1]]), words
    return label, list(facts)


def _in_words(fact: str) -> str:
    """A day or a code of a contact as the other pages show it."""
    if _DAY.fullmatch(fact):
        return day(fact)
    status = code(fact, "contact_status")
    return status if status != fact else code(fact, "severity")


def _page_of(kind: str, key: str) -> str | None:
    if kind == "person":
        return url_for("people.person", person_id=key)
    if kind == "address":
        return url_for("addresses.address", address_id=key)
    return None


def _rows(
    graph: nx.MultiDiGraph, nodes: dict[str, Node], shown: set[str], centre: str
) -> list[Link]:
    """Every link between nodes that are shown; nearest to the centre first."""
    steps = nx.single_source_shortest_path_length(graph.to_undirected(as_view=True), centre)
    rows = []
    for source, target, held in graph.edges(data=True):
        if source in shown and target in shown:
            far = source if steps.get(source, 0) > steps.get(target, 0) else target
            if far == centre:
                far = source
            rows.append((steps.get(far, 0), _link(nodes, source, target, far, held)))
    rows.sort(key=lambda row: (row[0], row[1].source.label, row[1].target.label, row[1].words))
    return [row for _, row in rows]


def _link(
    nodes: dict[str, Node], source: str, target: str, far: str, held: dict[str, object]
) -> Link:
    since, until = held["since"], held["until"]
    words = day(since, "not known")  # type: ignore[arg-type]
    if until is not None:
        words += f" to {day(until)}"  # type: ignore[arg-type]
    stated = bool(held["stated"])
    words_held = str(held["words"])
    words_held = words_held[:1].lower() + words_held[1:]
    names = listed(held["agencies"])  # type: ignore[arg-type]
    return Link(
        source=nodes[source],
        target=nodes[target],
        far=nodes[far],
        words=_WORDS.get(words_held, words_held),
        since=words,
        order=str(since or ""),
        who=names if stated else f"worked out from {names}" if names else "worked out",
        uncertain=not stated,
    )


def _chips(nodes: dict[str, Node], chosen: Chosen) -> list[Chip]:
    totals = {kind: sum(node.kind == kind for node in nodes.values()) for kind in KINDS}
    return [
        Chip(key=kind, label=PLURALS[kind], total=total, shown=kind in chosen.kinds)
        for kind, total in totals.items()
        if total
    ]


def _counted(nodes: int, links: int) -> str:
    return f"{counted(nodes, 'item').capitalize()} and {counted(links, 'link')}."


def _cut(network: EgoNetwork, further: Sequence[EgoNetwork], undrawn: int) -> str:
    words = []
    if network.truncated or any(more.truncated for more in further):
        words.append("There are more links than can be shown at once: choose fewer steps.")
    if undrawn:
        words.append(f"The picture leaves out the {undrawn} items furthest out; the table has all.")
    return " ".join(words)
