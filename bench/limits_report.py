"""The bounds as a table, for the terminal and for the manual.

Invariant: a function of the figures alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.table import Table

BEGIN, END = "<!-- limits -->", "<!-- end of limits -->"
HEADINGS = ("data", "what", "precision", "recall", "F1")


def table(results: dict[str, Any]) -> Table:
    """A table for the terminal."""
    shown = Table(*HEADINGS, title="Where the limit lies")
    for column in shown.columns[2:]:
        column.justify = "right"
    for row in rows(results):
        shown.add_row(*row)
    return shown


def into(page: Path, results: dict[str, Any]) -> None:
    """Write the table into a page, between its marks.

    Raises:
        ValueError: if the page has no marks.
    """
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page.name} lacks the marks {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|---|--:|--:|--:|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows(results)]
    made = f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.split(END, 1)[1]}"
    page.write_text(made, encoding="utf-8")


def rows(results: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """One row for each bound."""
    for name, found in results.items():
        pairs = f"{found['candidate_pairs']:,} candidate pairs"
        yield name, pairs, "", f"{found['blocking_recall']:.4f}", ""
        for step, scores in found["steps"].items():
            figures = (f"{scores[key]:.4f}" for key in ("precision", "recall", "f1"))
            yield (name, step, *figures)
