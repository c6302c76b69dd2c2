"""What people decided about pairs of records.

Invariant: judgements are added, never changed; the last one on a pair holds, and `undone` takes
the pair back to where it was. A pair is the same in either order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import RegistrationError
from governance.tables import JudgementRow

VERDICTS = ("same", "different", "unsure", "undone")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict on a pair, `record_a` before `record_b`."""

    record_a: str
    record_b: str
    verdict: str
    user_id: str
    at: dt.datetime


def add_judgement(
    session: Session, record_a: str, record_b: str, verdict: str, user_id: str, at: dt.datetime
) -> Judgement:
    """Write a verdict: same, different, unsure or undone.

    Raises:
        RegistrationError: for another verdict, or a record against itself.
    """
    if verdict not in VERDICTS:
        raise RegistrationError("a verdict is same, different, unsure or undone")
    if record_a == record_b:
        raise RegistrationError("a record is not judged against itself")
    first, second = sorted((record_a, record_b))
    row = JudgementRow(record_a=first, record_b=second, verdict=verdict, user_id=user_id, at=at)
    session.add(row)
    session.flush()
    return _judgement(row)


def judgements(session: Session) -> list[Judgement]:
    """The judgement in force on each pair, in the order they were made."""
    latest: dict[tuple[str, str], Judgement] = {}
    for judgement in history(session):
        pair = (judgement.record_a, judgement.record_b)
        latest.pop(pair, None)
        latest[pair] = judgement
    return [judgement for judgement in latest.values() if judgement.verdict != "undone"]


def history(session: Session) -> Iterable[Judgement]:
    """Every judgement ever made, in order."""
    query = select(JudgementRow).order_by(JudgementRow.sequence)
    return (_judgement(row) for row in session.scalars(query))


def _judgement(row: JudgementRow) -> Judgement:
    return Judgement(
        record_a=row.record_a,
        record_b=row.record_b,
        verdict=row.verdict,
        user_id=row.user_id,
        at=row.at,
    )
