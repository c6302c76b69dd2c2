"""Refusing what a role does not allow, at the terminal and at the local socket.

Invariant: a refusal is in the audit before whoever asked is told of it.
"""

from __future__ import annotations

from governance.events import Refused
from governance.permissions import Permission, allows, require
from governance.sessions import SignedInUser
from kith.home import Home


def demand(home: Home, user: SignedInUser, permission: Permission) -> None:
    """Go on only if a role of the user's gives the permission.

    Raises:
        NotPermitted: if none does.
    """
    if not allows(user.roles, permission):
        home.audit.record(
            Refused(user_id=user.user_id, agency=user.agency, permission=permission, reason="role"),
            home.clock(),
        )
    require(user.roles, permission)
