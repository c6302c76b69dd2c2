"""Which engine holds the graph.

Invariant: the settings alone decide, and nothing else in the product asks which it is.
"""

from __future__ import annotations

from pathlib import Path

from graph.embedded_store import EmbeddedStore
from graph.neo4j_store import Neo4jStore
from graph.store import GraphStore
from kith.settings import Settings


def open_store(settings: Settings, folder: Path) -> GraphStore:
    """The graph that the settings name: Neo4j, or the embedded engine's files in `folder`.

    Raises:
        GraphBusyError: if another process has the embedded graph open.
        GraphError: if it cannot be opened or reached.
    """
    store: GraphStore
    if settings.neo4j_uri:
        store = Neo4jStore(
            settings.neo4j_uri,
            user=settings.neo4j_user,
            password=settings.neo4j_password,
            database=settings.neo4j_database,
        )
    else:
        store = EmbeddedStore(folder)
    return store
