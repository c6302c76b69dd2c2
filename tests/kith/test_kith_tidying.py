"""Tidying a home: what is in use stays, the audit stays, and the counts are on record."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance import loads as ledger
from governance import registration
from governance.loads import LoadEntry
from governance.sessions import SignedInUser
from kith import tidying
from kith.home import Home
from kith.settings import Settings
from tests.governance.builders import signed_in

OFFICER: SignedInUser = signed_in(roles=frozenset({"governance_officer"}))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home.create(Settings(home=tmp_path / "home"), "walsall") as home:
        yield home


def folder(home: Home, name: str, days: int) -> Path:
    made = home.folder / name
    made.mkdir(parents=True)
    then = home.clock().timestamp() - days * 86_400
    os.utime(made, (then, then))
    return made


def load(home: Home, letter: str, days: int) -> Path:
    """A load of so many days ago, with a row that it turned away."""
    with home.register.session() as session:
        source = registration.datasets(session)[0]
        entry = LoadEntry(
            load_id=f"l_{letter}",
            agency=source.agency,
            dataset=source.dataset_id,
            layout="x",
            mapping="x",
            mapping_version=1,
            extract="full",
            file_name="x.csv",
            sha256="0" * 64,
            rows_in=1,
            accepted=0,
            rejected=1,
            loaded_by="u_a",
            loaded_on=home.clock() - dt.timedelta(days=days),
        )
        ledger.add_load(session, entry)
        session.commit()
    made = home.folder / "staging" / source.agency / source.dataset_id / f"l_{letter}"
    made.mkdir(parents=True)
    (made / "record.parquet").touch()
    (made / "quarantine.parquet").touch()
    return made


def test_what_is_past_its_time_goes_and_what_is_in_use_stays(home: Home) -> None:
    old, fresh = load(home, "a", 200), load(home, "b", 10)
    runs = {days: folder(home, f"resolved/r{days}", days) for days in (5, 40, 50)}
    snapshots = {days: folder(home, f"snapshots/s{days}", days) for days in (35, 40, 50)}
    current = {"run_id": "r50", "snapshot_id": "s50"}
    (home.folder / "resolved" / "current.json").write_text(json.dumps(current), encoding="utf-8")
    before = home.audit.count()
    counts = tidying.tidy(home, OFFICER, dry=True)
    assert counts["quarantined"] == 1
    assert counts["runs"] == 2
    assert (home.audit.count(), runs[40].exists()) == (before, True)
    assert tidying.tidy(home, OFFICER) == counts
    assert not (old / "quarantine.parquet").exists()
    assert (old / "record.parquet").exists()
    assert (fresh / "quarantine.parquet").exists()
    # The last resolution and its snapshot stay, and the newest snapshot.
    assert {days for days, made in runs.items() if made.exists()} == {5, 50}
    assert {days for days, made in snapshots.items() if made.exists()} == {35, 50}
    assert home.audit.count() == before + 1
    [row] = home.audit.rows(kind="tidied")
    assert {name: row.payload[name] for name in counts} == counts
    assert home.audit.verify() == []
    assert sum(tidying.tidy(home, OFFICER).values()) == 0
