"""A register with two agencies in it, an empty audit, and a fixed hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from governance import passwords, registration
from governance.audit import Audit
from governance.register import Register
from tests.governance.builders import NOW
from tests.postgres import Postgres


@pytest.fixture
def now() -> dt.datetime:
    return NOW


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that reaches into the database's file, or is marked so, is about SQLite alone."""
    about_files = {"tmp_path", "path"}
    left_out = [
        item
        for item in items
        if isinstance(item, pytest.Function)
        and "[postgresql" in item.name
        and (about_files & set(item._fixtureinfo.argnames) or item.get_closest_marker("sqlite"))
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgres_register(postgres: Postgres) -> str:
    """The name of a database with the register's schema, of which others are made."""
    url = postgres.create()
    with Register(url) as register:
        register.upgrade()
    return postgres.name_of(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The URL of a new database by a name: of SQLite, and of PostgreSQL."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.sqlite"
        return
    server: Postgres = request.getfixturevalue("postgres")
    made: list[str] = []

    def create(name: str) -> str:
        template = request.getfixturevalue("postgres_register") if name == "register" else None
        made.append(server.create(template) if template else server.create())
        return made[-1]

    yield create
    for url in made:
        server.drop(url)


@pytest.fixture
def register(database: Callable[[str], str]) -> Iterator[Register]:
    with Register(database("register")) as register:
        register.bring_up_to_date()
        with register.session() as session:
            registration.add_agency(session, "police", "Police", "police", "01922 000001")
            registration.add_agency(session, "housing", "Housing", "housing", "01922 000002")
            for agency, dataset in (("police", "niche"), ("police", "athena"), ("housing", "nec")):
                registration.add_dataset(
                    session, agency, dataset, dataset, agency, "Article 6(1)(e)", "Owner", 7
                )
            session.commit()
        yield register


@pytest.fixture
def session(register: Register) -> Iterator[Session]:
    with register.session() as session:
        yield session


@pytest.fixture
def audit(database: Callable[[str], str]) -> Iterator[Audit]:
    audit = Audit(database("audit"))
    audit.upgrade()
    yield audit
    audit.close()


@pytest.fixture(autouse=True)
def quick_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cheap argon2 parameters, except where a test is about the real ones."""
    if "real_hashes" not in request.fixturenames:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        monkeypatch.setattr(passwords, "_hasher", cheap)
        passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.fixture
def real_hashes() -> None:
    """Ask for the parameters that the product uses."""
