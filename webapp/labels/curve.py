"""The learning curve as a drawing that needs no script, and as a table of the same points.

Invariant: every point of the drawing is a row of the table; both are made from the same list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 320
HEIGHT = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 12, 40
_FEWEST = 2
_MOST_ROWS = 24


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line of the grid: where, and its words."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A point: where it is drawn, and what it says."""

    x: float
    y: float
    labels: int
    percent: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What is drawn. `line` is the `points` of a polyline; `told` says it in a sentence."""

    line: str
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    told: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def curve(points: Sequence[tuple[int, float]]) -> Curve | None:
    """The curve of (answers, agreement from 0 to 1), None while it would be a single point."""
    known = _thinned(sorted((labels, min(1.0, max(0.0, share))) for labels, share in points))
    if len(known) < _FEWEST:
        return None
    lowest = 0.5 if min(share for _, share in known) >= 0.5 else 0.0
    most = known[-1][0]
    dots = tuple(
        Dot(x=_across(labels, most), y=_up(share, lowest), labels=labels, percent=f"{share:.0%}")
        for labels, share in known
    )
    middle = (lowest + 1) / 2
    return Curve(
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        dots=dots,
        across=tuple(
            Tick(at=_across(labels, most), words=str(labels))
            for labels in sorted({0, most // 2, most})
        ),
        up=tuple(
            Tick(at=_up(share, lowest), words=f"{share:.0%}") for share in (lowest, middle, 1.0)
        ),
        told=f"After {dots[0].labels} answers {dots[0].percent} were foreseen; "
        f"after {dots[-1].labels} answers {dots[-1].percent}.",
    )


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most two dozen, the first and the last among them: a longer table nobody reads."""
    if len(points) <= _MOST_ROWS:
        return points
    step = (len(points) - 1) / (_MOST_ROWS - 1)
    return [points[round(number * step)] for number in range(_MOST_ROWS)]


def _across(labels: int, most: int) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * labels / max(most, 1), 1)


def _up(share: float, lowest: float) -> float:
    height = HEIGHT - _TOP - _BOTTOM
    return round(_TOP + height * (1 - (share - lowest) / (1 - lowest)), 1)
