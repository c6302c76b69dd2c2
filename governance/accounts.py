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
from governance.errors import AccountError, PasswordRefused, SignInRefused
from governance.ids import new_id
from governance.passwords import (
    check_rules,
    hash_password,
    outdated,
    random_password,
    verify_password,
)
from governance.permissions import PERMISSIONS, SHOWS_PEOPLE, Role
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
    "approve_role",
    "authenticate",
    "create_user",
    "disable_user",
    "end_session",
    "end_sessions_of",
    "give_role",
    "random_password",
    "resume",
    "set_password",
    "start_session",
    "state_purpose",
    "take_role",
    "unlock_user",
    "user",
    "user_named",
    "users",
    "waiting_roles",
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
    password_given: bool = False  # by somebody else, to be replaced before anything is done
    waiting: frozenset[str] = frozenset()  # roles that wait for approval
    locked_until: dt.datetime | None = None
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class WaitingRole:
    """A role that one gave and another has to approve."""

    user_id: str
    username: str
    agency: str
    role: str
    given_by: str
    given_at: dt.datetime


def create_user(
    session: Session,
    username: str,
    password: str,
    agency: str,
    roles: Iterable[str],
    now: dt.datetime,
    *,
    created_by: str = SYSTEM,
    given: bool = False,
) -> User:
    """Make an account; its roles wait for approval unless the installation itself makes it.

    Args:
        given: somebody else knows the password, so that its user replaces it at first.

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
        password_given=given,
        created_at=now,
        created_by=created_by,
        failures=0,
    )
    row.roles = [_role_row(role, created_by, now) for role in wanted]
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


def id_of(session: Session, username: str) -> str | None:
    """The id of a name's account: the same statements whether or not it is anybody's."""
    name = fold_username(username)
    wanted = name if _USERNAME.fullmatch(name) else ""
    return session.scalar(select(UserRow.user_id).where(UserRow.username == wanted))


def set_password(
    session: Session, user_id: str, password: str, now: dt.datetime, *, given: bool = False
) -> None:
    """Give a new password and end every session.

    Args:
        given: somebody else knows it, so that its user replaces it at the next sign-in.

    Raises:
        AccountError: if there is no such user.
        PasswordRefused: if it is against the rules, or the one they have.
    """
    row = _known(session, user_id)
    check_rules(password, row.username)
    if verify_password(row.password_hash, password):
        raise PasswordRefused("This is the password that you have.")
    row.password_hash, row.password_set_at, row.password_given = hash_password(password), now, given
    row.failures, row.locked_until = 0, None
    session.flush()
    forget_devices(session, user_id)
    end_sessions_of(session, user_id, now)


def give_role(session: Session, user_id: str, role: str, by: str, now: dt.datetime) -> None:
    """Give a user one role more; it is in force once somebody else approves it.

    Raises:
        AccountError: if there is no such user or role, they have it, or it does not go together
            with those they have.
    """
    row = _known(session, user_id)
    if any(held.role == role for held in row.roles):
        raise AccountError("This user has the role, or it waits for approval.")
    _checked_roles([role, *(held.role for held in row.roles)])
    row.roles.append(_role_row(Role(role), by, now))
    session.flush()


def approve_role(session: Session, user_id: str, role: str, by: str, now: dt.datetime) -> None:
    """Put a role in force that another gave; the user's sessions end, so that all pages know.

    Raises:
        AccountError: if no such role waits, or `by` gave it or is its user.
    """
    row = _known(session, user_id)
    waiting = [held for held in row.roles if held.role == role and held.approved_at is None]
    if not waiting:
        raise AccountError("No such role of this user waits for approval.")
    if by in {waiting[0].given_by, user_id}:
        raise AccountError("A role is approved by somebody else than who gave it or is to have it.")
    waiting[0].approved_by, waiting[0].approved_at = by, now
    session.flush()
    end_sessions_of(session, user_id, now)


def take_role(session: Session, user_id: str, role: str, now: dt.datetime) -> None:
    """Take a role away, or refuse one that waits; the user's sessions end.

    Raises:
        AccountError: if the user neither has it nor is to have it.
    """
    row = _known(session, user_id)
    held = [each for each in row.roles if each.role == role]
    if not held:
        raise AccountError("This user has no such role.")
    row.roles.remove(held[0])
    session.flush()
    end_sessions_of(session, user_id, now)


def waiting_roles(session: Session) -> list[WaitingRole]:
    """Roles that wait for approval, the oldest first."""
    query = (
        select(UserRoleRow, UserRow.username, UserRow.agency)
        .join(UserRow, UserRow.user_id == UserRoleRow.user_id)
        .where(UserRoleRow.approved_at.is_(None), UserRow.disabled_at.is_(None))
        .order_by(UserRoleRow.given_at, UserRow.username, UserRoleRow.role)
    )
    return [
        WaitingRole(
            user_id=row.user_id,
            username=username,
            agency=agency,
            role=row.role,
            given_by=row.given_by,
            given_at=row.given_at,
        )
        for row, username, agency in session.execute(query)
    ]


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
    if Role.ADMINISTRATOR in wanted and any(PERMISSIONS[role] & SHOWS_PEOPLE for role in wanted):
        raise AccountError("An administrator cannot also hold a role that sees people's data.")
    return wanted


def _role_row(role: Role, by: str, now: dt.datetime) -> UserRoleRow:
    """A role that waits for approval, unless the installation itself gives it."""
    approved = (by, now) if by == SYSTEM else (None, None)
    return UserRoleRow(
        role=str(role), given_by=by, given_at=now, approved_by=approved[0], approved_at=approved[1]
    )


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
        password_given=row.password_given,
        waiting=frozenset(role.role for role in row.roles if role.approved_at is None),
        locked_until=row.locked_until,
        disabled=row.disabled_at is not None,
    )
