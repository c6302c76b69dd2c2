"""What the page with a question says, block by block.

Invariant: nothing here names a record: a question is known by its opaque id alone, which stands in
the form that answers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.labels.curve import Curve
from webapp.labels.differing import Part


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value in parts, and in words what of it differs."""

    whole: str
    parts: tuple[Part, ...]
    differing: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A field on both sides. `mark` is same, close, different or missing; `word` says it."""

    label: str
    mark: str
    word: str
    sign: str
    left: tuple[Value, ...]
    right: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True)
class Side:
    """A side's heading, its first word, and which systems its records come from."""

    heading: str
    short: str
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class QuestionPage:
    """The pair side by side."""

    question_id: str
    intro: str
    why: str
    held_until: str
    left: Side
    right: Side
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class ProgressPage:
    """How far the answers have come and what was learnt from them."""

    sentences: tuple[str, ...]
    training: str
    done: int
    wanted: int
    curve: Curve | None
    mine: int
