"""Users and signing in.

Invariant: every try is counted and committed before the password is looked at, so neither a
rollback nor parallel guesses escape the lock; an unknown user, a wrong password, a locked and a
disabled account cost the same work and get the same words.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from governance import sessions
from governance.errors import AccountError, SignInRefused
from governance.ids import new_id
from governance.passwords import (
    check_rules,
    hash_password,
    outdated,
    random_password,
    verify_password,
)
from governance.permissions import CASES, PERMISSIONS, Role
from governance.sessions import (
    SessionLimits,
    SignedInUser,
    end_session,
    end_sessions_of,
    resume,
    state_purpose,
)
from governance.tables import SYSTEM, AgencyRow, UserRoleRow, UserRow
from governance.tries import Lockout, count_try, forget_devices, forget_tries

__all__ = [
    "Lockout",
    "SessionLimits",
    "SignedInUser",
    "User",
    "admit",
    "admits_try",
    "authenticate",
    "create_user",
    "disable_user",
    "end_session",
    "end_sessions_of",
    "random_password",
    "resume",
    "set_password",
    "set_roles",
    "start_session",
    "state_purpose",
    "unlock_user",
    "user",
    "user_named",
    "users",
]

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@dataclass(frozen=True, kw_only=True)
class User:
    """An account, without its password."""

    user_id: str
    username: str
    agency: str
    roles: frozenset[str]
    created_at: dt.datetime
    locked_until: dt.datetime | None = None
    disabled: bool = False


def create_user(
    session: Session,
    username: str,
    password: str,
    agency: str,
    roles: Iterable[str],
    now: dt.datetime,
    *,
    created_by: str = SYSTEM,
) -> User:
    """Make an account whose roles are in force at once.

    Raises:
        AccountError: if the name is taken or malformed, the agency is unknown, or the roles are
            unknown or do not go together; PasswordRefused if the password is against the rules.
    """
    name = fold_username(username)
    wanted = _checked_roles(roles)
    if not _USERNAME.fullmatch(name):
        raise AccountError("A user name has 2 to 64 letters, digits and . _ @ - only.")
    if session.get(AgencyRow, agency) is None:
        raise AccountError(f"agency '{agency}' is not registered")
    if _row(session, name) is not None:
        raise AccountError("This user name is taken.")
    check_rules(password, name)
    row = UserRow(
        user_id=new_id("u"),
        username=name,
        agency=agency,
        password_hash=hash_password(password),
        password_set_at=now,
        created_at=now,
        created_by=created_by,
        failures=0,
    )
    row.roles = _role_rows(wanted, created_by, now)
    session.add(row)
    session.flush()
    return _user(row)


def authenticate(
    session: Session,
    username: str,
    password: str,
    now: dt.datetime,
    lockout: Lockout | None = None,
    device: str | None = None,
    *,
    forget: bool = True,
) -> User:
    """The user whom this name and password belong to. It commits `session` once: the try.

    Args:
        device: the token that this browser or terminal was given when somebody signed in there.
        forget: a right password makes the tries counted before nothing; False where a second
            factor is still to come, so that nobody guesses codes behind a password they know.

    Raises:
        SignInRefused: for every other case, with the same words.
    """
    name = fold_username(username)
    if not _USERNAME.fullmatch(name):
        name = ""  # nobody's, and safe for every database
    counted = count_try(session, name, now, lockout or Lockout(), device)
    row = _row(session, name)
    matches = verify_password(row.password_hash if row else None, password)
    if row is None or not counted or not matches:
        raise SignInRefused
    if forget:
        forget_tries(session, user_id=row.user_id, device=device)
    if outdated(row.password_hash):
        row.password_hash = hash_password(password)
    session.flush()
    return _user(row)


def admit(session: Session, user_id: str, device: str | None = None) -> None:
    """A sign-in is complete: the tries counted for it are nothing any more."""
    forget_tries(session, user_id=user_id, device=device)


def admits_try(
    session: Session,
    username: str,
    now: dt.datetime,
    lockout: Lockout | None = None,
    device: str | None = None,
) -> bool:
    """Count a try of a code as one of a password; False if none is admitted now. It commits."""
    return count_try(session, fold_username(username), now, lockout or Lockout(), device)


def start_session(
    session: Session, user: User, now: dt.datetime, limits: SessionLimits | None = None
) -> str:
    """Begin a session for a user who has just authenticated; the answer is its token."""
    return sessions.start_session(session, user.user_id, now, limits or SessionLimits())


def users(session: Session) -> list[User]:
    """Every account, by user name."""
    return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.username))]


def user(session: Session, user_id: str) -> User | None:
    """One account by its id."""
    row = session.get(UserRow, user_id)
    return _user(row) if row else None


def user_named(session: Session, username: str) -> User | None:
    """One account by its user name, for the audit of a failed try; never shown to who tried."""
    name = fold_username(username)
    row = _row(session, name) if _USERNAME.fullmatch(name) else None
    return _user(row) if row else None


def set_password(session: Session, user_id: str, password: str, now: dt.datetime) -> None:
    """Give a new password and end every session. Raises PasswordRefused, AccountError."""
    row = _known(session, user_id)
    check_rules(password, row.username)
    row.password_hash, row.password_set_at = hash_password(password), now
    row.failures, row.locked_until = 0, None
    session.flush()
    forget_devices(session, user_id)
    end_sessions_of(session, user_id, now)


def set_roles(
    session: Session, user_id: str, roles: Iterable[str], now: dt.datetime, *, by: str = SYSTEM
) -> User:
    """Replace a user's roles; sessions end, so that no page keeps the old ones."""
    row = _known(session, user_id)
    wanted = _checked_roles(roles)
    row.roles.clear()
    session.flush()
    row.roles.extend(_role_rows(wanted, by, now))
    session.flush()
    end_sessions_of(session, user_id, now)
    return _user(row)


