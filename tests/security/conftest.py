"""The home, the application and the visitors of the page tests, for walks over every route."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.security.walking import everybody
from tests.webapp.client import Visitor
from tests.webapp.conftest import (
    app,
    compiled_templates,
    desk,
    home,
    labels,
    officer,
    quick_hashes,
    visitor,
)
from tests.webapp.requested import fill
from tests.webapp.rooms import PageHome

__all__ = [
    "app",
    "compiled_templates",
    "desk",
    "home",
    "labels",
    "officer",
    "quick_hashes",
    "visitor",
]


@pytest.fixture
def graph(home: PageHome, tmp_path: Path) -> Iterator[None]:
    """A small graph behind the home, and approvers of housing."""
    store = fill(home, tmp_path)
    yield
    store.close()


@pytest.fixture
def visitors(app: Flask) -> dict[str, Visitor]:
    """One visitor of each role, signed in, who has stated a purpose where their role has one."""
    return everybody(app)
