"""Signed-in sessions, kept on the server.

Invariant: the token leaves this module once and is stored nowhere, only its SHA-256; a session
that has idled, expired, been ended, or whose user is disabled, resumes as nobody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from governance.bases import basis_of
from governance.errors import PurposeNeeded, SessionEnded
from governance.ids import new_id
from governance.tables import AgencyRow, SessionRow, UserRow
from kith.settings import Settings
from records.codes import code_list

REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 ./:_#-]{0,39}")
"""A case, incident or visit number. The digit keeps bare names out of the audit."""

EMERGENCY = "emergency"
"""The purpose that is stated by taking emergency access alone."""

_WAITING = dt.timedelta(minutes=10)
_SEEN_EVERY = dt.timedelta(seconds=30)  # spares a write on most requests


def stateable() -> dict[str, str]:
    """The purposes that a user may state, and how each is called."""
    labels = code_list("purpose").labels
    return {code: label for code, label in labels.items() if code != EMERGENCY}


@dataclass(frozen=True, kw_only=True)
class SessionLimits:
    """How long a session and a stated purpose last."""

    idle: dt.timedelta = dt.timedelta(minutes=15)
    absolute: dt.timedelta = dt.timedelta(hours=12)
    purpose: dt.timedelta = dt.timedelta(hours=4)

    @classmethod
    def from_settings(cls, settings: Settings) -> SessionLimits:
        return cls(
            idle=dt.timedelta(minutes=settings.idle_minutes),
            absolute=dt.timedelta(hours=settings.session_hours),
        )


@dataclass(frozen=True, kw_only=True)
class SignedInUser:
    """Who is signed in and, once stated, why. `purpose` is None when it was not, or ran out."""

    user_id: str
    username: str
    agency: str
    roles: frozenset[str]
    session_id: str
    started_at: dt.datetime
    expires_at: dt.datetime
    purpose: str | None = None
    reference: str | None = None
    legal_basis: str | None = None
    purpose_until: dt.datetime | None = None


def start_session(session: Session, user_id: str, now: dt.datetime, limits: SessionLimits) -> str:
    """Begin a session; the answer is its token, to be kept by the browser or command line."""
    token = secrets.token_urlsafe(32)
    row = SessionRow(
        session_id=new_id("s"),
        token_sha256=_digest(token),
        user_id=user_id,
        started_at=now,
        last_seen_at=now,
        idle_seconds=int(limits.idle.total_seconds()),
        expires_at=now + limits.absolute,
        purpose_seconds=int(limits.purpose.total_seconds()),
    )
    session.add(row)
    session.flush()
    return token


def start_waiting(session: Session, user_id: str, now: dt.datetime, *, proven: bool = False) -> str:
    """A token for somebody whose password was right and whose second factor is still asked for.

    Args:
        proven: every factor was right; a password of their own is all that is still asked for.
    """
    token = secrets.token_urlsafe(32)
    row = SessionRow(
        session_id=new_id("s"),
        token_sha256=_digest(token),
        user_id=user_id,
        started_at=now,
        last_seen_at=now,
        idle_seconds=int(_WAITING.total_seconds()),
        expires_at=now + _WAITING,
        waiting=True,
        proven=proven,
        purpose_seconds=0,
    )
    session.add(row)
    session.flush()
    return token


def resume_waiting(
    session: Session, token: str, now: dt.datetime, *, proven: bool = False
) -> SignedInUser | None:
    """Who waits with this token; they may do nothing yet. None: nobody.

    Args:
        proven: they wait for a password of their own; else for their second factor.
    """
    found = _live(session, token, now, waiting=True)
    return _signed_in(*found, now) if found and found[0].proven is proven else None


def resume(session: Session, token: str, now: dt.datetime) -> SignedInUser | None:
    """Who holds this token now, None if nobody. Commit afterwards: it notes when last seen."""
    found = _live(session, token, now)
    if found is None:
        return None
    row, user = found
    if now - row.last_seen_at >= _SEEN_EVERY:
        row.last_seen_at = now
        session.flush()
    return _signed_in(row, user, now)


def state_purpose(
    session: Session,
    token: str,
    purpose: str,
    reference: str,
    now: dt.datetime,
    *,
    basis: str = "",
) -> SignedInUser:
    """Write why the user looks; it holds for the session's purpose time.

    Args:
        basis: the legal basis; empty: the usual one of the purpose.

    Raises:
        SessionEnded: if nobody holds the token.
        PurposeNeeded: if the purpose or the basis is not on its list, or the reference is not a
            number of a case, incident or visit (letters, digits and `./:_#-`, at least one digit).
    """
    found = _live(session, token, now)
    if found is None:
        raise SessionEnded
    if purpose not in stateable():
        raise PurposeNeeded("Choose why you are looking from the list.")
    lasts = dt.timedelta(seconds=found[0].purpose_seconds)
    return _state(session, found, purpose, reference, now, lasts, basis)


def state_emergency(
    session: Session, token: str, reference: str, now: dt.datetime, lasts: dt.timedelta
) -> SignedInUser:
    """Write that the user looks because of an emergency; see `governance.emergencies`.

    Raises:
        SessionEnded, PurposeNeeded: as `state_purpose`.
    """
    found = _live(session, token, now)
    if found is None:
        raise SessionEnded
    return _state(session, found, EMERGENCY, reference, now, lasts)


def _state(
    session: Session,
    found: tuple[SessionRow, UserRow],
    purpose: str,
    reference: str,
    now: dt.datetime,
    lasts: dt.timedelta,
    basis: str = "",
) -> SignedInUser:
    reference = " ".join(reference.split())
    if not REFERENCE.fullmatch(reference):
        raise PurposeNeeded(
            "Give the number of the case, incident or visit: letters, digits and . / : _ # - "
            "only, with at least one digit, at most 40 characters."
        )
    row, user = found
    row.legal_basis = basis_of(purpose, basis)
    row.purpose, row.reference = purpose, reference
    row.purpose_until = min(now + lasts, row.expires_at)
    row.last_seen_at = now
    session.flush()
    return _signed_in(row, user, now)


def end_session(session: Session, token: str, now: dt.datetime) -> None:
    """Sign out; ending a session twice, or none, is no error."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.token_sha256 == _digest(token), SessionRow.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions_of(session: Session, user_id: str, now: dt.datetime) -> int:
    """Revoke every session of a user; the answer is how many were open."""
    ended = session.execute(
        update(SessionRow)
        .where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SessionRow.session_id)
    )
    return len(ended.all())


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session of a user that could go on now."""

    session_id: str
    started_at: dt.datetime
    last_seen_at: dt.datetime
    expires_at: dt.datetime


def open_sessions_of(session: Session, user_id: str, now: dt.datetime) -> list[OpenSession]:
    """A user's open sessions, the newest first."""
    query = (
        select(SessionRow)
        .where(
            SessionRow.user_id == user_id,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > now,
            SessionRow.waiting.is_(False),
        )
        .order_by(SessionRow.started_at.desc(), SessionRow.session_id)
        .execution_options(populate_existing=True)
    )
    return [
        OpenSession(
            session_id=row.session_id,
            started_at=row.started_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
        )
        for row in session.scalars(query)
        if now - row.last_seen_at < dt.timedelta(seconds=row.idle_seconds)
    ]


