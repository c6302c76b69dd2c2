"""Kith as a contestant, by the commands that a user types, each measured by itself.

Invariant: nothing but `kith` commands on a home of its own; the truth is given to `kith evaluate`
and to the simulated steward (`kith label --truth`), never to `kith resolve`.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import daily, measure
from bench.data import Prepared, Source
from bench.measure import Measured

_KITH = Path(sys.executable).parent / "kith"

AFTER_CLUSTERS = (
    "resolving addresses",
    "giving ids",
    "choosing golden values",
    "deriving households",
    "writing results",
    "writing the ledger",
)
"""Stages of a resolution that no peer has: they are in the whole time, not in that of linking."""

_SIGN_IN = re.compile(r"^(\w+)\s+(\S+)\s+\S+\s+\S", re.MULTILINE)
PURPOSE = ("--purpose", "record_linkage", "--reference", "BENCH-1")

Say = Callable[[str], None]


class CommandFailedError(RuntimeError):
    """A `kith` command did not end well."""


class KithHome:
    """A home for one run; `close` takes it away."""

    def __init__(self, prepared: Prepared, folder: Path) -> None:
        self.prepared = prepared
        self.folder = folder / "home"
        self.environment = {
            "KITH_HOME": str(self.folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "NEO4J_URI": "",
        }
        self.passwords: dict[str, str] = {}

    def kith(self, *arguments: str | Path, typed: str = "") -> Measured:
        """Run a command. Raises CommandFailedError with its own words."""
        command = [_KITH, *arguments]
        done = measure.run(command, environment=self.environment, typed=typed)
        if done.ended != "done":
            raise CommandFailedError(f"kith {arguments[0]}: {done.errors.strip()[-400:]}")
        return done

    def init(self) -> None:
        """Make the home and register its sources."""
        where = ["--area", self.prepared.area] if self.prepared.area != "blank" else []
        if not where:
            datasets = dict.fromkeys(source.dataset for source in self.prepared.sources)
            where = [word for name in datasets for word in ("--dataset", name)]
        made = self.kith("init", "--demo", *where)
        self.passwords = dict(_SIGN_IN.findall(made.output))

    def load(self, sources: Iterable[Source] | None = None) -> dict[str, Any]:
        """Load files, all of them if none are named; how many records came in."""
        taken, loads = 0.0, []
        for source in self.prepared.sources if sources is None else sources:
            done = self.kith(
                "load",
                source.file,
                "--dataset",
                source.dataset,
                "--mapping",
                source.mapping,
                "--json",
            )
            taken += done.seconds
            loads += [entry["load"] for entry in json.loads(done.output)["loads"]]
        records = sum(load["counts"]["rows"].get("record", 0) for load in loads)
        rejected = sum(load["rejected"] for load in loads)
        return {"records": records, "quarantined": rejected, "seconds": round(taken, 2)}

    def resolve(self, *options: str) -> dict[str, Any]:
        """Resolve and evaluate; the scores, and what resolving took."""
        done = self.kith("resolve", *options, "--json")
        counts = json.loads(done.output)["counts"]
        stages = counts.get("seconds", {})
        linking = sum(value for key, value in stages.items() if key not in AFTER_CLUSTERS)
        judged = self.kith("evaluate", "--truth", self.prepared.truth, "--json", "-")
        people = json.loads(judged.output)["people"]
        return {
            "scores": people,
            "stages": stages,
            "linking_seconds": round(linking, 3),
            "wall_seconds": done.seconds,
            "cpu_seconds": done.cpu_seconds,
            "peak_mb": done.peak_mb,
        }

    def label(self, budget: int, errors: float, seed: int) -> dict[str, Any]:
        """Let the simulated steward answer; what was asked, and how long the questions took."""
        self.sign_in("steward")
        given = ("--budget", str(budget), "--errors", str(errors), "--seed", str(seed))
        done = self.kith("label", "--truth", self.prepared.truth, *given, *PURPOSE, "--json")
        self.sign_in("manager")
        answered: dict[str, Any] = json.loads(done.output)
        return {**answered, "wall_seconds": done.seconds, "peak_mb": done.peak_mb}

    def a_day_later(self) -> dict[str, Any] | None:
        """Load the files again with a hundredth changed, and resolve what changed.

        None if this version has no `--changed`.
        """
        if "--changed" not in self.kith("resolve", "--help").output:
            return None
        folder = self.folder.with_name("changed")
        folder.mkdir()
        sources, rows = daily.changed(self.prepared.sources, folder)
        loaded = self.load(sources)
        return {**self.resolve("--changed"), "changed_rows": rows, "load": loaded}

    def sign_in(self, username: str) -> None:
        typed = self.passwords[username] + "\n"
        self.kith("login", "--user", username, "--password-file", "-", typed=typed)


@contextmanager
def home(prepared: Prepared) -> Iterator[KithHome]:
    """A home that is there for the time of a block."""
    folder = Path(tempfile.mkdtemp(prefix="kith-bench-home-"))
    try:
        yield KithHome(prepared, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def link(prepared: Prepared, *, budget: int, errors: float, seeds: int, say: Say) -> dict[str, Any]:
    """The first result without labels, then one with labels for each seed.

    Every seed starts from a home of its own, so that no label is there twice. A command that
    fails ends the run and is told in `error`; what was measured before it stays.
    """
    found: dict[str, Any] = {"labelled": []}
    try:
        for seed in range(1, seeds + 1):
            with home(prepared) as mine:
                _link_once(mine, found, budget, errors, seed, say)
            if budget == 0:
                break
    except CommandFailedError as fault:
        found["error"] = str(fault)
        say(str(fault))
    return found


def _link_once(
    mine: KithHome, found: dict[str, Any], budget: int, errors: float, seed: int, say: Say
) -> None:
    mine.init()
    loaded = mine.load()
    first = mine.resolve()
    found.setdefault("load", loaded)
    found.setdefault("first", first)
    say(f"without labels F1 {first['scores']['f1']:.4f}")
    if budget == 0:
        return
    labels = mine.label(budget, errors, seed)
    after = mine.resolve()
    say(f"seed {seed}: {labels['labels']} labels, F1 {after['scores']['f1']:.4f}")
    found["labelled"].append({**after, "label": labels, "labels": labels["labels"]})
    if seed == 1:
        found["daily"] = mine.a_day_later()
