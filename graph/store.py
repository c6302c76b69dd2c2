"""The graph store: what Neo4j and the embedded engine have in common.

Invariant: values reach a statement as parameters only, and come back as plain Python values
(text, numbers, dates, lists, maps), whichever engine holds the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from records.errors import KithError

Row = dict[str, Any]


class GraphError(KithError):
    """The graph cannot be opened, reached or written."""


class GraphBusyError(GraphError):
    """Another process has the embedded graph open."""


class Work(Protocol):
    """One transaction: all of its statements take effect, or none."""

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement; the answer's rows, each a map from column to value."""


class GraphStore(Protocol):
    """A graph that several threads may read while one writes."""

    @property
    def engine(self) -> str:
        """`neo4j` or `embedded`: the folder of cypher/ with the engine's own statements."""

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement by itself."""

    def transaction(self) -> AbstractContextManager[Work]:
        """Several statements as one; an exception inside undoes them all."""

    def scrub(self) -> None:
        """See that what was taken away stands in no file any more, as far as the engine can."""

    def close(self) -> None:
        """Let go of the graph. Closing twice is allowed."""
