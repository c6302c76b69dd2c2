"""Break-glass: wider access for an emergency, for a short time, with the officers told at once.

Invariant: an emergency gives nothing by itself. It states the purpose `emergency`, which no other
way can state, and what that shows is what the agreements for it say. It ends by itself, and
somebody other than who took it reviews it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import GovernanceError, NotPermitted
from governance.ids import new_id
from governance.notices import NoticeKind, notify
from governance.permissions import acting_role
from governance.sessions import EMERGENCY, SignedInUser, state_emergency
from governance.tables import EmergencyRow

LASTS = dt.timedelta(minutes=30)
FEWEST = 20
MOST = 1000
OUTCOMES = {
    "justified": "Justified",
    "not_justified": "Not justified",
    "training": "Justified, but another way would have done",
}


class EmergencyError(GovernanceError):
    """Emergency access cannot be taken, ended or reviewed so."""


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """One use of emergency access. `words` are the user's own, kept here and nowhere else."""

    emergency_id: str
    user_id: str
    agency: str
    session_id: str
    reference: str
    words: str
    began_at: dt.datetime
    until: dt.datetime
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = None
    outcome: str | None = None


def begin(
    session: Session, token: str, reference: str, words: str, now: dt.datetime
) -> tuple[SignedInUser, Emergency]:
    """Take emergency access; the officers have a notice in the same unit of work.

    Raises:
        EmergencyError: if the reason is not told in words.
        NotPermitted: if the user's roles show them nobody.
        PurposeNeeded, SessionEnded: as stating any purpose.
    """
    told = " ".join(words.split())
    if len(told) < FEWEST:
        raise EmergencyError("Say in a sentence what the emergency is: an officer will read it.")
    if len(told) > MOST:
        raise EmergencyError(f"Say it in at most {MOST} characters.")
    user = state_emergency(session, token, reference, now, LASTS)
    if acting_role(user.roles) is None:
        raise NotPermitted("Your role does not allow you to see people's records.")
    assert user.reference is not None  # it was stated just now
    row = EmergencyRow(
        emergency_id=new_id("e"),
        user_id=user.user_id,
        agency=user.agency,
        session_id=user.session_id,
        reference=user.reference,
        words=told,
        began_at=now,
        until=user.purpose_until or now,
    )
    session.add(row)
    session.flush()
    notify(session, NoticeKind.EMERGENCY, user.user_id, user.agency, row.emergency_id, now)
    return user, _emergency(row)


def emergency(session: Session, emergency_id: str) -> Emergency | None:
    """One use of emergency access."""
    row = session.get(EmergencyRow, emergency_id)
    return _emergency(row) if row else None


def emergencies(session: Session, *, last: int = 200) -> list[Emergency]:
    """The newest first."""
    query = select(EmergencyRow).order_by(EmergencyRow.began_at.desc()).limit(last)
    return [_emergency(row) for row in session.scalars(query)]


def review(session: Session, emergency_id: str, outcome: str, by: str, at: dt.datetime) -> None:
    """Write what an officer found.

    Raises:
        EmergencyError: if there is none, it was reviewed, the outcome is not on the list, or the
            officer took it.
    """
    row = session.get(EmergencyRow, emergency_id)
    if row is None:
        raise EmergencyError("There is no such emergency.")
    if row.reviewed_at is not None:
        raise EmergencyError("This emergency has been reviewed.")
    if row.user_id == by:
        raise EmergencyError("Emergency access is reviewed by somebody else than who took it.")
    if outcome not in OUTCOMES:
        raise EmergencyError(f"The outcome is one of: {', '.join(OUTCOMES)}.")
    row.reviewed_by, row.reviewed_at, row.outcome = by, at, outcome
    session.flush()


def _emergency(row: EmergencyRow) -> Emergency:
    return Emergency(
        emergency_id=row.emergency_id,
        user_id=row.user_id,
        agency=row.agency,
        session_id=row.session_id,
        reference=row.reference,
        words=row.words,
        began_at=row.began_at,
        until=row.until,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        outcome=row.outcome,
    )


__all__ = [
    "EMERGENCY",
    "LASTS",
    "OUTCOMES",
    "Emergency",
    "EmergencyError",
    "begin",
    "emergencies",
    "emergency",
    "review",
]
