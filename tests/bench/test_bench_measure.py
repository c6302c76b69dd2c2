"""What a command takes is its own, children included; a limit stops it and all below it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import measure

HOLD = "held = bytearray({mb} * 2**20); held[::4096] = b'x' * len(held[::4096]); "


def _python(code: str, **limits: float | int | None) -> measure.Measured:
    return measure.run([sys.executable, "-c", code], **limits)  # type: ignore[arg-type]


def test_memory_of_the_command_and_not_of_who_asks() -> None:
    mine = bytearray(300 * 2**20)
    mine[::4096] = b"x" * len(mine[::4096])
    small = _python("import time; time.sleep(.3)")
    large = _python(HOLD.format(mb=150) + "import time; time.sleep(.3)")
    assert small.peak_mb < 100
    assert 150 < large.peak_mb < 250
    assert len(mine)


def test_memory_of_the_children_is_added() -> None:
    child = HOLD.format(mb=80) + "import time; time.sleep(1)"
    code = (
        "import subprocess, sys; "
        f"all = [subprocess.Popen([sys.executable, '-c', {child!r}]) for _ in range(2)]; "
        "[one.wait() for one in all]"
    )
    assert _python(code).peak_mb > 160


def test_cpu_of_the_children_is_added() -> None:
    busy = "import time; t = time.process_time()\nwhile time.process_time() - t < .5: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert _python(code).cpu_seconds >= 0.5


def test_what_it_prints_and_how_it_ends() -> None:
    done = _python("print('out'); import sys; print('err', file=sys.stderr); sys.exit(3)")
    assert (done.ended, done.code, done.output, done.errors) == ("failed", 3, "out\n", "err\n")
    assert measure.run(["cat"], typed="word").output == "word"


def test_a_limit_of_time_stops_the_children_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); child.wait()"
    )
    done = _python(code, seconds=2)
    assert done.ended == "time"
    child = int(note.read_text(encoding="utf-8"))
    status = Path(f"/proc/{child}/stat")
    assert not status.exists() or status.read_text(encoding="utf-8").split()[2] == "Z"


@pytest.mark.parametrize("mb", [100])
def test_a_limit_of_memory_holds(mb: int) -> None:
    done = _python(HOLD.format(mb=4 * mb), memory_mb=2 * mb)
    assert done.ended in {"failed", "memory"}
    assert done.peak_mb < 3 * mb
