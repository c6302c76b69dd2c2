"""Staging: a load is whole or absent, whatever dies when; the same file twice changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import loaders
from governance import loads as ledger
from governance.errors import RegistrationError
from tests.loaders.conftest import PEOPLE_MAPPING, ROOT, Desk, people_csv

ROWS = ("1,Lee,Ann,1984,,F,,,1 A St,WS1 1AA", "2,Ray,Jo,1990,,M,,,2 B St,")
STAGES = [
    "Recognising the file",
    "Reading the file",
    "Standardising",
    "Writing",
    "Written: record",
    "Written: residence",
    "Putting in place",
    "Writing the ledger",
    "Staged",
]

# Loads the file given, and at one stage dies as a machine does that loses power.
CHILD = """
import os, signal, sys
from pathlib import Path
import loaders
from governance.register import Register
from tests.loaders.conftest import open_context

home, file, mapping, stage = Path(sys.argv[1]), *map(Path, sys.argv[2:4]), sys.argv[4]

def progress(told, _share):
    if told == stage:
        os.kill(os.getpid(), signal.SIGKILL)

context = open_context(home, Register(f"sqlite:///{home / 'register.sqlite'}"))
if sys.argv[5] == "snapshot":
    loaders.take_snapshot(context, progress=progress)
else:
    mappings = loaders.read_mappings([mapping])
    loaders.load_file(file, mappings=mappings, context=context, progress=progress)
