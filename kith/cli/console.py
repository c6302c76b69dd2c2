"""What a command prints: tables for people, JSON for programs, progress for whoever waits.

Invariant: results go to standard output, everything else to standard error; progress bars and
colours appear only on a terminal; no value printed here steers the terminal (kith.visible).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table

from kith.plain import to_plain
from kith.visible import visible, visible_json

_WIDE = 200  # where there is no terminal to fit, nothing is folded


class _Plainly(Console):
    """A console whose own styles steer the terminal, and nothing that it prints."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)


out = _Plainly(highlight=False)
if not out.is_terminal:
    out = _Plainly(highlight=False, width=_WIDE)
err = _Plainly(stderr=True, soft_wrap=True, highlight=False)

Report = Callable[[str, float], None]
"""What a long stage calls: the stage in words, and its share done from 0 to 1."""


def say(text: str) -> None:
    """A line of news for the person who waits."""
    err.print(escape(text))


def heading(text: str) -> None:
    out.print(f"[bold]{escape(text)}[/bold]", soft_wrap=True)


def line(text: str = "") -> None:
    out.print(escape(text), soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """A table; None is shown as a dash."""
    drawn = Table(title=escape(title) or None, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(escape(column), overflow="fold")
    for row in rows:
        drawn.add_row(*(escape("–" if cell is None else str(cell)) for cell in row))
    out.print(drawn)


def as_json(value: Any) -> None:
    """One JSON document on standard output, and nothing else."""
    click.echo(visible_json(json.dumps(to_plain(value), ensure_ascii=False, indent=2)))


@contextlib.contextmanager
def progress(*, lines: bool = False) -> Iterator[Report]:
    """A bar per stage on a terminal; elsewhere nothing, or a line as each stage begins."""
    if not err.is_terminal:
        yield _Lines().report if lines else _silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as bars:
        yield _Bars(bars).report


def _begun(stage: str) -> str:
    return stage[:1].upper() + stage[1:]


def _silent(_stage: str, _share: float) -> None:
    return None


class _Lines:
    def __init__(self) -> None:
        self._stage = ""

    def report(self, stage: str, share: float) -> None:
        if stage != self._stage and share < 1.0:
            self._stage = stage
            say(f"{_begun(stage)} ...")


class _Bars:
    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def report(self, stage: str, share: float) -> None:
        if stage not in self._tasks:
            for task in self._tasks.values():
                self._bars.update(task, completed=1.0)
            self._tasks[stage] = self._bars.add_task(escape(_begun(stage)), total=1.0)
        self._bars.update(self._tasks[stage], completed=share)
