"""Tries to sign in, counted so that guessing stops and nobody is locked out by a stranger.

Invariant: a try is counted and committed before the password is looked at. Wrong passwords of
strangers lock an account for strangers alone: a device from which its user has signed in before
has a count and a lock of its own. Whoever is tried, known or not, costs the same statements.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from governance.tables import AgencyRow, SignInDayRow, TrustedDeviceRow, UserRow

DEVICE_KEPT = dt.timedelta(days=365)
_DEVICES_KEPT = 10


@dataclass(frozen=True, kw_only=True)
class Lockout:
    """After `tries` wrong passwords in a row nobody gets in for `duration`."""

    tries: int = 5
    duration: dt.timedelta = dt.timedelta(minutes=15)


def count_try(
    session: Session, name: str, now: dt.datetime, lockout: Lockout, device: str | None = None
) -> bool:
    """Count this try as if it failed and commit; False if none is admitted now.

    Args:
        name: a folded user name, known or not.
        device: what `trust_device` gave this browser or terminal, if anything did.
    """
    _count_day(session, now.astimezone(dt.UTC).date())
    owner = select(UserRow.user_id).where(
        UserRow.username == name,
        UserRow.disabled_at.is_(None),
        UserRow.agency.in_(select(AgencyRow.agency_id).where(AgencyRow.active)),
    )
    own = (
        (TrustedDeviceRow.device_sha256 == _digest(device or ""))
        & (TrustedDeviceRow.user_id.in_(owner))
        & (TrustedDeviceRow.until > now)
    )
    trusted = session.execute(select(TrustedDeviceRow.device_sha256).where(own)).first()
    table, mine = (TrustedDeviceRow, own) if trusted else (UserRow, UserRow.user_id.in_(owner))
    last = table.failures + 1 >= lockout.tries
    counted = session.execute(
        update(table)
        .where(mine, or_(table.locked_until.is_(None), table.locked_until <= now))
        .values(
            failures=case((last, 0), else_=table.failures + 1),
            locked_until=case((last, now + lockout.duration), else_=None),
        )
        .returning(table.user_id)
        .execution_options(synchronize_session=False)
    ).first()
    session.commit()
    return counted is not None


def forget_tries(session: Session, *, user_id: str, device: str | None = None) -> None:
    """Whoever tried was the user: what was counted in their place is nothing any more."""
    table, mine = (
        (UserRow, UserRow.user_id == user_id)
        if _own_device(session, user_id, device) is None
        else (TrustedDeviceRow, TrustedDeviceRow.device_sha256 == _digest(device or ""))
    )
    session.execute(update(table).where(mine).values(failures=0, locked_until=None))


def trust_device(session: Session, user_id: str, now: dt.datetime, device: str | None) -> str:
    """A token for the device from which a user has just signed in; the one it has, if it is theirs.

    Only its SHA-256 is kept. Of many devices of one user the oldest are forgotten.
    """
    if device is not None and _own_device(session, user_id, device) is not None:
        return device
    made = secrets.token_urlsafe(32)
    session.add(
        TrustedDeviceRow(
            device_sha256=_digest(made),
            user_id=user_id,
            made_at=now,
            until=now + DEVICE_KEPT,
            failures=0,
        )
    )
    session.flush()
    kept = (
        select(TrustedDeviceRow.device_sha256)
        .where(TrustedDeviceRow.user_id == user_id)
        .order_by(TrustedDeviceRow.made_at.desc(), TrustedDeviceRow.device_sha256)
        .limit(_DEVICES_KEPT)
    )
    session.execute(
        delete(TrustedDeviceRow).where(
            TrustedDeviceRow.user_id == user_id,
            TrustedDeviceRow.device_sha256.not_in(session.scalars(kept).all()),
        )
    )
    return made


def forget_devices(session: Session, user_id: str) -> None:
    """No device of a user is known any more."""
    session.execute(delete(TrustedDeviceRow).where(TrustedDeviceRow.user_id == user_id))


def _own_device(session: Session, user_id: str, device: str | None) -> str | None:
    return session.scalar(
        select(TrustedDeviceRow.device_sha256).where(
            TrustedDeviceRow.device_sha256 == _digest(device or ""),
            TrustedDeviceRow.user_id == user_id,
        )
    )


def _count_day(session: Session, day: dt.date) -> None:
    more = (
        update(SignInDayRow)
        .where(SignInDayRow.day == day)
        .values(tries=SignInDayRow.tries + 1)
        .returning(SignInDayRow.day)
        .execution_options(synchronize_session=False)
    )
    if session.execute(more).first() is None:
        try:
            with session.begin_nested():
                session.execute(insert(SignInDayRow).values(day=day, tries=1))
        except IntegrityError:  # another process began the day
            session.execute(more)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
