"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

Invariant: a code counts once, and a recovery code once for ever; the secret is kept enciphered
with a key that is not in the register, recovery codes as digests alone. A factor that was never
confirmed with a code asks for none.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from governance.errors import AccountError
from governance.permissions import Role
from governance.tables import RecoveryCodeRow, SecondFactorRow

RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_STEP = 30  # seconds
_SLACK = 1  # steps that a clock may be off
_PRIVILEGED = frozenset({Role.ADMINISTRATOR, Role.GOVERNANCE_OFFICER})


class Demand(enum.StrEnum):
    """Who must have a second factor."""

    OFFERED = "offered"  # nobody must, everybody may
    PRIVILEGED = "privileged"  # whoever manages users or agreements
    REQUIRED = "required"  # everybody


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """A new secret: as text to type, and as the address that an app reads from a picture."""

    secret: str
    uri: str


def demands(demand: Demand, roles: Iterable[str]) -> bool:
    """Whether a user with these roles must have a second factor."""
    if demand is Demand.PRIVILEGED:
        return bool(_PRIVILEGED & set(roles))
    return demand is Demand.REQUIRED


def has_factor(session: Session, user_id: str) -> bool:
    """Whether a user has confirmed one."""
    row = session.get(SecondFactorRow, user_id)
    return row is not None and row.confirmed_at is not None


def enrol(
    session: Session, box: Fernet, user_id: str, username: str, area: str, now: dt.datetime
) -> Enrolment:
    """Begin: the secret is in force once `confirm` was given a code of it.

    Raises:
        AccountError: if there is one in force already.
    """
    row = session.get(SecondFactorRow, user_id)
    if row is not None and row.confirmed_at is not None:
        raise AccountError("A second factor is set up already; an administrator can remove it.")
    if row is None:
        sealed = box.encrypt(pyotp.random_base32().encode())
        row = SecondFactorRow(user_id=user_id, secret=sealed.decode(), made_at=now, last_step=0)
        session.add(row)
        session.flush()
    totp = _totp(box, row)
    uri = totp.provisioning_uri(name=username, issuer_name=f"Kith {area}")
    return Enrolment(secret=totp.secret, uri=uri)


def confirm(
    session: Session, box: Fernet, user_id: str, code: str, now: dt.datetime
) -> list[str] | None:
    """Put the secret in force; the recovery codes, to be shown once. None if the code is wrong."""
    row = session.get(SecondFactorRow, user_id)
    if row is None or row.confirmed_at is not None or not _fits(session, box, row, code, now):
        return None
    row.confirmed_at = now
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.add_all(
        RecoveryCodeRow(user_id=user_id, code_sha256=_digest(user_id, each)) for each in codes
    )
    session.flush()
    return codes


def check(session: Session, box: Fernet, user_id: str, code: str, now: dt.datetime) -> bool:
    """Whether this is a code of the app that was not used yet, or an unused recovery code."""
    row = session.get(SecondFactorRow, user_id, populate_existing=True)
    if row is None or row.confirmed_at is None:
        return False
    if _fits(session, box, row, code, now):
        return True
    used = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_sha256 == _digest(user_id, code),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.user_id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def recovery_codes_left(session: Session, user_id: str) -> int:
    """How many recovery codes a user has left."""
    query = select(RecoveryCodeRow.code_sha256).where(
        RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None)
    )
    return len(session.scalars(query).all())


def remove(session: Session, user_id: str) -> bool:
    """Take a user's second factor and recovery codes away; False if there was none."""
    row = session.get(SecondFactorRow, user_id)
    if row is None:
        return False
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.delete(row)
    session.flush()
    return True


def _fits(session: Session, box: Fernet, row: SecondFactorRow, code: str, now: dt.datetime) -> bool:
    """Whether a code is right; it is used up by that, whoever else tries it at the same time."""
    typed = "".join(code.split())
    totp, step = _totp(box, row), int(now.timestamp()) // _STEP
    for each in range(step - _SLACK, step + _SLACK + 1):
        if secrets.compare_digest(totp.generate_otp(each).encode(), typed.encode(errors="replace")):
            taken = session.execute(
                update(SecondFactorRow)
                .where(SecondFactorRow.user_id == row.user_id, SecondFactorRow.last_step < each)
                .values(last_step=each)
                .returning(SecondFactorRow.user_id)
                .execution_options(synchronize_session=False)
            )
            return taken.first() is not None
    return False


def _totp(box: Fernet, row: SecondFactorRow) -> pyotp.TOTP:
    try:
        secret = box.decrypt(row.secret.encode()).decode()
    except InvalidToken as error:
        raise AccountError("The second factor was made under another key of this home.") from error
    return pyotp.TOTP(secret, interval=_STEP)


def _recovery_code() -> str:
    """118 bits, so that a plain digest of it is enough."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(24))
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _digest(user_id: str, code: str) -> str:
    typed = "".join(code.split()).casefold().replace("-", "")
    return hashlib.sha256(f"{user_id}\x1f{typed}".encode("utf-8", "surrogatepass")).hexdigest()