def end_other_sessions_of(session: Session, user_id: str, kept: str, now: dt.datetime) -> list[str]:
    """End every session of a user but one; the ids of those that could have gone on."""
    others = [e.session_id for e in open_sessions_of(session, user_id, now) if e.session_id != kept]
    session.execute(
        update(SessionRow)
        .where(
            SessionRow.user_id == user_id,
            SessionRow.session_id != kept,
            SessionRow.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    return others


def end_all_sessions(session: Session, now: dt.datetime) -> None:
    """Revoke every session there is."""
    session.execute(update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now))


def _live(
    session: Session, token: str, now: dt.datetime, *, waiting: bool = False
) -> tuple[SessionRow, UserRow] | None:
    query = (
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.user_id == SessionRow.user_id)
        .join(AgencyRow, AgencyRow.agency_id == UserRow.agency)
        .where(
            SessionRow.token_sha256 == _digest(token),
            SessionRow.waiting.is_(waiting),
            AgencyRow.active,
        )
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    row, user = found
    idled = now - row.last_seen_at >= dt.timedelta(seconds=row.idle_seconds)
    if row.ended_at is not None or now >= row.expires_at or idled or user.disabled_at is not None:
        return None
    return row, user


def _signed_in(row: SessionRow, user: UserRow, now: dt.datetime) -> SignedInUser:
    stated = row.purpose_until is not None and now < row.purpose_until
    return SignedInUser(
        user_id=user.user_id,
        username=user.username,
        agency=user.agency,
        roles=frozenset(role.role for role in user.roles if role.approved_at is not None),
        session_id=row.session_id,
        started_at=row.started_at,
        expires_at=row.expires_at,
        purpose=row.purpose if stated else None,
        reference=row.reference if stated else None,
        legal_basis=row.legal_basis if stated else None,
        purpose_until=row.purpose_until if stated else None,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
