"""Many writers of one audit, and a sudden end: the chain is whole at every moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from governance.audit import Audit
from tests.governance.builders import address_checked


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


def test_threads_write_one_chain(audit: Audit) -> None:
    def write() -> None:
        for number in range(20):
            audit.record(address_checked(number))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.count() == 160
    assert audit.verify() == []


def _write_in_process(url: str, number: int) -> None:
    audit = Audit(url)
    audit.upgrade()
    for _ in range(number):
        audit.record(address_checked())
    audit.close()


def test_processes_write_one_chain_and_may_all_make_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audit.sqlite'}"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_in_process, args=(url, 25)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    audit = Audit(url)
    assert audit.count() == 75
    assert audit.verify() == []
    audit.close()


def test_a_chain_being_written_verifies_at_every_moment(audit: Audit) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            audit.record(address_checked())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [audit.verify() for _ in range(40)]
    finally:
        stop.set()
        writer.join()
    assert found == [[]] * 40


@pytest.mark.parametrize("moment", [0.01, 0.05, 0.11])
def test_a_writer_killed_at_any_moment_leaves_a_whole_chain(
    audit: Audit, path: Path, moment: float
) -> None:
    code = f"""
from governance.audit import Audit
from tests.governance.builders import address_checked
audit = Audit("sqlite:///{path}")
while True:
    print(audit.record(address_checked()).sequence, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(moment)
    os.kill(process.pid, signal.SIGKILL)
    said = [1, *(int(line) for line in process.stdout.read().splitlines() if line)]
    process.wait()
    process.stdout.close()
    assert audit.verify() == []
    assert audit.count() >= said[-1]  # what was acknowledged is there
    audit.record(address_checked())
    assert audit.verify() == []
