"""pyvis as what it is good for here: a builder of nodes, edges and options for vis-network.

Invariant: pyvis never makes a page. Its HTML template takes labels unescaped and calls a CDN; what
leaves this module is plain data that the page hands to the vendored vis-network.

pyvis imports IPython for notebooks, which nothing here uses. The import below gives it an
empty stand-in for as long as it takes, and takes it away again.
"""

from __future__ import annotations

import importlib
import json
import sys
import threading
import types
from typing import Any

_IMPORTING = threading.Lock()


def network_class() -> Any:
    """pyvis's `Network`, imported without IPython unless that is loaded already."""
    with _IMPORTING:
        loaded = sys.modules.get("pyvis.network")
        if loaded is not None:
            return loaded.Network
        stand_ins = {} if "IPython" in sys.modules else _stand_ins()
        sys.modules.update(stand_ins)
        try:
            return importlib.import_module("pyvis.network").Network
        finally:
            for name in stand_ins:
                del sys.modules[name]


def drawing(
    nodes: list[dict[str, Any]], links: list[dict[str, Any]], options: dict[str, Any]
) -> dict[str, Any]:
    """What vis-network draws: `nodes`, `edges` and `options`, as pyvis builds them.

    Args:
        nodes: each with `id`, `label` and what vis-network takes for a node.
        links: each with `source`, `to`, and what vis-network takes for an edge.
    """
    # Undirected, pyvis drops a second edge between the same pair without a word.
    network = network_class()(directed=True)
    for node in nodes:
        rest = {key: value for key, value in node.items() if key not in {"id", "label"}}
        network.add_node(node["id"], label=node["label"], **rest)
    for link in links:
        rest = {key: value for key, value in link.items() if key not in {"source", "to"}}
        network.add_edge(link["source"], link["to"], **rest)
    network.set_options(json.dumps(options))
    built_nodes, built_edges, *_, built_options = network.get_network_data()
    return {
        "nodes": built_nodes,
        "edges": built_edges,
        "options": json.loads(built_options),
    }


def _stand_ins() -> dict[str, types.ModuleType]:
    package = types.ModuleType("IPython")
    display = types.ModuleType("IPython.display")
    vars(display)["IFrame"] = None
    vars(package)["display"] = display
    return {"IPython": package, "IPython.display": display}
