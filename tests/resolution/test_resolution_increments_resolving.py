"""A run over a change leaves what a run over everything leaves, day after day."""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import resolution
from governance.judgements import add_judgement
from governance.register import Register
from governance.registration import add_agency
from records.snapshot import Resolved, Snapshot
from resolution.increments.resolving import Before
from resolution.linking.trained import Trained
from resolution.tables import SCHEMAS
from tests.resolution.builders import AGENCIES, KEYS, NOW, clock
from tests.resolution.increment_builders import assigned
from tests.resolution.town_builders import Town, a_day_later, town


@dataclass(repr=False)  # hypothesis prints what a failing test was given
class First:
    """The first run over a town."""

    folder: Path
    town: Town
    snapshot: Snapshot
    resolved: Resolved
    model: Trained


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    folder = tmp_path_factory.mktemp("first")
    made = town(5)
    taken = made.snapshot(folder)
    learned: list[Trained] = []
    with Register(f"sqlite:///{folder / 'register.sqlite'}") as register:
        register.upgrade()
        with register.session() as session:
            for agency, kind in AGENCIES.items():
                add_agency(session, agency, agency, kind, "Duty desk 01632 960000")
            resolved = resolution.resolve(
                taken,
                session=session,
                keys=KEYS,
                geography=None,
                out_folder=folder / "out",
                clock=clock,
                learned=learned.append,
            )
            session.commit()
    return First(folder, made, taken, resolved, learned[0])


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_run_over_a_change_is_a_run_over_everything(first: First, seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for which in ("part", "whole"):
            shutil.copy(first.folder / "register.sqlite", folder / f"{which}.sqlite")
        living, old, before = first.town, first.snapshot, first.resolved
        for day in range(2):
            living = a_day_later(chance, living)
            new = living.snapshot(folder / f"day{day}")
            for which in ("part", "whole"):
                judge(folder / f"{which}.sqlite", random.Random(seed), living)
            whole = everything(folder, new, first.model)
            before = difference(folder, Before(
                resolved=before, snapshot=old, model=first.model, day=NOW.date()
            ), new)  # fmt: skip
            old = new
            assert ledger(folder / "part.sqlite") == ledger(folder / "whole.sqlite")
            for name in SCHEMAS:
                assert told(before, name).equals(told(whole, name)), name


def told(resolved: Resolved, name: str) -> pa.Table:
    """A table, but for the day on which something was decided: a later run decides anew."""
    rows = resolved.read(name)
    return rows.drop(["decided_on"]) if "decided_on" in rows.column_names else rows


def ledger(file: Path) -> dict[str, dict[str, str]]:
    with Register(f"sqlite:///{file}") as register:
        return assigned(register)


def judge(file: Path, chance: random.Random, living: Town) -> None:
    ids = sorted(row["record_id"] for row in living.records)
    with Register(f"sqlite:///{file}") as register, register.session() as session:
        for _ in range(2):
            pair = chance.sample(ids, 2)
            verdict = chance.choice(["same", "different"])
            add_judgement(session, pair[0], pair[1], verdict, "u_1", NOW)
        session.commit()


def everything(folder: Path, new: Snapshot, model: Trained) -> Resolved:
    with (
        Register(f"sqlite:///{folder / 'whole.sqlite'}") as register,
        register.session() as session,
    ):
        made = resolution.resolve(
            new,
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=folder / "whole",
            clock=clock,
            model=model,
        )
        session.commit()
    return made


def difference(folder: Path, before: Before, new: Snapshot) -> Resolved:
    assert resolution.can_go_on(before)
    with (
        Register(f"sqlite:///{folder / 'part.sqlite'}") as register,
        register.session() as session,
    ):
        made = resolution.resolve_changed(
            before,
            new,
            session=session,
            keys=KEYS,
            geography=None,
            out_folder=folder / "part",
            clock=clock,
        )
        session.commit()
    return made
