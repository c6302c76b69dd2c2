"""Which engine holds the graph.

Invariant: the settings alone decide, and nothing else in the product asks which it is. Only the
engine that is used is imported: a command should start at once.
"""

from __future__ import annotations

from pathlib import Path

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
        from graph.neo4j_store import Neo4jStore

        store = Neo4jStore(
            settings.neo4j_uri,
            user=settings.neo4j_user,
            password=settings.neo4j_password,
            database=settings.neo4j_database,
        )
    else:
        from graph.embedded_store import EmbeddedStore

        store = EmbeddedStore(folder)
    return store
