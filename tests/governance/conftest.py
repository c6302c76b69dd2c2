"""A register with two agencies in it, an empty audit, and a fixed hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from governance import passwords, registration
from governance.audit import Audit
from governance.register import Register
from tests.governance.builders import NOW


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(f"sqlite:///{tmp_path / 'register.sqlite'}") as register:
        register.upgrade()
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
def audit(tmp_path: Path) -> Iterator[Audit]:
    audit = Audit(f"sqlite:///{tmp_path / 'audit.sqlite'}")
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
