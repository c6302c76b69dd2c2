"""A register with two agencies in it, an empty audit, and a fixed hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from governance import registration
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
