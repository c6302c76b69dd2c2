"""A question on the terminal: two sides, a mark for each field, one key for an answer.

Invariant: a mark is a word before it is a colour; a question that is not answered is given back.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.markup import escape
from rich.table import Table

from governance.labels import Contradiction
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.cli import console
from kith.labelling import Comparison, LabelDesk, NotLeasedError, Progress, Question
from kith.labelling.simulated import Simulation
from kith.labelling.state import Status
from webapp.fields import field_label, field_value

Signed = Callable[[], tuple[SignedInUser, Viewer]]
"""Who is asked now: the session, the purpose and the agreements are looked up each time."""

_ANSWERS = {"s": "same", "d": "different", "u": "unsure"}
_KEYS = "s same · d different · u cannot tell · z undo · q quit"
_MARKS = {
    "same": ("same", "green"),
    "close": ("alike", "yellow"),
    "different": ("DIFFERENT", "bold red"),
    "missing": ("only one known", "dim"),
}
_CONTRADICTIONS = {
    "stewards": "stewards disagree; the later answer holds",
    "chain": "judged different (first), yet joined by pairs judged the same",
}
_ASKED = {
    "records": "Are these two records one person?",
    "clusters": "Are these two people one person?",
}


def run(desk: LabelDesk, signed: Signed, key: Callable[[], str]) -> int:
    """Ask until the user quits or nothing is left; the answer is how many were answered."""
    answered = 0
    user, viewer = signed()
    try:
        question = desk.next(viewer, user)
        while question is not None:
            _draw(question, desk.progress(user))
            pressed = _pressed(key)
            if pressed == "q":
                break
            user, viewer = signed()
            if pressed == "z":
                question = _undone(desk, viewer, user) or desk.next(viewer, user)
                continue
            answered += _answer(desk, viewer, user, question, _ANSWERS[pressed])
            question = desk.next(viewer, user)
        else:
            console.line("No questions are left that you may be asked.")
    finally:
        desk.release(user)
    return answered


def _pressed(key: Callable[[], str]) -> str:
    while (pressed := key().lower()) not in {*_ANSWERS, "z", "q"}:
        console.say(_KEYS)
    return pressed


def _answer(
    desk: LabelDesk, viewer: Viewer, user: SignedInUser, question: Question, verdict: str
) -> int:
    try:
        desk.answer(viewer, user, question.question_id, verdict)
    except NotLeasedError as error:  # it lay too long: the next one comes
        console.say(f"Not counted: {error}.")
        return 0
    return 1


def _undone(desk: LabelDesk, viewer: Viewer, user: SignedInUser) -> Question | None:
    question = desk.undo(viewer, user)
    console.say("Taken back." if question else "There is nothing to take back.")
    return question


def _draw(question: Question, progress: Progress) -> None:
    console.out.print(
        comparison_table(
            _ASKED[question.form],
            question.left_sources,
            question.right_sources,
            question.comparisons,
        )
    )
    console.line(f"{question.why} {_so_far(progress)}")
    console.line(_KEYS)


def comparison_table(
    title: str,
    left: tuple[str, ...],
    right: tuple[str, ...],
    comparisons: tuple[Comparison, ...],
) -> Table:
    """Two sides field by field, each with its mark in words."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in ("", _sources(left), _sources(right), ""):
        table.add_column(escape(column), overflow="fold")
    for entry in comparisons:
        word, style = _MARKS[entry.mark]
        if entry.mark == "missing" and entry.left and entry.right:
            word = "not compared"  # each agency has its own numbers
        label = escape(field_label(entry.field))
        table.add_row(label, _side(entry, entry.left), _side(entry, entry.right), word, style=style)
    return table


def _sources(sources: tuple[str, ...]) -> str:
    return "\n".join(dict.fromkeys(sources))


def _side(entry: Comparison, values: tuple[str, ...]) -> str:
    return "\n".join(escape(field_value(entry.field, value)) for value in values) or "–"


def _so_far(progress: Progress) -> str:
    more = progress.until_training
    worth = f"{more} more make a new resolution worth it" if more else "a new resolution is due"
    return f"{progress.labels:,} answers so far, {progress.by_me:,} of them yours; {worth}."


def print_status(status: Status) -> None:
    """How far labelling is, the learning curve, and what does not hold together."""
    console.line(_so_far(status.progress))
    if status.ignored:
        console.line(f"{status.ignored:,} answers are about records that are gone; they wait.")
    points = [(f"{point.labels:,}", f"{point.agreement:.0%}") for point in status.progress.curve]
    if points:
        console.table(("answers", "foreseen by the model"), points)
    if status.contradictions:
        console.table(
            ("contradiction", "records"),
            [(_CONTRADICTIONS[entry.kind], _pairs(entry)) for entry in status.contradictions],
        )


def _pairs(entry: Contradiction) -> str:
    return "\n".join(" ".join(pair) for pair in entry.pairs)


def print_simulation(found: Simulation) -> None:
    """What a simulated steward did, and how long it waited."""
    if not found.labels:
        console.line("No questions are left that this user may be asked.")
        return
    waits = found.waits
    rows = [
        (name, f"{getattr(found, name):,}")
        for name in ("labels", "same", "different", "unsure", "wrong")
    ]
    rows += [
        ("about records", f"{found.records:,}"),
        ("about clusters", f"{found.clusters:,}"),
        ("drawn at random", f"{found.control:,}"),
        ("seconds", f"{found.seconds:.1f}"),
        ("first question after", f"{waits.first * 1000:,.0f} ms"),
        ("wait between questions, p50", f"{waits.p50 * 1000:,.0f} ms"),
        ("wait between questions, p95", f"{waits.p95 * 1000:,.0f} ms"),
        ("wait between questions, longest", f"{waits.longest * 1000:,.0f} ms"),
    ]
    console.table(("simulated steward", ""), rows)
