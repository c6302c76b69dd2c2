"""Legal holds: what must not be disposed of, whatever falls due.

Invariant: a hold counts from the moment it is placed until it is lifted, and is never deleted; its
review date reminds and ends nothing by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.identities import assignments, history
from governance.ids import ANY, is_opaque, new_id
from governance.policy import categories
from governance.retention import RetentionError
from governance.retention_tables import LegalHoldRow
from governance.tables import AgencyRow, DatasetRow
from records.codes import code_list

_ABOUT = ("p_", "r_", "c_", "i_")
_MOST = 1_000
_FEWEST = 5


@dataclass(frozen=True, kw_only=True)
class HoldTerms:
    """What is held, why, whose hold it is, and when it is looked at again.

    With `subject_id` (a person, record, contact or indicator) it is that alone, wherever it came
    from; else a category of a dataset of an agency, `*` for every one.
    """

    kind: str
    reason: str
    owner: str
    review_on: dt.date
    subject_id: str | None = None
    agency: str = ANY
    dataset: str = ANY
    category: str = ANY


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A hold with its history."""

    hold_id: str
    terms: HoldTerms
    placed_by: str
    placed_at: dt.datetime
    lifted_by: str | None
    lifted_at: dt.datetime | None


def place(session: Session, terms: HoldTerms, by: str, at: dt.datetime) -> str:
    """Hold something from now on; the answer is the hold's id.

    Raises:
        RetentionError: naming every fault of the terms.
    """
    faults = list(_faults(session, terms, at))
    if faults:
        raise RetentionError(f"this hold cannot be placed: {'; '.join(faults)}")
    row = LegalHoldRow(
        hold_id=new_id("h"),
        kind=terms.kind,
        agency=terms.agency,
        dataset=terms.dataset,
        category=terms.category,
        subject_id=terms.subject_id,
        reason=terms.reason,
        owner=terms.owner,
        review_on=terms.review_on,
        placed_by=by,
        placed_at=at,
    )
    session.add(row)
    session.flush()
    return row.hold_id


def lift(session: Session, hold_id: str, by: str, at: dt.datetime) -> None:
    """End a hold. Raises RetentionError if there is none in force by this id."""
    row = session.get(LegalHoldRow, hold_id)
    if row is None or row.lifted_at is not None:
        raise RetentionError("there is no such hold in force")
    row.lifted_by, row.lifted_at = by, at
    session.flush()


def holds(session: Session, *, in_force: bool = False) -> list[Hold]:
    """Every hold, or those in force, by the day of their review."""
    query = select(LegalHoldRow).order_by(LegalHoldRow.review_on, LegalHoldRow.hold_id)
    if in_force:
        query = query.where(LegalHoldRow.lifted_at.is_(None))
    return [_hold(row) for row in session.scalars(query)]


def held_records(session: Session, people: Collection[str]) -> dict[str, str]:
    """The records that people have now, or that an id merged into theirs had: record -> id held.

    A merge or a split since the hold was placed frees nothing: whatever the id bears now and
    everything that it ever bore is held.
    """

    if not people:
        return {}
    now = assignments(session, "person")
    found: dict[str, str] = {}
    for person_id in people:
        reached, waiting = {person_id}, [person_id]
        members: set[str] = set()
        while waiting:
            for event in history(session, waiting.pop()):
                near = {event.identity_id, event.other_id} - {None}
                if event.action in {"merge", "split"}:
                    new = {each for each in near if each is not None} - reached
                    reached |= new
                    waiting += sorted(new)
                elif event.member_key is not None:
                    members.add(event.member_key)
        theirs = {now[member] for member in members if member in now}
        found |= dict.fromkeys(members, person_id)
        found |= {record: person_id for record, whose in now.items() if whose in theirs}
    return found


def _faults(session: Session, terms: HoldTerms, at: dt.datetime) -> Iterator[str]:
    if terms.kind not in code_list("hold_kind"):
        yield f"kind '{terms.kind}' is not on the list"
    if not _FEWEST <= len(terms.reason.strip()) <= _MOST:
        yield f"say why, in {_FEWEST} to {_MOST} characters"
    if not terms.owner.strip():
        yield "say whose hold it is"
    if terms.review_on <= at.date():
        yield "it is looked at again on a day to come"
    if terms.subject_id is not None:
        if not (is_opaque(terms.subject_id) and terms.subject_id.startswith(_ABOUT)):
            yield "it is about a person, record, contact or indicator by its id"
        if (terms.agency, terms.dataset, terms.category) != (ANY, ANY, ANY):
            yield "it is about one person or fact, or about part of a dataset, not both"
        return
    if terms.agency != ANY and session.get(AgencyRow, terms.agency) is None:
        yield f"agency '{terms.agency}' is not registered"
    elif terms.dataset != ANY and session.get(DatasetRow, (terms.agency, terms.dataset)) is None:
        yield f"dataset '{terms.agency}/{terms.dataset}' is not registered"
    if terms.category not in {ANY, *categories()}:
        yield f"category '{terms.category}' is not known"


def _hold(row: LegalHoldRow) -> Hold:
    return Hold(
        hold_id=row.hold_id,
        terms=HoldTerms(
            kind=row.kind,
            reason=row.reason,
            owner=row.owner,
            review_on=row.review_on,
            subject_id=row.subject_id,
            agency=row.agency,
            dataset=row.dataset,
            category=row.category,
        ),
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )
