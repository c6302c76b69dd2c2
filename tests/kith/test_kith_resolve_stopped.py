"""`kith resolve` stopped at every stage: killed, interrupted, with a full disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from governance import accounts, sessions
from governance.sessions import SessionLimits
from kith import pipeline
from kith.cli import tokens
from kith.cli.demo import prepare
from kith.home import Home
from kith.settings import Settings
from resolution.running import STAGES
from tests.kith.resolving_under_faults import FULL, INTERRUPTED, KILLED

_PROGRAM = "tests.kith.resolving_under_faults"
_FULL_AT = ("preparing records", "giving ids", "writing results")  # between them nothing is written


@dataclass
class Stopped:
    """A home that was resolved once, and what became of the runs that were stopped."""

    folder: Path
    current: str
    links: dict[str, str]
    runs: dict[tuple[str, str], dict[str, Any]]


def links(home: Home) -> dict[str, str]:
    table = pipeline.current_result(home).read("link", ["record_id", "person_id"])
    return dict(zip(table["record_id"].to_pylist(), table["person_id"].to_pylist(), strict=True))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    folder = tmp_path_factory.mktemp("stopped") / "home"
    state = folder.parent / "state"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(state))
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        patch.setattr(pipeline, "project", lambda *_args, **_options: None)
        with prepare(folder, "walsall", 40, seed=5) as home:
            sign_in(home)
            known = links(home)
        current = (folder / "resolved" / "current.json").read_text(encoding="utf-8")
        wanted = [(KILLED, stage) for stage in STAGES]
        wanted += [(INTERRUPTED, stage) for stage in STAGES[::2]]
        wanted += [(FULL, stage) for stage in _FULL_AT]
        done = subprocess.run(
            [sys.executable, "-m", _PROGRAM, str(folder), json.dumps(wanted)],
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
            env=dict(os.environ),
        )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    runs = {(run["fault"], run["stage"]): run for run in found}
    return Stopped(folder=folder, current=current, links=known, runs=runs)


def sign_in(home: Home) -> None:
    """A session of a data manager, for the commands that follow."""
    with home.register.session() as session:
        [user] = [user for user in accounts.users(session) if "data_manager" in user.roles]
        limits = SessionLimits.from_settings(home.settings)
        token = sessions.start_session(session, user.user_id, home.clock(), limits)
        session.commit()
    tokens.keep(home.folder, token)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_the_last_good_result_stays(stopped: Stopped, stage: str) -> None:
    run = stopped.runs[KILLED, stage]
    assert run["code"] == -9
    assert run["current"] == stopped.current


@pytest.mark.parametrize("stage", STAGES[::2])
def test_interrupted_it_says_so_and_leaves_nothing(stopped: Stopped, stage: str) -> None:
    run = stopped.runs[INTERRUPTED, stage]
    assert run["code"] == 130
    assert "Interrupted; nothing half-done is kept." in run["said"]
    assert run["current"] == stopped.current


@pytest.mark.parametrize("stage", _FULL_AT)
def test_with_a_full_disk_it_says_so(stopped: Stopped, stage: str) -> None:
    run = stopped.runs[FULL, stage]
    assert run["code"] == 1
    assert run["current"] == stopped.current
    last = run["said"].strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert "not foresee" not in run["said"]
    assert "file may not grow" in last or "disk" in last


def test_what_stopped_runs_leave_is_swept_and_the_next_run_is_whole(stopped: Stopped) -> None:
    with Home.open(Settings(home=stopped.folder)) as home:
        assert links(home) == stopped.links
        assert pipeline.resolve(home, force=True).changed
        assert links(home) == stopped.links
        assert home.audit.verify() == []
    names = [entry.name for entry in (stopped.folder / "resolved").iterdir() if entry.is_dir()]
    assert all(name.startswith("x_") for name in names)
    assert len(names) <= 3
