"""The embedded engine: one process, in memory, with a log that is flushed at every commit.

Invariant: a commit that returned survives a crash; one process at a time has the graph open.

Every node is written with an `id`, its own key (cypher/write). Those that the engine draws itself
repeat once nodes were taken away and the file was opened again, and then nothing more can be made.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kglite

from graph.store import GraphBusyError, GraphError, Row, Work

_FILE = "graph.kgl"


class EmbeddedStore:
    """The graph in one file of `folder`, and its log beside it."""

    engine = "embedded"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # It would warn on standard error of every label that a small graph does not have yet.
        kglite.set_query_warning_policy("silent")
        self._writing = threading.RLock()
        self._closed = False
        try:
            self._session = kglite.open_session(str(folder / _FILE), durable="full")
        except kglite.WriterLeaseHeldError:
            raise GraphBusyError(
                "another process has the graph open; stop `kith serve`, or ask it instead, "
                "or use Neo4j (NEO4J_URI) for several processes"
            ) from None
        except (kglite.KgError, OSError) as error:
            raise GraphError(
                f"the embedded graph in {folder} cannot be opened ({type(error).__name__}); "
                "it can be deleted and projected again"
            ) from error

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement; a write waits for the transaction that is under way."""
        self._require_open()
        if _only_reads(query):
            return _rows(self._session.execute(query, params=dict(params or {})))
        with self._writing:
            return _rows(self._session.execute(query, params=dict(params or {})))

    @contextmanager
    def transaction(self) -> Iterator[Work]:
        """Several statements as one; readers see the graph as it was until it commits."""
        self._require_open()
        with self._writing:
            transaction = self._session.begin()
            try:
                yield _EmbeddedWork(transaction)
            except BaseException:
                transaction.rollback()
                raise
            transaction.commit()

    def scrub(self) -> None:
        """Write the graph as it is in the place of what it was, and begin the log anew."""
        self._require_open()
        with self._writing:
            self._session.save()

    def close(self) -> None:
        with self._writing:
            if not self._closed:
                self._closed = True
                self._session.close()

    def _require_open(self) -> None:
        if self._closed:
            raise GraphError("the graph has been closed")


class _EmbeddedWork:
    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        return _rows(self._transaction.cypher(query, params=dict(params or {})))


_WRITES = ("CREATE", "MERGE", "SET", "DELETE", "REMOVE", "DROP")


def _only_reads(query: str) -> bool:
    code = " ".join(line.partition("//")[0] for line in query.splitlines())
    return not set(code.upper().replace("(", " ").split()).intersection(_WRITES)


def _rows(result: Any) -> list[Row]:
    return [dict(row) for row in result]
