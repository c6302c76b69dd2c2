"""A data set of people alone: a CSV, its mapping and the truth, by the commands of the manual."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PEOPLE = Path(__file__).parents[1] / "data" / "people"
DATASET = ("--dataset", "people/fake1000")
Kith = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.slow


@pytest.fixture
def kith(tmp_path: Path) -> Kith:
    """Runs a command in a home of its own, as a user's shell would."""
    program = Path(sys.executable).parent / "kith"
    kept = {name: value for name, value in os.environ.items() if name != "NEO4J_URI"}
    environment = {
        **kept,
        "KITH_HOME": str(tmp_path / "trial"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }

    def run(*arguments: str | Path, typed: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *map(str, arguments)],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_people_are_loaded_resolved_and_evaluated(kith: Kith, tmp_path: Path) -> None:
    assert kith("init", *DATASET, "--basis", "public_task").returncode == 0
    first = kith("load", PEOPLE / "fake_1000.csv", *DATASET)
    assert (first.returncode, first.stderr) == (0, "")
    assert "1,000 rows in, 1,000 accepted, 0 quarantined" in first.stdout
    assert "nothing changed" in kith("load", PEOPLE / "fake_1000.csv", *DATASET).stdout
    assert len(json.loads(kith("loads", "--json").stdout)) == 1
    resolved = json.loads(kith("resolve", "--json").stdout)
    assert resolved["changed"]
    assert not json.loads(kith("resolve", "--json").stdout)["changed"]
    out = tmp_path / "scores.json"
    judged = kith("evaluate", "--truth", PEOPLE / "fake_1000_truth.csv", "--json", out)
    assert judged.returncode == 0
    assert "precision" in judged.stdout
    people = json.loads(out.read_text(encoding="utf-8"))["people"]
    assert people["records"] == 1000
    assert people["true_pairs"] == 2031
    assert people["precision"] > 0.99
    assert kith("project").returncode == 0
    assert json.loads(kith("status", "--json").stdout)["graph_is_current"]


def test_what_cannot_be_done_says_why_and_changes_nothing(kith: Kith, tmp_path: Path) -> None:
    missing = kith("loads")
    assert missing.returncode == 2
    assert "kith init" in missing.stderr
    made = kith("init", *DATASET, "--basis", "public_task")
    assert kith("init", *DATASET, "--basis", "public_task").returncode == 2
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,forename\n1,Ann\n", encoding="utf-8")
    mapping = Path(__file__).parents[2] / "areas" / "mappings" / "samples" / "people-fake1000.toml"
    drifted = kith("load", wrong, *DATASET, "--mapping", mapping)
    assert drifted.returncode == 4
    assert "the layout has changed" in drifted.stderr
    unregistered = kith("load", PEOPLE / "fake_1000.csv", "--dataset", "people/other")
    assert unregistered.returncode == 4
    assert "not registered" in unregistered.stderr
    empty = kith("resolve")
    assert empty.returncode == 1
    assert "kith load" in empty.stderr
    refused = kith("check", "1 High Street", "--purpose", "visit")
    assert refused.returncode == 3
    assert kith("logout").returncode == 0
    assert kith("loads").returncode == 3
    password = next(line.split()[1] for line in made.stdout.splitlines() if "manager" in line)
    login = ("login", "--user", "manager", "--password-file", "-")
    first = kith(*login, typed=f"{password}\n")
    assert first.returncode != 0
    assert "--new-password-file" in first.stderr
    own = tmp_path / "own"
    own.write_text("three otters near the weir", encoding="utf-8")
    signed = kith(*login, "--new-password-file", own, typed=f"{password}\n")
    assert signed.returncode == 0
    assert kith("loads").returncode == 0
    bad = kith("login", "--user", "manager", "--password-file", "-", typed="not it\n")
    assert bad.returncode != 0
    assert "not right" in bad.stderr
