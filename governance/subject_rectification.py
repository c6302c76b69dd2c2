"""Corrections that a person asks for: put to the agency whose dataset holds the value.

Invariant: nothing is corrected here; an agency says yes or no, and a correction is made when a
later load of its own brings another value.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance import approvers, notices
from governance.ids import is_opaque, new_id
from governance.notices import UserNoticeKind
from governance.subject_cases import SubjectError, working
from governance.subject_tables import RectificationRow
from records.schema import TABLES, source_fields

STATES = {
    "asked": "Waits for the agency",
    "accepted": "Accepted: the agency corrects it",
    "refused": "Refused",
    "changed": "Corrected: a later load brought another value",
}
_FEWEST = 5
_MOST = 1_000


@dataclass(frozen=True, kw_only=True)
class Rectification:
    """A correction and what became of it. `seal` is that of the value that was objected to."""

    rectification_id: str
    case_id: str
    fact_id: str
    what: str
    agency: str
    dataset: str
    field: str
    words: str
    load_id: str
    seal: str
    state: str
    asked_by: str
    asked_at: dt.datetime
    answered_by: str | None
    answered_at: dt.datetime | None
    reason: str | None
    changed_load: str | None


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A value that is said to be wrong: of which fact, whose, which field, from which load."""

    fact_id: str
    what: str
    agency: str
    dataset: str
    field: str
    load_id: str
    seal: str
    words: str


def ask(session: Session, case_id: str, wrong: Wrong, by: str, agency: str, at: dt.datetime) -> str:
    """Put a value to its agency: whoever is named to answer for it is told; its id.

    Args:
        agency: of the officer who asks.

    Raises:
        SubjectError: if the case is closed or of another kind, there is no such field, or nobody
            is named for the agency.
    """
    if working(session, case_id).kind != "rectification":
        raise SubjectError("a correction belongs to a case of rectification")
    table = TABLES.get(wrong.what)
    if table is None or wrong.field not in {each.name for each in source_fields(table)}:
        raise SubjectError(f"a {wrong.what} has no field '{wrong.field}'")
    if not is_opaque(wrong.fact_id):
        raise SubjectError("a fact is named by its opaque id")
    named = approvers.approvers(session, wrong.agency)
    if not named:
        raise SubjectError("nobody is named to answer for this agency; name somebody first")
    row = RectificationRow(
        rectification_id=new_id("w"),
        case_id=case_id,
        **{**vars(wrong), "words": _words(wrong.words)},
        state="asked",
        asked_by=by,
        asked_at=at,
    )
    session.add(row)
    session.flush()
    for each in named:
        notices.tell_user(
            session,
            each.user_id,
            UserNoticeKind.RECTIFY,
            subject_id=row.rectification_id,
            by_user=by,
            agency=agency,
            at=at,
        )
    return row.rectification_id


def answer(
    session: Session,
    rectification_id: str,
    accepted: bool,
    by: str,
    at: dt.datetime,
    *,
    reason: str = "",
) -> Rectification:
    """What the agency says; a refusal has a reason.

    Raises:
        SubjectError: if it was answered, or a refusal says nothing.
    """
    row = _existing(session, rectification_id)
    if row.state != "asked":
        raise SubjectError("this has been answered")
    row.state = "accepted" if accepted else "refused"
    row.reason = reason.strip() or None if accepted else _words(reason)
    row.answered_by, row.answered_at = by, at
    session.flush()
    return _rectification(row)


def note_changed(session: Session, rectification_id: str, load_id: str) -> Rectification:
    """A later load brought another value."""
    row = _existing(session, rectification_id)
    row.state, row.changed_load = "changed", load_id
    session.flush()
    return _rectification(row)


def rectification(session: Session, rectification_id: str) -> Rectification:
    """One of them. Raises SubjectError if there is none by this id."""
    return _rectification(_existing(session, rectification_id))


def rectifications(session: Session, case_id: str) -> list[Rectification]:
    """Those of a case, in order."""
    query = (
        select(RectificationRow)
        .where(RectificationRow.case_id == case_id)
        .order_by(RectificationRow.asked_at, RectificationRow.rectification_id)
    )
    return [_rectification(row) for row in session.scalars(query)]


def _words(text: str) -> str:
    said = text.strip()
    if not _FEWEST <= len(said) <= _MOST:
        raise SubjectError(f"say it in {_FEWEST} to {_MOST} characters")
    return said


def _existing(session: Session, rectification_id: str) -> RectificationRow:
    row = session.get(RectificationRow, rectification_id)
    if row is None:
        raise SubjectError("there is no such correction")
    return row


def _rectification(row: RectificationRow) -> Rectification:
    return Rectification(
        **{name: getattr(row, name) for name in Rectification.__dataclass_fields__}
    )
