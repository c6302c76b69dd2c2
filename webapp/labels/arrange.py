"""Puts a question, and how far the work is, into the order of the page.

Invariant: every value shown comes from the question as the desk gave it; a mark is always told by
a word and a sign as well as by colour, and a side without a value says so.
"""

from __future__ import annotations

import re
from collections import Counter

from kith.labelling import Comparison, Progress, Question
from webapp.fields import CHOSEN, DATES, field_label, field_value
from webapp.labels.curve import curve
from webapp.labels.differing import Part, differing, parts
from webapp.labels.page import ProgressPage, QuestionPage, Row, Side, Value
from webapp.shown import clock, counted

_MARKS = {
    "same": ("Same", "="),
    "close": ("Alike", "≈"),
    "different": ("Different", "≠"),
    "missing": ("Only one known", "?"),
}
_NOT_COMPARED = "Not compared"  # each agency has its own numbers
_ALIKE = {"close": 0.5, "different": 0.75}
"""How alike values must be for their letters to be held against each other."""
_HEADED = {"agency", "dataset"}
"""They stand in the headings; that two agencies differ says nothing about a person."""
_BY_WORD = DATES | {"address"}
_DAYS = re.compile(r" \([^()]*\b(?:since|to) [^()]*\)$")
"""At the end of an address; that it was noted later does not make it another."""
_SIDES = ("First", "Second")


def arrange(question: Question) -> QuestionPage:
    """The page of one question."""
    groups = question.form == "clusters"
    return QuestionPage(
        question_id=question.question_id,
        intro=_intro(question) if groups else "Are these two records one person?",
        why=question.why,
        held_until=clock(question.leased_until),
        left=_side(0, question.left_sources, groups),
        right=_side(1, question.right_sources, groups),
        rows=tuple(_row(entry) for entry in question.comparisons if entry.field not in _HEADED),
    )


def progress(entry: Progress) -> ProgressPage:
    """How many answers there are, how many to the next training, and what was learnt."""
    wanted = entry.since_training + entry.until_training
    rest = max(entry.budget - entry.labels, 0)
    total = counted(entry.labels, "answer")
    sentences = [
        f"{total.capitalize()} in all, {entry.by_me or 'none'} of them yours.",
        f"About {entry.budget} are enough for a good result: {rest} to go."
        if rest
        else "There are enough answers for a good result; more are welcome.",
    ]
    return ProgressPage(
        sentences=tuple(sentences),
        training=_training(entry),
        done=entry.since_training,
        wanted=wanted,
        curve=curve([(point.labels, point.agreement) for point in entry.curve]),
        mine=entry.by_me,
    )


def _training(entry: Progress) -> str:
    new = entry.since_training
    if entry.until_training:
        return f"{new} of {new + entry.until_training} answers towards the next training"
    return f"{counted(new, 'new answer')}: enough for the next training, by kith resolve"


def _intro(question: Question) -> str:
    left, right = len(question.left_sources), len(question.right_sources)
    return (
        f"Each side is taken to be one person already: {counted(left, 'record')} on the first, "
        f"{counted(right, 'record')} on the second. Are both sides one and the same person?"
    )


def _side(place: int, sources: tuple[str, ...], groups: bool) -> Side:
    """A side's heading; a system that gave several records is named once with their number."""
    named = Counter(sources)
    return Side(
        heading=f"{_SIDES[place]} {'group' if groups else 'record'}",
        short=_SIDES[place],
        sources=tuple(f"{name} ({n} records)" if n > 1 else name for name, n in named.items()),
    )


def _row(entry: Comparison) -> Row:
    word, sign = _MARKS[entry.mark]
    if entry.mark == "missing" and entry.left and entry.right:
        word = _NOT_COMPARED
    left = [field_value(entry.field, value) for value in entry.left]
    right = [field_value(entry.field, value) for value in entry.right]
    return Row(
        label=field_label(entry.field),
        mark=entry.mark,
        word=word,
        sign=sign,
        left=tuple(_value(entry, value, right) for value in left),
        right=tuple(_value(entry, value, left) for value in right),
    )


def _value(entry: Comparison, value: str, others: list[str]) -> Value:
    """A value, cut where it differs; one that the other side has too is left whole."""
    if entry.mark not in _ALIKE or entry.field in CHOSEN:
        return Value(whole=value, parts=(Part(text=value),))
    place = _DAYS.sub("", value)
    cut = parts(
        place,
        [_DAYS.sub("", other) for other in others],
        by_word=entry.field in _BY_WORD,
        alike=_ALIKE[entry.mark],
    )
    days = (Part(text=value[len(place) :]),) if place != value else ()
    return Value(whole=value, parts=(*cut, *days), differing=differing(cut))
