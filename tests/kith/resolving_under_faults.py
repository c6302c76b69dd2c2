"""`kith resolve` in children that are stopped at a stage: run as a program, it prints what became
of each as one line of JSON.

Usage: resolving_under_faults.py HOME RUNS, where RUNS is JSON: a list of [fault, stage].
The libraries are imported once and every run is a fork, so that a dozen stages take seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import resolution
from kith import cli, pipeline
from kith.cli import console

KILLED, INTERRUPTED, FULL = "killed", "interrupted", "full"


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _fill() -> None:
    """From here on no file may grow: what a full disk is like."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))


_FAULTS: dict[str, Callable[[], None]] = {KILLED: _kill, INTERRUPTED: _interrupt, FULL: _fill}


def _resolve(home: Path, fault: str, stage: str, shown: int) -> None:
    """In the child: the command as at a terminal, with a fault as a stage begins."""

    def report(words: str, _share: float) -> None:
        if words.lower() == stage:
            _FAULTS[fault]()

    @contextlib.contextmanager
    def progress(**_options: object) -> Iterator[Callable[[str, float], None]]:
        yield report

    os.dup2(shown, 1)
    os.dup2(shown, 2)
    console.progress = progress
    sys.argv = ["kith", "resolve", "--force", "--home", str(home)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


def _run(home: Path, fault: str, stage: str) -> dict[str, object]:
    read, write = os.pipe()  # no file: a file could not grow when the disk is full
    child = os.fork()
    if child == 0:
        code = 70
        try:
            _resolve(home, fault, stage, write)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as stream:
        text = stream.read()
    _, status = os.waitpid(child, 0)
    return {
        "fault": fault,
        "stage": stage,
        "code": os.waitstatus_to_exitcode(status),
        "said": text,
        "current": (home / "resolved" / "current.json").read_text(encoding="utf-8"),
        "left": sorted(entry.name for entry in (home / "resolved").iterdir()),
    }


if __name__ == "__main__":
    assert resolution.resolve is not None
    assert pipeline.resolve is not None
    for wanted in json.loads(sys.argv[2]):
        print(json.dumps(_run(Path(sys.argv[1]), *wanted)), flush=True)
