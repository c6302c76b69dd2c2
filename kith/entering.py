"""Signing in, in one to three steps: what the pages and the terminal share.

Invariant: every try is in the audit before its answer leaves; nobody is signed in before every
factor that is asked of them was right and the password is their own, and a session's token is new
with each sign-in.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from sqlalchemy.orm import Session

from governance import accounts, events, second_factor, sessions
from governance.breached import Breached
from governance.errors import SessionEnded, SignInRefused
from governance.second_factor import Enrolment
from governance.sessions import SessionLimits, SignedInUser
from governance.tries import trust_device
from kith.home import Home

_WRONG_CODE = (
    "This is not the code that the app shows now, or it was used already. After several wrong "
    "tries an account is locked for a while."
)


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Somebody is signed in: who, their session's token, and the token of their device."""

    account: SignedInUser
    token: str
    device: str


class Step(enum.Enum):
    """What is still asked of somebody whose password was right."""

    CODE = "a code of their second factor"
    SET_UP = "a second factor, which they have to set up"
    PASSWORD = "a password of their own, in the place of one that somebody gave them"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Halfway:
    """The password was right; one step more is asked for."""

    token: str
    step: Step


def enter(home: Home, username: str, password: str, device: str | None) -> Entered | Halfway:
    """The first step.

    Args:
        device: what an earlier sign-in gave this browser or terminal.

    Raises:
        SignInRefused: in the same words whatever was wrong.
    """
    now = home.clock()
    with home.register.session() as session:
        try:
            user = accounts.authenticate(
                session, username, password, now, device=device, forget=False
            )
        except SignInRefused:
            known = accounts.id_of(session, username)
            session.commit()
            home.audit.record(events.SignInFailed(user_id=known, step="password"), now)
            raise
        enrolled = second_factor.has_factor(session, user.user_id)
        if enrolled or second_factor.demands(home.demand, user.roles):
            token = sessions.start_waiting(session, user.user_id, now)
            session.commit()
            return Halfway(token=token, step=Step.CODE if enrolled else Step.SET_UP)
        return _proven(home, session, user, device)


def enter_code(home: Home, token: str, code: str, device: str | None) -> Entered | Halfway:
    """The second step: a code of the app, or a recovery code.

    Raises:
        SessionEnded: if nobody waits with this token.
        SignInRefused: if the code is wrong, or no try is admitted now.
    """
    now = home.clock()
    with home.register.session() as session:
        waiting = _waiting(home, session, token)
        admitted = accounts.admits_try(session, waiting.username, now, device=device)
        right = second_factor.check(session, home.box, waiting.user_id, code, now)
        if not (admitted and right):
            session.rollback()
            home.audit.record(
                events.SignInFailed(user_id=waiting.user_id, agency=waiting.agency, step="code"),
                now,
            )
            raise SignInRefused(_WRONG_CODE)
        sessions.end_session(session, token, now)
        user = accounts.user(session, waiting.user_id)
        assert user is not None  # who waits has an account
        return _proven(home, session, user, device)


def enrolment(home: Home, account: SignedInUser) -> Enrolment:
    """The secret of a factor to be, for somebody who is signed in or waits.

    Raises:
        AccountError: if there is one in force already.
    """
    with home.register.session() as session:
        made = second_factor.enrol(
            session, home.box, account.user_id, account.username, home.area, home.clock()
        )
        session.commit()
    return made


def confirm(home: Home, account: SignedInUser, code: str) -> list[str]:
    """Put the factor to be in force; the recovery codes, to be shown once.

    Raises:
        SignInRefused: if the code is wrong.
    """
    now = home.clock()
    with home.register.session() as session:
        codes = second_factor.confirm(session, home.box, account.user_id, code, now)
        if codes is None:
            raise SignInRefused(_WRONG_CODE)
        home.audit.record(
            events.UserChanged(
                user_id=account.user_id,
                agency=account.agency,
                subject_id=account.user_id,
                change="second_factor_set_up",
            ),
            now,
        )
        session.commit()
    return codes


def complete(home: Home, token: str, device: str | None) -> Entered | Halfway:
    """Sign in who waited and has just confirmed a factor.

    Raises:
        SessionEnded: if nobody waits with this token, or has confirmed none.
    """
    with home.register.session() as session:
        waiting = _waiting(home, session, token)
        user = accounts.user(session, waiting.user_id)
        if user is None or not second_factor.has_factor(session, waiting.user_id):
            raise SessionEnded
        sessions.end_session(session, token, home.clock())
        return _proven(home, session, user, device)


