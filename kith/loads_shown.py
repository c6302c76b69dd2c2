"""Whose loads a user is shown: at the terminal and on the page alike.

Invariant: an agency's loads are its own, the agency's that keeps the area and loads for all, and
those of who answers for the installation.
"""

from __future__ import annotations

from governance.permissions import Role
from governance.sessions import SignedInUser
from kith.home import Home

_ALL = frozenset({Role.ADMINISTRATOR, Role.GOVERNANCE_OFFICER})


def shown_agency(home: Home, user: SignedInUser) -> str | None:
    """The agency whose loads a user is shown; None: those of all."""
    if user.roles & _ALL:
        return None
    with home.register.session() as session:
        keeps = home.keeper(session) == user.agency
    return None if keeps and Role.DATA_MANAGER in user.roles else user.agency
