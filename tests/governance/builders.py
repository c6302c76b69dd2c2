"""Values that the governance tests share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from governance import accounts
from governance.events import AddressChecked
from governance.sessions import SignedInUser

NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
PASSWORD = "kestrel-harbour-42"


def later(**parts: float) -> dt.datetime:
    return NOW + dt.timedelta(**parts)


def make_user(
    session: Session,
    username: str = "jo",
    roles: tuple[str, ...] = ("practitioner",),
    agency: str = "police",
) -> accounts.User:
    """An account, committed."""
    user = accounts.create_user(session, username, PASSWORD, agency, roles, NOW)
    session.commit()
    return user


def signed_in(**changes: Any) -> SignedInUser:
    """Somebody at work with a purpose, without a database behind them."""
    fields: dict[str, Any] = {
        "user_id": "u_aaaa",
        "username": "jo",
        "agency": "police",
        "roles": frozenset({"practitioner"}),
        "session_id": "s_aaaa",
        "started_at": NOW,
        "expires_at": later(hours=12),
        "purpose": "visit",
        "reference": "REF 24-1182",
        "purpose_until": later(hours=1),
    }
    return SignedInUser(**{**fields, **changes})


def address_checked(number: int = 0) -> AddressChecked:
    """A disclosure that names one address and one record."""
    letters = "".join("abcdefghij"[int(digit)] for digit in str(number))
    return AddressChecked(
        user_id="u_aaaa",
        agency="police",
        purpose="visit",
        reference="REF 24-1182",
        role="practitioner",
        what=(f"a_{letters}", "r_aaaa"),
    )