"""


def _child(desk: Desk, file: Path, stage: str, what: str = "load") -> int:
    home = desk.context.home
    arguments = [str(home), str(file), str(desk.folder / "test.toml"), stage, what]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], env=environment, check=False)
    return done.returncode


def _folders(desk: Desk) -> list[Path]:
    staging = desk.context.home / "staging"
    return [path for path in staging.glob("*/*/*") if path.is_dir()]


def _ledger(desk: Desk) -> list[ledger.LoadEntry]:
    with desk.context.session() as session:
        return ledger.loads(session)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_any_stage_the_last_good_state_stays_and_a_rerun_completes(
    desk: Desk, stage: str
) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    first = desk.load_text(people_csv(ROWS[0]), mapping)
    file = desk.file(people_csv(*ROWS), "second.csv")

    assert _child(desk, file, stage) == -signal.SIGKILL

    keys = [row["source_key"] for row in desk.rows()]
    survived = stage == "Staged"
    assert keys == (["1", "2"] if survived else ["1"])
    assert [entry.state for entry in _ledger(desk)] == ["staged"] * (2 if survived else 1)
    again = desk.load(file, mapping)
    assert again.state == ("unchanged" if survived else "staged")
    assert [row["source_key"] for row in desk.rows()] == ["1", "2"]
    assert {folder.name for folder in _folders(desk)} == {first.entry.load_id, again.entry.load_id}
    assert list((desk.context.home / "staging").glob(".building-*")) == []


@pytest.mark.parametrize("stage", ["Taking a snapshot: contact", "Putting the snapshot in place"])
def test_killed_while_taking_a_snapshot_the_next_one_is_whole(desk: Desk, stage: str) -> None:
    desk.load_text(people_csv(*ROWS), desk.mapping(PEOPLE_MAPPING))
    assert _child(desk, desk.folder, stage, "snapshot") == -signal.SIGKILL
    snapshots = desk.context.home / "snapshots"
    assert [path for path in snapshots.iterdir() if path.name[0] != "."] == []
    assert loaders.sweep(desk.context) == 1
    assert len(desk.rows()) == 2


def test_the_same_file_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    first = desk.load_text(people_csv(*ROWS), mapping)
    before = desk.snapshot().snapshot_id
    second = desk.load(desk.file(people_csv(*ROWS), "other name.csv"), mapping)
    assert (second.state, second.entry) == ("unchanged", first.entry)
    assert desk.snapshot().snapshot_id == before
    assert len(_ledger(desk)) == len(_folders(desk)) == 1


def test_an_older_full_extract_that_comes_back_is_news(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    for rows in (ROWS, ROWS[:1], ROWS):
        assert desk.load_text(people_csv(*rows), mapping).state == "staged"
    assert len(desk.rows()) == 2


def test_a_file_is_read_again_when_its_mapping_has_changed(desk: Desk) -> None:
    desk.load_text(people_csv(*ROWS), desk.mapping(PEOPLE_MAPPING))
    newer = desk.mapping(PEOPLE_MAPPING.replace("version = 1", "version = 2"))
    assert desk.load_text(people_csv(*ROWS), newer).state == "staged"


def test_a_refused_file_is_in_the_ledger_and_changes_nothing(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    desk.load_text(people_csv(*ROWS), mapping)
    before = desk.snapshot().snapshot_id
    drifted = people_csv(*ROWS).replace("Surname", "Family Surname", 1)
    result = desk.load_text(drifted, mapping)
    assert result.state == "refused"
    assert "'Surname' (is it 'Family Surname' now?) missing" in str(result.reason)
    assert _ledger(desk)[-1].reason == result.reason
    assert desk.snapshot().snapshot_id == before
    assert desk.load_text(drifted, mapping).state == "refused"  # and it may be tried again


def test_nothing_is_loaded_from_a_source_that_is_not_registered(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    file = desk.file(people_csv(*ROWS))
    for dataset in ("police/unheard", "nobody/niche"):
        with pytest.raises(RegistrationError, match="not registered"):
            desk.load(file, mapping, dataset)
    with pytest.raises(loaders.NotRecognisedError, match="AGENCY/SYSTEM"):
        desk.load(file, mapping, "police")
    assert _ledger(desk) == []
    assert not (desk.context.home / "staging").exists()


def test_the_dataset_given_stands_before_the_mapping_s(desk: Desk) -> None:
    file = desk.file(people_csv(*ROWS))
    result = desk.load(file, desk.mapping(PEOPLE_MAPPING), "children/lcs")
    assert (result.entry.agency, result.entry.dataset) == ("children", "lcs")
    assert {row["share_key"] for row in desk.rows()} == {"children|lcs|person"}


def test_the_ledger_tells_who_when_what_and_how_much(desk: Desk) -> None:
    result = desk.load_text(people_csv(*ROWS, ",No,Key,,,,,,,"), desk.mapping(PEOPLE_MAPPING))
    (entry,) = _ledger(desk)
    assert entry == result.entry
    assert (entry.rows_in, entry.accepted, entry.rejected) == (3, 2, 1)
    assert (entry.loaded_by, entry.file_name, entry.mapping) == ("u_tester", "people.csv", "test")
    assert entry.counts["rows"] == {"record": 2, "residence": 2}
    assert len(entry.sha256) == 64
    assert result.quarantine is not None
    assert result.quarantine.exists()


def test_values_of_people_reach_neither_ledger_nor_messages(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING)
    told = [
        desk.load_text(people_csv("1,Verysecret,Ann,77/77/7777,,Q,123,,,NOPE"), mapping),
        desk.load_text(people_csv(*(",Verysecret,Ann,,,,,,," for _ in range(9))), mapping),
        desk.load_text(people_csv("1,Verysecret,Ann").replace("Ref", "Key", 1), mapping),
    ]
    text = repr([(result.state, result.reason, result.entry) for result in told])
    assert [result.state for result in told] == ["staged", "refused", "refused"]
    for value in ("Verysecret", "77/77", "NOPE"):
        assert value not in text


def test_files_loaded_at_once_all_come_in_and_only_once(desk: Desk) -> None:
    mapping = desk.mapping(PEOPLE_MAPPING.replace('extract = "full"', 'extract = "delta"'))
    files = [desk.file(people_csv(f"{n % 3},Lee,Ann,,,,,,,"), f"{n}.csv") for n in range(6)]
    states: list[str] = []

    def load(file: Path) -> None:
        states.append(desk.load(file, mapping).state)

    threads = [threading.Thread(target=load, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["staged"] * 3 + ["unchanged"] * 3
    assert len(desk.rows()) == 3


def test_staged_files_are_for_their_owner_alone(desk: Desk) -> None:
    desk.load_text(people_csv(*ROWS), desk.mapping(PEOPLE_MAPPING))
    for folder in [desk.context.home / "staging", *_folders(desk)]:
        assert folder.stat().st_mode & 0o077 == 0
