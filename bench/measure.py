"""Running a command by itself and measuring what it takes.

Invariant: the figures are those of the command and of every process below it, and nothing else's;
a command that is stopped leaves none of them behind.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_EVERY = 0.05
_MB = 2**20
_KEPT = {"PYTHONDONTWRITEBYTECODE": ""}  # compiled modules are kept, as a user's Python does


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a command took.

    Attributes:
        ended: "done", "failed", "time" or "memory": the last two were stopped at their limit.
        seconds: wall clock.
        cpu_seconds: of the command and the processes below it.
        peak_mb: the most memory that they held at one time, counting what they share once.
        output: what it printed; errors: what it said on its error stream, the end of it.
    """

    ended: str
    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str
    errors: str


def free_mb() -> int:
    """Memory that a program could have now."""
    return int(psutil.virtual_memory().available / _MB)


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float | None = None,
    memory_mb: int | None = None,
    typed: str = "",
) -> Measured:
    """Run a command to its end, or to a limit.

    Args:
        environment: added to this process's own.
        seconds: stop it after so long.
        memory_mb: no process of it may have more address space, nor all together hold more.
        typed: what it reads on its input.
    """

    def limit() -> None:
        if memory_mb is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=err,
            env={**os.environ, **_KEPT, **(environment or {})},
            start_new_session=True,
            preexec_fn=limit,  # noqa: PLW1509  (this process has no threads)
        )
        assert process.stdin is not None
        with process.stdin:
            process.stdin.write(typed.encode())
        stopped, peak, usage = _watch(process, begun, seconds, memory_mb)
        taken = time.perf_counter() - begun
        code = process.returncode
        out.seek(0)
        err.seek(0)
        return Measured(
            ended=stopped or ("done" if code == 0 else "failed"),
            code=code,
            seconds=round(taken, 2),
            cpu_seconds=round(usage.ru_utime + usage.ru_stime, 2),
            peak_mb=round(peak, 1),
            output=out.read().decode(errors="replace"),
            errors=err.read().decode(errors="replace")[-4000:],
        )


def _watch(
    process: subprocess.Popen[bytes],
    begun: float,
    seconds: float | None,
    memory_mb: int | None,
) -> tuple[str | None, float, resource.struct_rusage]:
    """Sample until the process ends; why it was stopped, its peak and what it used."""
    peak, stopped = 0.0, None
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            _kill(process.pid)  # whatever it left behind
            return stopped, peak, usage
        held = _held_mb(process.pid)
        peak = max(peak, held, _highest_mb(process.pid))
        if stopped is None and memory_mb is not None and held > memory_mb:
            stopped = "memory"
        if stopped is None and seconds is not None and time.perf_counter() - begun > seconds:
            stopped = "time"
        if stopped is not None:
            _kill(process.pid)
        time.sleep(_EVERY)


def _kill(group: int) -> None:
    """End our own process group; it may be gone already."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _highest_mb(pid: int) -> float:
    """The most that the program itself held so far.

    Not `ru_maxrss`: that counts what this process held when it made the new one.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def _held_mb(pid: int) -> float:
    """Resident memory of a process, and what its children hold of their own."""
    try:
        process = psutil.Process(pid)
        held = process.memory_info().rss
        for child in process.children(recursive=True):
            try:
                held += child.memory_full_info().uss
            except psutil.Error:
                continue
    except psutil.Error:
        return 0.0
    return float(held / _MB)
