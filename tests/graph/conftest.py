"""Stores and projected worlds for the graph's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph import project
from graph.embedded_store import EmbeddedStore
from tests.graph.builders import AGENCIES, World


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """An empty embedded graph."""
    opened = EmbeddedStore(tmp_path / "graph")
    yield opened
    opened.close()


@pytest.fixture
def projected(store: EmbeddedStore, tmp_path: Path) -> Callable[[World], EmbeddedStore]:
    """Projects a world into the store; each call brings the store to the world given."""
    calls = iter(range(1000))

    def bring(world: World) -> EmbeddedStore:
        snapshot, resolved = world.write(tmp_path / "worlds", f"w{next(calls)}")
        project(store, snapshot, resolved, folder=tmp_path / "projection", agencies=AGENCIES)
        return store

    return bring
