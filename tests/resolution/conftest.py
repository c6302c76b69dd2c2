"""A register for each test, and one call to resolve a snapshot in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import resolution
from governance.register import Register
from governance.registration import add_agency
from records.snapshot import Resolved, Snapshot
from tests.resolution.builders import AGENCIES, KEYS, clock


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(f"sqlite:///{tmp_path / 'register.sqlite'}") as made:
        made.upgrade()
        with made.session() as session:
            for agency, kind in AGENCIES.items():
                add_agency(session, agency, agency.title(), kind, "Duty desk 01632 960000")
            session.commit()
        yield made


Resolve = Callable[[Snapshot], Resolved]


@pytest.fixture
def resolve(register: Register, tmp_path: Path) -> Resolve:
    def run(given: Snapshot) -> Resolved:
        with register.session() as session:
            resolved = resolution.resolve(
                given,
                session=session,
                keys=KEYS,
                geography=None,
                out_folder=tmp_path / "resolved",
                clock=clock,
            )
            session.commit()
        return resolved

    return run
