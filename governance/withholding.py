"""Roles that wait again: whoever opens an account to somebody does not thereby see people.

Invariant: an account whose way in an administrator has held has no role in force that shows
people, until an officer approves it again. Its own second factor is a way in that they never held.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from governance import accounts, second_factor
from governance.errors import AccountError
from governance.permissions import PERMISSIONS, SHOWS_PEOPLE, Role
from governance.tables import UserRow


def give_password(
    session: Session, user_id: str, password: str, by: str, now: dt.datetime
) -> tuple[str, ...]:
    """Give a user a password that `by` knows; the roles that wait for approval again.

    Raises:
        AccountError: if there is no such user; PasswordRefused if it is against the rules.
    """
    accounts.set_password(session, user_id, password, now, given=True)
    if second_factor.has_factor(session, user_id):
        return ()
    return _withhold(session, user_id, by, now)


def take_second_factor(
    session: Session, user_id: str, by: str, now: dt.datetime
) -> tuple[str, ...]:
    """Take a user's second factor away; the roles that wait for approval again.

    Raises:
        AccountError: if there is no such user, or they have none.
    """
    if not second_factor.remove(session, user_id):
        raise AccountError("This user has no second factor.")
    accounts.end_sessions_of(session, user_id, now)
    return _withhold(session, user_id, by, now)


def _withhold(session: Session, user_id: str, by: str, now: dt.datetime) -> tuple[str, ...]:
    user = session.get(UserRow, user_id)
    assert user is not None  # its password was just set, or its factor taken
    again = [
        held
        for held in user.roles
        if held.approved_at is not None and PERMISSIONS[Role(held.role)] & SHOWS_PEOPLE
    ]
    for held in again:
        held.given_by, held.given_at = by, now
        held.approved_by, held.approved_at = None, None
    session.flush()
    return tuple(sorted(held.role for held in again))