def disable_user(session: Session, user_id: str, now: dt.datetime) -> None:
    """Take an account out of use, with its sessions; the row stays for the audit's sake."""
    _known(session, user_id).disabled_at = now
    session.flush()
    forget_devices(session, user_id)
    end_sessions_of(session, user_id, now)


def unlock_user(session: Session, user_id: str) -> None:
    """End a lock before its time."""
    row = _known(session, user_id)
    row.failures, row.locked_until = 0, None
    session.flush()


def fold_username(username: str) -> str:
    """The form in which user names are kept and compared."""
    return unicodedata.normalize("NFKC", username[:200]).strip().casefold()


def _checked_roles(roles: Iterable[str]) -> list[Role]:
    given = sorted(set(roles))
    unknown = [role for role in given if role not in set(Role)]
    if unknown or not given:
        known = ", ".join(Role)
        raise AccountError(f"A user needs at least one of these roles: {known}.")
    wanted = [Role(role) for role in given]
    if Role.ADMINISTRATOR in wanted and any(PERMISSIONS[role] & CASES for role in wanted):
        raise AccountError("An administrator cannot also hold a role that sees cases.")
    return wanted


def _role_rows(roles: Iterable[Role], by: str, now: dt.datetime) -> list[UserRoleRow]:
    return [
        UserRoleRow(role=str(role), given_by=by, given_at=now, approved_by=by, approved_at=now)
        for role in roles
    ]


def _row(session: Session, name: str) -> UserRow | None:
    # Roles are read when they are needed: reading them here would tell a known name apart.
    query = select(UserRow).where(UserRow.username == name).options(lazyload(UserRow.roles))
    return session.scalars(query.execution_options(populate_existing=True)).first()


def _known(session: Session, user_id: str) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise AccountError("There is no such user.")
    return row


def _user(row: UserRow) -> User:
    return User(
        user_id=row.user_id,
        username=row.username,
        agency=row.agency,
        roles=frozenset(role.role for role in row.roles if role.approved_at is not None),
        created_at=row.created_at,
        locked_until=row.locked_until,
        disabled=row.disabled_at is not None,
    )
