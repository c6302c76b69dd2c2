"""What every page needs: the open home, the desk, and who is asking.

Invariant: the person asking is read from the register on every request, from the session token in
the signed cookie; a page never keeps a user, a role or a grant between two requests.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app, request
from flask_login import UserMixin, current_user

from governance import registration
from governance.accounts import resume
from governance.approvers import is_approver
from governance.errors import SessionEnded
from governance.events import Event
from governance.notices import own_unseen, unseen
from governance.permissions import Permission, Role, allows
from governance.policy import london_date, viewer_for
from governance.registration import Agency
from governance.sessions import SignedInUser
from governance.viewer import Viewer
from kith.desk import Desk
from kith.home import Home
from kith.labelling import LabelDesk
from webapp.repeats import Repeats
from webapp.searches import Searches

_NAME = "kith"


@dataclass(frozen=True, kw_only=True)
class WebContext:
    """What an application was made with."""

    home: Home
    desk: Desk
    searches: Searches
    labels: LabelDesk
    repeats: Repeats = field(default_factory=Repeats)

    def install(self, app: Flask) -> None:
        app.extensions[_NAME] = self


class WebUser(UserMixin):  # type: ignore[misc]
    """Flask-Login's view of a signed-in session. Its id is the session's token."""

    def __init__(self, token: str, account: SignedInUser) -> None:
        self.token = token
        self.account = account

    def get_id(self) -> str:
        return self.token


def web() -> WebContext:
    """The application's own context."""
    return cast(WebContext, current_app.extensions[_NAME])


def load_user(token: str) -> WebUser | None:
    """Who holds a session token now, None if it is nobody's or has ended."""
    home = web().home
    with home.register.session() as session:
        account = resume(session, token, home.clock())
        session.commit()
    return WebUser(token, account) if account else None


def signed_in() -> SignedInUser | None:
    """Who is asking, None if nobody has signed in."""
    return current_user.account if current_user.is_authenticated else None


def user() -> SignedInUser:
    """Who is asking. Raises SessionEnded if nobody has signed in."""
    account = signed_in()
    if account is None:
        raise SessionEnded
    return account


def token() -> str:
    """The token of the session that is asking."""
    user()
    return str(current_user.token)


def viewer(role: Role | None = None) -> Viewer:
    """Who is asking, for which purpose, and what the agreements in force let them see.

    Args:
        role: the role they act in here; None: the first of theirs that is shown people.

    Raises:
        NotPermitted: if the user does not hold the role.
        PurposeNeeded: if no purpose is stated, or it has run out.
    """
    home = web().home
    with home.register.session() as session:
        return viewer_for(session, user(), home.clock(), role)


def now() -> dt.datetime:
    return web().home.clock()


def note(event: Event) -> None:
    """Write an event to the audit. Raises AuditError; then nothing may be shown."""
    web().home.audit.record(event, now())


def agencies() -> list[Agency]:
    """Every agency of the area."""
    with web().home.register.session() as session:
        return registration.agencies(session)


def unseen_notices() -> int:
    """How many notices wait for who is asking: their own, and for an officer the officers'."""
    account = user()
    with web().home.register.session() as session:
        own = own_unseen(session, account.user_id)
        return own + (unseen(session) if allows(account.roles, Permission.VIEW_AUDIT) else 0)


def answers_requests() -> bool:
    """Whether who is asking is named to answer requests for their agency."""
    account = signed_in()
    if account is None:
        return False
    with web().home.register.session() as session:
        return is_approver(session, account)


def system_labels() -> dict[tuple[str, str], str]:
    """(agency, dataset) -> how the system is called, its agency first."""
    names = {entry.agency_id: entry.label for entry in agencies()}
    with web().home.register.session() as session:
        return {
            (entry.agency, entry.dataset_id): f"{names[entry.agency]}, {entry.label}"
            for entry in registration.datasets(session)
        }


def today() -> dt.date:
    """The day it is in the United Kingdom."""
    return london_date(now())


def limit_key() -> str:
    """Whom a rate limit counts: the session, or the network address before sign-in."""
    account = signed_in()
    return account.session_id if account else f"address {request.remote_addr}"