def replace_password(home: Home, token: str, new: str, device: str | None) -> Entered:
    """The last step of those whose password somebody gave them: one of their own.

    Raises:
        SessionEnded: if nobody waits with this token, every factor proven.
        PasswordRefused: if it is against the rules, or the one that they were given.
        BreachedListError: if the list of breached passwords that the settings name is none.
    """
    with home.register.session() as session:
        who = _waiting(home, session, token, proven=True)
        _check_breached(home, new)
        accounts.set_password(session, who.user_id, new, home.clock())
        home.audit.record(
            events.UserChanged(
                user_id=who.user_id, agency=who.agency, subject_id=who.user_id, change="password"
            ),
            home.clock(),
        )
        user = accounts.user(session, who.user_id)
        assert user is not None  # who waits has an account
        return _admit(home, session, user, device)


def begin(home: Home, username: str) -> Entered:
    """Sign in a user whom the installation has just made, for whoever made it."""
    with home.register.session() as session:
        user = accounts.user_named(session, username)
        if user is None:
            raise SessionEnded
        return _admit(home, session, user, None)


def waiting(home: Home, token: str, *, proven: bool = False) -> SignedInUser:
    """Who waits with this token. Raises SessionEnded if nobody does.

    Args:
        proven: for a password of their own; else for their second factor.
    """
    with home.register.session() as session:
        return _waiting(home, session, token, proven=proven)


def _waiting(home: Home, session: Session, token: str, *, proven: bool = False) -> SignedInUser:
    found = sessions.resume_waiting(session, token, home.clock(), proven=proven)
    if found is None:
        raise SessionEnded
    return found


def _proven(
    home: Home, session: Session, user: accounts.User, device: str | None
) -> Entered | Halfway:
    """Every factor was right: in, unless somebody else knows the password."""
    if not user.password_given:
        return _admit(home, session, user, device)
    token = sessions.start_waiting(session, user.user_id, home.clock(), proven=True)
    session.commit()
    return Halfway(token=token, step=Step.PASSWORD)


def _admit(home: Home, session: Session, user: accounts.User, device: str | None) -> Entered:
    now = home.clock()
    accounts.admit(session, user.user_id, device)
    kept = trust_device(session, user.user_id, now, device)
    limits = SessionLimits.from_settings(home.settings)
    token = accounts.start_session(session, user, now, limits)
    account = accounts.resume(session, token, now)
    if account is None:
        raise SessionEnded
    home.audit.record(
        events.SignedIn(
            user_id=account.user_id, agency=account.agency, session_id=account.session_id
        ),
        now,
    )
    session.commit()
    return Entered(account=account, token=token, device=kept)


def check_password(home: Home, account: SignedInUser, password: str, device: str | None) -> None:
    """Ask somebody who is signed in for their password again: it counts as any other try.

    Raises:
        SignInRefused: if it is wrong, or no try is admitted now; that is on record.
    """
    with home.register.session() as session:
        try:
            accounts.authenticate(session, account.username, password, home.clock(), device=device)
            session.commit()
        except SignInRefused:
            session.commit()
            home.audit.record(
                events.SignInFailed(
                    user_id=account.user_id, agency=account.agency, step="password"
                ),
                home.clock(),
            )
            raise


def change_password(
    home: Home, account: SignedInUser, password: str, new: str, device: str | None
) -> None:
    """A user's own new password; every session of theirs ends.

    Raises:
        SignInRefused: as `check_password`.
        PasswordRefused: if the new one is against the rules, or is the old one.
        BreachedListError: as `replace_password`.
    """
    check_password(home, account, password, device)
    _check_breached(home, new)
    with home.register.session() as session:
        accounts.set_password(session, account.user_id, new, home.clock())
        home.audit.record(
            events.UserChanged(
                user_id=account.user_id,
                agency=account.agency,
                subject_id=account.user_id,
                change="password",
            ),
            home.clock(),
        )
        session.commit()


def _check_breached(home: Home, password: str) -> None:
    if home.settings.breached_passwords is not None:
        Breached(path=home.settings.breached_passwords).check(password)


def end_other_sessions(
    home: Home, account: SignedInUser, password: str, device: str | None
) -> list[str]:
    """End a user's own sessions but the one that asks; the ids of those that were open.

    Raises:
        SignInRefused: as `check_password`.
    """
    check_password(home, account, password, device)
    now = home.clock()
    with home.register.session() as session:
        ended = sessions.end_other_sessions_of(session, account.user_id, account.session_id, now)
        for session_id in ended:
            home.audit.record(
                events.SignedOut(
                    user_id=account.user_id, agency=account.agency, session_id=session_id
                ),
                now,
            )
        session.commit()
    return ended
