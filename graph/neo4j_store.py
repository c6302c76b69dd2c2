"""Neo4j over Bolt, by the official driver.

Invariant: dates come back as Python's; the driver's own notices about a statement never reach
the log, because they quote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from graph.store import GraphError, Row, Work


class Neo4jStore:
    """One database of a Neo4j server or cluster."""

    engine = "neo4j"

    def __init__(self, uri: str, *, user: str, password: str, database: str = "neo4j") -> None:
        self._database = database
        try:
            self._driver = neo4j.GraphDatabase.driver(
                uri, auth=(user, password), notifications_min_severity="OFF"
            )
        except (DriverError, ValueError) as error:
            raise GraphError(f"NEO4J_URI cannot be used ({type(error).__name__})") from error
        try:
            self.run("RETURN 1 AS reached")
        except AuthError:
            self._driver.close()
            raise GraphError("Neo4j refuses NEO4J_USER with NEO4J_PASSWORD") from None
        except (DriverError, Neo4jError, OSError) as error:
            self._driver.close()
            raise GraphError(
                f"Neo4j cannot be reached at NEO4J_URI ({type(error).__name__})"
            ) from error

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement in a transaction of its own."""
        with self._driver.session(database=self._database) as session:
            return _rows(session.run(cast(Any, query), dict(params or {})))

    @contextmanager
    def transaction(self) -> Iterator[Work]:
        """Several statements as one."""
        with (
            self._driver.session(database=self._database) as session,
            session.begin_transaction() as transaction,
        ):
            yield _Neo4jWork(transaction)

    def scrub(self) -> None:
        """Nothing can be asked of it: what is freed is used again, and logs go as it is set to."""

    def close(self) -> None:
        self._driver.close()


class _Neo4jWork:
    def __init__(self, transaction: neo4j.Transaction) -> None:
        self._transaction = transaction

    def run(self, query: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        return _rows(self._transaction.run(cast(Any, query), dict(params or {})))


def _rows(result: neo4j.Result) -> list[Row]:
    rows: list[Any] = list(result)
    return [{key: _plain(value) for key, value in record.items()} for record in rows]


def _plain(value: Any) -> Any:
    if hasattr(value, "to_native"):
        return value.to_native()
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    return value
