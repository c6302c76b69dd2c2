"""The picture's builder and its places."""

from __future__ import annotations

import itertools
import subprocess
import sys

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from webapp.links import builder
from webapp.links.builder import drawing
from webapp.links.places import expanded, pixels, places

# Loads the module alone: the whole application would take seconds.
ALONE = (
    "import importlib.util\n"
    f"spec = importlib.util.spec_from_file_location('builder', {builder.__file__!r})\n"
    "builder = importlib.util.module_from_spec(spec); spec.loader.exec_module(builder)\n"
)


def graph_of(edges: list[tuple[int, int]]) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node("n0", kind="address", label="n0")
    for a, b in edges:
        for key in (a, b):
            graph.add_node(f"n{key}", kind="person", label=f"n{key}")
        graph.add_edge(f"n{a}", f"n{b}")
    return graph


EDGES = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=60)


@given(EDGES)
def test_each_node_that_can_be_reached_has_a_place_of_its_own(
    edges: list[tuple[int, int]],
) -> None:
    graph = graph_of(edges)
    found = places(graph, "n0")
    reached = nx.node_connected_component(graph.to_undirected(), "n0")
    assert set(found) == reached
    assert len(set(found.values())) == len(found)
    assert found["n0"] == (0, 0)
    for column in {place[0] for place in found.values()} - {0}:
        rows = sorted(row for at, row in found.values() if at == column)
        assert all(b - a >= 2 for a, b in itertools.pairwise(rows)), "labels overlap"


@given(EDGES, EDGES, EDGES)
def test_expanding_moves_nothing_and_nobody_shares_a_place(
    first: list[tuple[int, int]], second: list[tuple[int, int]], third: list[tuple[int, int]]
) -> None:
    placed = places(graph_of(first), "n0")
    for further in (second, third):
        node = sorted(placed)[-1]
        more = graph_of([*further, (int(node[1:]), 90)])
        after = expanded(placed, more, node)
        assert {key: after[key] for key in placed} == placed
        assert len({pixels(place) for place in after.values()}) == len(after)
        placed = after


@given(EDGES)
def test_places_do_not_depend_on_the_order_of_links(edges: list[tuple[int, int]]) -> None:
    assert places(graph_of(edges), "n0") == places(graph_of(edges[::-1]), "n0")


def test_two_links_between_the_same_pair_are_both_drawn() -> None:
    nodes = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]
    links = [{"source": "a", "to": "b", "label": "x"}, {"source": "b", "to": "a", "label": "y"},
             {"source": "a", "to": "b", "label": "z"}]  # fmt: skip
    built = drawing(nodes, links, {"physics": {"enabled": False}})
    assert [edge["label"] for edge in built["edges"]] == ["x", "y", "z"]
    assert built["options"] == {"physics": {"enabled": False}}


def test_pyvis_is_imported_without_ipython_and_leaves_no_stand_in() -> None:
    program = (
        "import sys\n"
        f"{ALONE}"
        "builder.network_class()\n"
        "assert 'IPython' not in sys.modules, 'loaded, or the stand-in stayed'\n"
        "assert 'pyvis.network' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_ipython_that_is_loaded_already_is_left_alone() -> None:
    program = (
        "import sys, types\n"
        "real = types.ModuleType('IPython'); display = types.ModuleType('IPython.display')\n"
        "display.IFrame = object; real.display = display\n"
        "sys.modules.update({'IPython': real, 'IPython.display': display})\n"
        f"{ALONE}"
        "builder.network_class()\n"
        "assert sys.modules['IPython'] is real\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
