"""The first users of an area.

Invariant: every password here is random, made once, and handed to the caller alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance import events
from governance.accounts import create_user, random_password
from governance.registration import agencies
from governance.tables import SYSTEM
from kith.home import Home
from records.errors import KithError


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A new user's way in, to be shown once."""

    username: str
    password: str
    agency: str
    roles: tuple[str, ...]


_FIRST = (
    ("admin", ("administrator",), ()),
    ("manager", ("data_manager",), ("children", "police")),
    ("officer", ("governance_officer",), ("children",)),
)
_DEMONSTRATION = (
    ("practitioner", ("practitioner",), ("children",)),
    ("nurse", ("practitioner",), ("health",)),
    ("housing", ("practitioner",), ("housing",)),
    ("analyst", ("analyst",), ("police",)),
    ("steward", ("steward",), ("children",)),
)


def add_first_users(home: Home) -> list[SignIn]:
    """Add an administrator, a data manager and a governance officer; for a demonstration, one user
    of each role.

    Raises:
        KithError: if the area has no agency yet.
    """
    wanted = _FIRST + (_DEMONSTRATION if home.settings.demo else ())
    with home.register.session() as session:
        kinds = {entry.kind: entry.agency_id for entry in reversed(agencies(session))}
        if not kinds:
            raise KithError("an area needs an agency before it can have users")
        first = agencies(session)[0].agency_id
        made = []
        for username, roles, preferred in wanted:
            agency = next((kinds[kind] for kind in preferred if kind in kinds), first)
            password = random_password()
            user = create_user(
                session,
                username,
                password,
                agency,
                roles,
                home.clock(),
                given=not home.settings.demo,
            )
            home.audit.record(
                events.UserCreated(user_id=SYSTEM, subject_id=user.user_id, roles=roles)
            )
            made.append(SignIn(username=username, password=password, agency=agency, roles=roles))
        session.commit()
    return made
