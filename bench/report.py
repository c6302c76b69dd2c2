"""The figures of a run as a table, for the terminal and for the manual.

Invariant: a function of the JSON alone, so the manual's table can be made again from it.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

KITH_WRONG = "kith_wrong"
"""Kith's figures with a steward who is wrong now and then."""

HEADINGS = (
    "data",
    "contestant",
    "labels",
    "P",
    "R",
    "F1",
    "B-cubed F1",
    "clusters F1",
    "linking s",
    "wall s",
    "CPU s",
    "peak MB",
    "linking / Splink",
)
_SCORES = ("precision", "recall", "f1", "bcubed_f1", "cluster_f1")
_COSTS = ("linking_seconds", "wall_seconds", "cpu_seconds", "peak_mb")


def table(results: dict[str, Any]) -> Table:
    """A table for the terminal."""
    shown = Table(*HEADINGS, title="Entity resolution on the same data")
    for column in shown.columns[2:]:
        column.justify = "right"
    for row in rows(results):
        shown.add_row(*row)
    return shown


def markdown(results: dict[str, Any]) -> str:
    """The same table for the manual."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|" + "--:|" * (len(HEADINGS) - 2)]
    lines += ["| " + " | ".join(row) + " |" for row in rows(results)]
    return "\n".join(lines) + "\n"


def into(file: Path, results: dict[str, Any]) -> None:
    """Write the table into a page, between its marks; a page without them is the table alone."""
    page = file.read_text(encoding="utf-8") if file.exists() else ""
    made = markdown(results)
    if BEGIN in page and END in page:
        before, rest = page.split(BEGIN, 1)
        made = f"{before}{BEGIN}\n{made}{END}{rest.split(END, 1)[1]}"
    file.write_text(made, encoding="utf-8")


def rows(results: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each result, in words."""
    for name, entry in results["data"].items():
        splink = entry.get("splink", {}).get("linking_seconds")
        for who, found in _results(entry):
            yield (name, who, *_cells(found, splink))
        rescore = entry.get("splink", {}).get("stages", {}).get("rescore")
        if rescore is not None:
            blank = ("",) * 6
            yield (name, "Splink, stored model", *blank, f"{rescore:.1f}", "", "", "", "")


def why_not(found: dict[str, Any]) -> str:
    """Why there is no result, in words."""
    if found.get("ended") in {"time", "memory"}:
        stages = ", ".join(found.get("stages", {})) or "nothing"
        limit = "its time" if found["ended"] == "time" else "its memory"
        return f"stopped at {limit}; done: {stages}"
    return "failed" if found.get("ended") == "failed" else "not run"


def _results(entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    kith = entry.get("kith")
    if kith:
        if "first" in kith:
            yield "Kith, no labels", {**kith["first"], "labels": 0}
        if kith.get("labelled"):
            yield f"Kith, median of {len(kith['labelled'])}", _median(kith["labelled"])
        if kith.get("daily"):
            yield "Kith, 1 % changed", {**kith["daily"], "labels": 0}
        if "error" in kith:
            yield "Kith, further", {"ended": "failed"}
    wrong = entry.get(KITH_WRONG, {})
    if wrong.get("labelled"):
        words = f"Kith, {wrong['errors']:.0%} wrong answers, median of {len(wrong['labelled'])}"
        yield words, _median(wrong["labelled"])
    if "splink" in entry:
        yield "Splink 5, expert, best threshold", entry["splink"]
    if "dedupe" in entry:
        yield "dedupe 3", entry["dedupe"]


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Figure by figure; the precision of one seed and the recall of another may stand together."""
    found: dict[str, Any] = {
        name: statistics.median(run[name] for run in runs) for name in (*_COSTS, "labels")
    }
    found["scores"] = {
        name: statistics.median(run["scores"][name] for run in runs) for name in _SCORES
    }
    return found


def _cells(found: dict[str, Any], splink: float | None) -> Iterator[str]:
    yield f"{found.get('labels', 0):.0f}"
    scores = found.get("scores")
    if scores is None:
        yield from ("", "", why_not(found), "", "")
    else:
        yield from (f"{scores[name]:.4f}" for name in _SCORES)
    linking = found.get("linking_seconds") if scores else None
    yield f"{linking:.1f}" if linking is not None else ""
    for name in _COSTS[1:]:
        yield _number(found.get(name))
    yield f"{linking / splink:.2f}" if linking is not None and splink else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
