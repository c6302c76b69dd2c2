"""Questions out with stewards, and whether their answers hold together.

Invariant: a pair is leased to one user at a time, and only while no judgement on it is in force;
the database decides who gets it, so that neither threads nor processes can lease it twice. A
lease that has run out is no lease. A user holds at most one.

Of answers that contradict each other the later one on a pair holds; what contradicts is named by
record ids, for people to settle.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from governance.judgements import Judgement, in_force, pair_of
from governance.tables import QuestionLeaseRow

LEASE = dt.timedelta(minutes=10)
Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a question is about, `record_a` before `record_b`; `question` is noted with it."""

    record_a: str
    record_b: str
    form: str
    question: dict[str, Any]

    @property
    def pair(self) -> Pair:
        return self.record_a, self.record_b


@dataclass(frozen=True, kw_only=True)
class Lease(Asked):
    """A question before a steward."""

    question_id: str
    user_id: str
    until: dt.datetime


def take(
    session: Session, question_id: str, asked: Asked, user_id: str, now: dt.datetime
) -> Lease | None:
    """Lease a question; None if another user holds it or the pair has been judged.

    A question that is asked again, as it says of itself, may have been judged.

    Whatever else the user held is given up. Commit at once: others wait for the same pair.
    """
    first, second = pair_of(*asked.pair, asked.form)
    expired = QuestionLeaseRow.until <= now
    session.execute(delete(QuestionLeaseRow).where(expired | (QuestionLeaseRow.user_id == user_id)))
    values: dict[str, Any] = {
        "question_id": question_id,
        "record_a": first,
        "record_b": second,
        "form": asked.form,
        "question": asked.question,
        "user_id": user_id,
        "until": now + LEASE,
    }
    if not _insert(session, values):
        return None
    # Looked up after the insert: whoever judged the pair held its lease, and has let it go.
    if in_force(session, first, second) is not None and not asked.question.get("again"):
        release(session, question_id)
        return None
    return Lease(**values)


def _insert(session: Session, values: dict[str, Any]) -> bool:
    """Put the lease in unless somebody's stands in the way."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(QuestionLeaseRow).values(values).on_conflict_do_nothing()
    found = session.execute(statement.returning(QuestionLeaseRow.question_id))
    return found.first() is not None


def held(session: Session, user_id: str, now: dt.datetime) -> Lease | None:
    """The question that a user has before them, None if none or it ran out."""
    query = (
        select(QuestionLeaseRow)
        .where(QuestionLeaseRow.user_id == user_id, QuestionLeaseRow.until > now)
        .order_by(QuestionLeaseRow.until.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    return _lease(row) if row is not None else None


def leased(session: Session, now: dt.datetime) -> list[Lease]:
    """Every question that somebody has before them."""
    query = select(QuestionLeaseRow).where(QuestionLeaseRow.until > now)
    return [_lease(row) for row in session.scalars(query.order_by(QuestionLeaseRow.question_id))]


def release(session: Session, question_id: str) -> None:
    """Give a question back; one that nobody holds is no error."""
    session.execute(delete(QuestionLeaseRow).where(QuestionLeaseRow.question_id == question_id))


def settle(session: Session, question_id: str, user_id: str, now: dt.datetime) -> Lease | None:
    """End a user's lease and answer with it; None if they do not hold it, or no longer.

    Of two that answer at once, one gets it.
    """
    statement = (
        delete(QuestionLeaseRow)
        .where(
            QuestionLeaseRow.question_id == question_id,
            QuestionLeaseRow.user_id == user_id,
            QuestionLeaseRow.until > now,
        )
        .returning(QuestionLeaseRow)
    )
    row = session.scalars(statement).first()
    return _lease(row) if row is not None else None


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """Answers that cannot all be true.

    `kind` is `stewards` (they disagree about `pairs[0]`, the only pair) or `chain` (`pairs[0]`
    was judged different, and the other pairs, all judged the same, join its two records).
    """

    kind: str
    pairs: tuple[Pair, ...]
    holds: str | None = None  # of `stewards`: the later verdict


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The judgements that a run can use, and what it should say about the others."""

    judgements: list[Judgement]
    ignored: int
    contradictions: list[Contradiction]


def labels(history: Iterable[Judgement], known: Collection[str] | None = None) -> Labels:
    """What the whole ledger, in order, comes to.

    Args:
        known: the record ids that there are, a set; a judgement on one that is erased counts as
            ignored. None: all are taken to be there.
    """
    latest: dict[Pair, Judgement] = {}
    verdicts: dict[Pair, dict[str, str]] = defaultdict(dict)
    for entry in history:
        pair = (entry.record_a, entry.record_b)
        latest.pop(pair, None)
        if entry.verdict == "undone":
            verdicts.pop(pair, None)
            continue
        latest[pair] = entry
        verdicts[pair][entry.user_id] = entry.verdict
    usable = {
        pair: entry
        for pair, entry in latest.items()
        if known is None or (pair[0] in known and pair[1] in known)
    }
    said = {pair: verdicts[pair] for pair in usable}
    return Labels(
        judgements=list(usable.values()),
        ignored=len(latest) - len(usable),
        contradictions=[*_disagreements(usable, said), *_chains(usable)],
    )


def _disagreements(
    usable: Mapping[Pair, Judgement], said: Mapping[Pair, Mapping[str, str]]
) -> Iterable[Contradiction]:
    for pair in sorted(usable):
        if {"same", "different"} <= set(said[pair].values()):
            yield Contradiction(kind="stewards", pairs=(pair,), holds=usable[pair].verdict)


def _chains(usable: Mapping[Pair, Judgement]) -> Iterable[Contradiction]:
    """Pairs judged different whose records a chain of pairs judged the same joins."""
    joined: dict[str, list[str]] = defaultdict(list)
    for (left, right), entry in usable.items():
        if entry.verdict == "same":
            joined[left].append(right)
            joined[right].append(left)
    group = _groups(joined)
    for pair in sorted(usable):
        apart = usable[pair].verdict == "different" and set(pair) <= group.keys()
        if apart and group[pair[0]] == group[pair[1]]:
            yield Contradiction(kind="chain", pairs=(pair, *_chain(joined, *pair)))


def _groups(joined: Mapping[str, list[str]]) -> dict[str, str]:
    """The component of each record, named for the record it was first met at."""
    group: dict[str, str] = {}
    for start in joined:
        waiting = [] if start in group else [start]
        while waiting:
            record = waiting.pop()
            if record not in group:
                group[record] = start
                waiting.extend(joined[record])
    return group


def _chain(joined: Mapping[str, list[str]], start: str, end: str) -> list[Pair]:
    """The shortest chain of pairs from one record to the other, which there is."""
    came_from = {start: start}
    waiting = deque([start])
    while end not in came_from:
        record = waiting.popleft()
        for other in sorted(joined[record]):
            if other not in came_from:
                came_from[other] = record
                waiting.append(other)
    pairs = []
    while end != start:
        pairs.append(pair_of(came_from[end], end))
        end = came_from[end]
    return pairs[::-1]


def _lease(row: QuestionLeaseRow) -> Lease:
    return Lease(
        question_id=row.question_id,
        record_a=row.record_a,
        record_b=row.record_b,
        form=row.form,
        question=row.question,
        user_id=row.user_id,
        until=row.until,
    )
