"""What people decided about pairs of records.

Invariant: judgements are added, never changed; the last one on a pair holds, and `undone` leaves
the pair undecided, as if nobody had judged it. A pair is the same in either order.

A question about two clusters is judged as the pair of records that stands for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from governance.errors import RegistrationError
from governance.tables import JudgementRow

VERDICTS = ("same", "different", "unsure", "undone")
FORMS = ("records", "clusters")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict on a pair, `record_a` before `record_b`.

    `question` is what was asked, as the service that asked it noted: the run, whether it was a
    control question, the records of each cluster. Empty for a verdict that nobody was asked for.
    """

    record_a: str
    record_b: str
    verdict: str
    user_id: str
    at: dt.datetime
    form: str = "records"
    question: dict[str, Any] = field(default_factory=dict)
    sequence: int = 0


def add_judgement(
    session: Session,
    record_a: str,
    record_b: str,
    verdict: str,
    user_id: str,
    at: dt.datetime,
    *,
    form: str = "records",
    question: dict[str, Any] | None = None,
) -> Judgement:
    """Write a verdict: same, different, unsure or undone.

    Raises:
        RegistrationError: for another verdict or form, or a record against itself.
    """
    [added] = add_judgements(
        session, [(record_a, record_b, verdict)], user_id, at, form=form, question=question
    )
    return added


def add_judgements(
    session: Session,
    judged: Iterable[tuple[str, str, str]],
    user_id: str,
    at: dt.datetime,
    *,
    form: str = "records",
    question: dict[str, Any] | None = None,
) -> list[Judgement]:
    """Write many verdicts (record, record, verdict), or none of them.

    Raises:
        RegistrationError: as `add_judgement`.
    """
    rows = []
    for record_a, record_b, verdict in judged:
        if verdict not in VERDICTS:
            raise RegistrationError("a verdict is same, different, unsure or undone")
        first, second = pair_of(record_a, record_b, form)
        row = JudgementRow(record_a=first, record_b=second, verdict=verdict, user_id=user_id)
        row.at, row.form, row.question = at, form, question or {}
        rows.append(row)
    session.add_all(rows)
    session.flush()
    return [_judgement(row) for row in rows]


def pair_of(record_a: str, record_b: str, form: str = "records") -> tuple[str, str]:
    """A pair in its one order. Raises RegistrationError if it cannot be asked about."""
    if form not in FORMS:
        raise RegistrationError("a question is about two records or two clusters")
    if record_a == record_b:
        raise RegistrationError("a record is not judged against itself")
    return (record_a, record_b) if record_a < record_b else (record_b, record_a)


def judgements(session: Session) -> list[Judgement]:
    """The judgement in force on each pair, in the order they were made."""
    latest: dict[tuple[str, str], Judgement] = {}
    for judgement in history(session):
        pair = (judgement.record_a, judgement.record_b)
        latest.pop(pair, None)
        latest[pair] = judgement
    return [judgement for judgement in latest.values() if judgement.verdict != "undone"]


def history(session: Session, *, after: int = 0) -> Iterable[Judgement]:
    """Every judgement ever made after a place in the ledger, in order."""
    query = select(JudgementRow).where(JudgementRow.sequence > after)
    return (_judgement(row) for row in session.scalars(query.order_by(JudgementRow.sequence)))


def count(session: Session) -> int:
    """How many judgements were ever made, those that no longer hold included."""
    return session.scalar(select(func.count()).select_from(JudgementRow)) or 0


def in_force(session: Session, record_a: str, record_b: str) -> Judgement | None:
    """What holds for a pair now, None if nothing."""
    first, second = pair_of(record_a, record_b)
    query = select(JudgementRow).where(_on_pair(JudgementRow, first, second))
    row = session.scalars(query.order_by(JudgementRow.sequence.desc()).limit(1)).first()
    return _judgement(row) if row is not None and row.verdict != "undone" else None


def last_of(session: Session, user_id: str) -> Judgement | None:
    """The last judgement of a user that still holds: the one that an undo takes back."""
    later = aliased(JudgementRow)
    overruled = (
        select(later.sequence)
        .where(_on_pair(later, JudgementRow.record_a, JudgementRow.record_b))
        .where(later.sequence > JudgementRow.sequence)
    )
    query = (
        select(JudgementRow)
        .where(JudgementRow.user_id == user_id, JudgementRow.verdict != "undone")
        .where(~overruled.exists())
        .order_by(JudgementRow.sequence.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    return _judgement(row) if row is not None else None


def _on_pair(row: Any, record_a: Any, record_b: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (row.record_a == record_a) & (row.record_b == record_b)
    return found


def _judgement(row: JudgementRow) -> Judgement:
    return Judgement(
        record_a=row.record_a,
        record_b=row.record_b,
        verdict=row.verdict,
        user_id=row.user_id,
        at=row.at,
        form=row.form,
        question=row.question,
        sequence=row.sequence,
    )
