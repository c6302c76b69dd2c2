"""kill -9 while resolving or projecting: the last good state stays, and a rerun completes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kith import pipeline
from kith.cli.demo import prepare
from kith.cli.options import settings_for
from kith.home import Home

pytestmark = pytest.mark.slow

_KILLED = """
import os, signal, sys
from pathlib import Path
from kith import pipeline
from kith.cli.options import settings_for
from kith.home import Home

calls = 0

def report(stage, share):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

with Home.open(settings_for(Path(sys.argv[1]))) as home:
    if sys.argv[2] == "resolve":
        pipeline.resolve(home, report=report, force=True)
    else:
        pipeline.project(home, report=report)
"""


def _run_killed(folder: Path, step: str, call: int) -> int:
    command = [sys.executable, "-c", _KILLED, str(folder), step, str(call)]
    environment = {name: value for name, value in os.environ.items() if name != "NEO4J_URI"}
    return subprocess.run(command, env=environment, check=False, timeout=300).returncode


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small demonstration home, resolved and projected once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NEO4J_URI", raising=False)
        folder = tmp_path_factory.mktemp("kill") / "home"
        prepare(folder, "walsall", 150, seed=5).close()
        yield folder


def _links(home: Home) -> dict[str, str]:
    table = pipeline.current_result(home).read("link", columns=["record_id", "person_id"])
    return dict(zip(table["record_id"].to_pylist(), table["person_id"].to_pylist(), strict=True))


@pytest.mark.parametrize("call", [1, 3, 5, 7, 8])
def test_a_resolution_killed_at_any_stage(loaded: Path, tmp_path: Path, call: int) -> None:
    folder = tmp_path / "home"
    shutil.copytree(loaded, folder)
    with Home.open(settings_for(folder)) as home:
        before, links = pipeline.read_current(home), _links(home)
    assert _run_killed(folder, "resolve", call) == -signal.SIGKILL
    with Home.open(settings_for(folder)) as home:
        assert pipeline.read_current(home) == before
        assert _links(home) == links
        again = pipeline.resolve(home, force=True)
        assert again.changed
        assert _links(home) == links
        left = [entry.name for entry in (folder / "resolved").iterdir() if entry.is_dir()]
        assert all(name.startswith("x_") for name in left)


def test_a_first_projection_killed_on_its_way_goes_on(loaded: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    shutil.copytree(loaded, folder)
    shutil.rmtree(folder / "graph")
    shutil.rmtree(folder / "projection")
    for name in ("graph", "projection"):
        (folder / name).mkdir()
    killed = [_run_killed(folder, "project", call) for call in (1, 2, 3)]
    assert -signal.SIGKILL in killed
    with Home.open(settings_for(folder)) as home:
        pipeline.project(home)
        assert not pipeline.project(home).changed
        counted = home.store.run("MATCH (r:Record) RETURN count(r) AS records")[0]["records"]
        assert counted == len(_links(home))
