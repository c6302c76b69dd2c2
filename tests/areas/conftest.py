"""Small areas, made once for all tests that only read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from areas import AreaReport, make_area

PEOPLE = 1_200


@pytest.fixture(scope="session")
def walsall(tmp_path_factory: pytest.TempPathFactory) -> AreaReport:
    """A small Walsall: seven agencies."""
    folder: Path = tmp_path_factory.mktemp("walsall")
    return make_area("walsall", people=PEOPLE, seed=7, out=folder)


@pytest.fixture(scope="session")
def gwent(tmp_path_factory: pytest.TempPathFactory) -> AreaReport:
    """A small Gwent: the five and education, housing, fire."""
    folder: Path = tmp_path_factory.mktemp("gwent")
    return make_area("gwent", people=PEOPLE, seed=7, out=folder)


@pytest.fixture(scope="session")
def north_somerset(tmp_path_factory: pytest.TempPathFactory) -> AreaReport:
    """A small North Somerset."""
    folder: Path = tmp_path_factory.mktemp("north_somerset")
    return make_area("north_somerset", people=PEOPLE, seed=7, out=folder)
