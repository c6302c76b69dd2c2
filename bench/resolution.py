"""Kith, Splink and dedupe on the same data, in one order, each measured by itself.

    .venv/bin/python -m bench.resolution [--data NAME ...] [--json OUT] [--markdown OUT]
        [--merge] [--again] [--seeds 3] [--budget 400] [--errors 0]
        [--only kith|splink|dedupe] [--cache DIR]

Invariant: contestants run one after the other, never side by side, and the data are made before
the clock starts. See docs/benchmarks.md for what is compared and how fair it is.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import kith_pipeline, measure, report
from bench.data import NAMES, Prepared, prepare

CONTESTANTS = ("kith", "splink", "dedupe")
DEDUPE_SECONDS = 300
DEDUPE_MEMORY_MB = 10_000


def main() -> None:
    """Run from the command line."""
    given = options().parse_args()
    console = Console(stderr=True)
    results: dict[str, Any] = {"machine": _machine(), "given": _plain(given), "data": {}}
    if (given.merge or given.again) and given.json and given.json.exists():
        results["data"] = json.loads(given.json.read_text(encoding="utf-8"))["data"]
    for name in [] if given.again else given.data or NAMES:
        console.print(f"[bold]{name}[/bold]: preparing")
        _make_frame(name, given)
        prepared = prepare(name, given.cache, given.area_seed)
        entry = results["data"].setdefault(name, {})
        for contestant in [given.only] if given.only else CONTESTANTS:
            console.print(f"  {contestant} ...")

            def say(words: str) -> None:
                console.print(f"    {words}", highlight=False)

            entry[_row(contestant, given)] = _RUNNERS[contestant](prepared, given, say)
            _save(results, given.json)
    Console(width=max(Console().width, 150)).print(report.table(results))
    if given.markdown:
        report.into(given.markdown, results)


def options() -> argparse.ArgumentParser:
    """What the command can be told."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", action="append", choices=NAMES, help="again for more; all")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every figure")
    parser.add_argument("--merge", action="store_true", help="keep what OUT has of other runs")
    parser.add_argument(
        "--markdown", type=Path, metavar="PAGE", help="write the table between the page's marks"
    )
    parser.add_argument("--again", action="store_true", help="measure nothing: show what OUT has")
    parser.add_argument("--seeds", type=int, default=3, help="of the steward's slips")
    parser.add_argument("--budget", type=int, default=400, help="most labels; 0: none")
    parser.add_argument("--errors", type=float, default=0.0, help="share of wrong answers")
    parser.add_argument("--only", choices=CONTESTANTS)
    parser.add_argument("--area-seed", type=int, default=1, help="of the demonstration area")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "kith-bench", metavar="DIR"
    )
    return parser


def _make_frame(name: str, given: argparse.Namespace) -> None:
    """Make the data and the peers' frame in a process of their own, so that no memory stays."""
    code = (
        "import sys, pathlib; from bench import data, frames;"
        "frames.frame(data.prepare(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])))"
    )
    made = measure.run([sys.executable, "-c", code, name, given.cache, str(given.area_seed)])
    if made.ended != "done":
        raise SystemExit(f"{name} cannot be made: {made.errors}")


def _kith(prepared: Prepared, given: argparse.Namespace, say: Callable[[str], None]) -> Any:
    found = kith_pipeline.link(
        prepared, budget=given.budget, errors=given.errors, seeds=given.seeds, say=say
    )
    return {**found, "errors": given.errors}


def _splink(prepared: Prepared, given: argparse.Namespace, say: Callable[[str], None]) -> Any:
    return _peer("bench.splink_pipeline", prepared, given, say, [], None, None)


def _dedupe(prepared: Prepared, given: argparse.Namespace, say: Callable[[str], None]) -> Any:
    more = ["--budget", str(given.budget), "--errors", str(given.errors)]
    memory_mb = min(DEDUPE_MEMORY_MB, measure.free_mb() * 3 // 4)
    found = _peer("bench.dedupe_pipeline", prepared, given, say, more, DEDUPE_SECONDS, memory_mb)
    return {**found, "memory_limit_mb": memory_mb}


def _peer(
    module: str,
    prepared: Prepared,
    given: argparse.Namespace,
    say: Callable[[str], None],
    more: list[str],
    seconds: float | None,
    memory_mb: int | None,
) -> dict[str, Any]:
    """Run a peer's module; what it wrote, with what it took."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        command: list[str | Path] = [sys.executable, "-m", module, prepared.name]
        command += ["--cache", given.cache, "--out", out, "--area-seed", str(given.area_seed)]
        done = measure.run([*command, *more], seconds=seconds, memory_mb=memory_mb)
        wrote = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    found: dict[str, Any] = {
        **wrote,
        "ended": done.ended,
        "wall_seconds": done.seconds,
        "cpu_seconds": done.cpu_seconds,
        "peak_mb": done.peak_mb,
    }
    if done.ended == "failed" and "MemoryError" in done.errors:
        found["ended"] = "memory"
    elif done.ended == "failed":
        found["error"] = done.errors[-600:]
    scores = found.get("scores")
    say(f"F1 {scores['f1']:.4f}" if scores else f"no result: {report.why_not(found)}")
    return found


_RUNNERS: dict[str, Callable[[Prepared, argparse.Namespace, Callable[[str], None]], Any]] = {
    "kith": _kith,
    "splink": _splink,
    "dedupe": _dedupe,
}


def _machine() -> dict[str, Any]:
    packages = ("kithgraph", "splink", "dedupe", "duckdb", "lightgbm")
    return {
        "on": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "versions": {name: _version(name) for name in packages},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _row(contestant: str, given: argparse.Namespace) -> str:
    """Where a contestant's figures stand: with wrong answers Kith has a row of its own."""
    wrong = contestant == "kith" and given.errors > 0
    return report.KITH_WRONG if wrong else contestant


def _plain(given: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(given, name) for name in ("seeds", "budget", "errors", "area_seed")}


def _save(results: dict[str, Any], file: Path | None) -> None:
    if file is None:
        return
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    draft.replace(file)


if __name__ == "__main__":
    main()
