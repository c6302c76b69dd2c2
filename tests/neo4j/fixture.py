"""The pytest fixtures of the real Neo4j.

Invariant: where Neo4j cannot run the tests that need it are skipped by name and the summary says
so loudly; under CI they fail instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph import GraphStore, open_store
from kith.settings import Settings
from tests.neo4j.server import CannotRunNeo4j, Connection, running

_CANNOT = "a real Neo4j cannot run here"


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A running Neo4j: the one NEO4J_URI names, or one assembled for this run."""
    if os.environ.get("NEO4J_URI"):
        yield Connection(
            uri=os.environ["NEO4J_URI"],
            user=os.environ.get("NEO4J_USER", "neo4j"),
            password=os.environ["NEO4J_PASSWORD"],
        )
        return
    try:
        with running(tmp_path_factory.mktemp("neo4j")) as connection:
            yield connection
    except CannotRunNeo4j as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{_CANNOT}: {error}")
        pytest.skip(f"{_CANNOT}: {error}")


@pytest.fixture
def neo4j_store(neo4j_server: Connection, tmp_path: Path) -> Iterator[GraphStore]:
    """An empty graph on the real Neo4j."""
    settings = Settings(
        home=tmp_path,
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=neo4j_server.password,
    )
    store = open_store(settings, tmp_path / "graph")
    _empty(store)
    yield store
    _empty(store)
    store.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run, in whichever process that was."""
    skipped = (str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    missing = [words for words in skipped if _CANNOT in words]
    if missing:
        terminalreporter.section("NOT RUN: every test that needs Neo4j", red=True, bold=True)
        terminalreporter.line(missing[0])


def _empty(store: GraphStore) -> None:
    statement = "MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS gone"
    while store.run(statement, {})[0]["gone"]:
        pass
