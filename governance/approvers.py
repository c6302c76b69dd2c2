"""Who answers requests for an agency, and under which name a user stands in its records.

Invariant: an approver is a user of the agency itself, in force while their account and a role
that is shown people are; a naming is ended, never deleted.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from governance import accounts
from governance.errors import RegistrationError
from governance.ids import new_id
from governance.permissions import acting_role
from governance.request_tables import ApproverRow, WorkerRow
from governance.sessions import SignedInUser


@dataclass(frozen=True, kw_only=True)
class Approver:
    """A naming that has not ended."""

    user_id: str
    username: str
    agency: str
    named_by: str
    named_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A name in an agency's records, and whose it is."""

    agency: str
    worker: str
    user_id: str


def name_approver(session: Session, user_id: str, by: str, at: dt.datetime) -> None:
    """Name a user to answer requests for their agency.

    Raises:
        RegistrationError: if there is no such active user who is shown people, they are named
            already, or somebody names themselves.
    """
    user = _at_work(session, user_id)
    if by == user_id:
        raise RegistrationError("Somebody else names you.")
    if any(each.user_id == user_id for each in approvers(session, user.agency)):
        raise RegistrationError("This user is named already.")
    session.add(
        ApproverRow(
            appointment_id=new_id("n"),
            agency=user.agency,
            user_id=user_id,
            named_by=by,
            named_at=at,
        )
    )
    session.flush()


def end_approver(session: Session, user_id: str, by: str, at: dt.datetime) -> None:
    """End a naming. Raises RegistrationError if the user is not named."""
    query = select(ApproverRow).where(
        ApproverRow.user_id == user_id, ApproverRow.ended_at.is_(None)
    )
    rows = list(session.scalars(query))
    if not rows:
        raise RegistrationError("This user is not named to answer requests.")
    for row in rows:
        row.ended_by, row.ended_at = by, at
    session.flush()


def approvers(session: Session, agency: str | None = None) -> list[Approver]:
    """Those named now whose account and role are in force, of one agency or of all."""
    query = select(ApproverRow).where(ApproverRow.ended_at.is_(None))
    if agency is not None:
        query = query.where(ApproverRow.agency == agency)
    users = {user.user_id: user for user in accounts.users(session)}
    return [
        Approver(
            user_id=row.user_id,
            username=users[row.user_id].username,
            agency=row.agency,
            named_by=row.named_by,
            named_at=row.named_at,
        )
        for row in session.scalars(query.order_by(ApproverRow.agency, ApproverRow.named_at))
        if row.user_id in users and works(users[row.user_id], row.agency)
    ]


def is_approver(session: Session, user: SignedInUser) -> bool:
    """Whether a signed-in user answers requests for their agency now."""
    return any(each.user_id == user.user_id for each in approvers(session, user.agency))


def works(user: accounts.User, agency: str) -> bool:
    """Whether an account is in force at an agency, in a role that is shown people."""
    return not user.disabled and user.agency == agency and acting_role(user.roles) is not None


def name_worker(session: Session, user_id: str, name: str, by: str, at: dt.datetime) -> None:
    """Note under which name a user stands as lead worker in their agency's records.

    Raises:
        RegistrationError: if there is no such user at work, or the name is another's.
    """
    user = _at_work(session, user_id)
    key = worker_key(name)
    if not key or len(key) > 200:
        raise RegistrationError("Give the name as the agency's records have it.")
    before = session.get(WorkerRow, (user.agency, key))
    if before is not None and before.user_id != user_id:
        raise RegistrationError("This name is another user's; one name is one user's.")
    if before is None:
        session.add(
            WorkerRow(agency=user.agency, worker=key, user_id=user_id, named_by=by, named_at=at)
        )
        session.flush()


def forget_worker(session: Session, agency: str, name: str) -> None:
    """Take a name away."""
    key = worker_key(name)
    session.execute(delete(WorkerRow).where(WorkerRow.agency == agency, WorkerRow.worker == key))


def workers(session: Session) -> list[Worker]:
    """Every name that is noted."""
    query = select(WorkerRow).order_by(WorkerRow.agency, WorkerRow.worker)
    return [
        Worker(agency=row.agency, worker=row.worker, user_id=row.user_id)
        for row in session.scalars(query)
    ]


def worker_key(name: str) -> str:
    """A name as it is compared: small letters, marks and repeated spaces folded."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def _at_work(session: Session, user_id: str) -> accounts.User:
    user = accounts.user(session, user_id)
    if user is None or not works(user, user.agency):
        raise RegistrationError("There is no such user who is shown people.")
    return user
