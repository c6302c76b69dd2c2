"""Who may open which page: declared at the page, enforced here, for all of them.

Invariant: before any view runs its declarations are checked: who may open it, and what the audit
has of it (governance.declared). A view without one is refused, so a page that somebody forgets to
protect does not open.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, flash, redirect, request, session, url_for
from flask_limiter import Limiter
from werkzeug.wrappers import Response

from governance.declared import recorded_by, records_nothing
from governance.errors import NotPermitted
from governance.events import Refused
from governance.permissions import Permission, allows, require
from governance.sessions import SignedInUser
from webapp.context import limit_key, note, signed_in

AFTER_PURPOSE = "after_purpose"
"""Where in the cookie the page stands that waits for a purpose: a path of ours, opaque ids only."""

View = TypeVar("View", bound=Callable[..., object])


class Purpose(enum.Enum):
    """A page's purpose policy."""

    STATED = "must be stated before the page opens"
    NOT_NEEDED = "shows nobody, or asks for it"


class Undeclared(RuntimeError):  # noqa: N818
    """A page does not say who may open it, or what the audit has of it: a fault of the program."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a page declares. `permission` is None where any signed-in user may come."""

    signed_in: bool
    purpose: Purpose
    rate: str
    permission: Permission | None = None


def open_to_all(*, rate: str = "300 per minute") -> Callable[[View], View]:
    """A page for people who have not signed in: it shows nothing of anybody."""
    return _declare(Access(signed_in=False, purpose=Purpose.NOT_NEEDED, rate=rate))


def for_signed_in(*, rate: str = "120 per minute") -> Callable[[View], View]:
    """A page for everybody who has signed in: it shows nothing of anybody else."""
    return _declare(Access(signed_in=True, purpose=Purpose.NOT_NEEDED, rate=rate))


def needs(
    permission: Permission, *, purpose: Purpose, rate: str = "60 per minute"
) -> Callable[[View], View]:
    """A page for those whose role gives a permission, with its purpose policy."""
    return _declare(Access(signed_in=True, permission=permission, purpose=purpose, rate=rate))


def access_of(view: object) -> Access | None:
    """What a view declares, None if nothing."""
    return getattr(view, "kith_access", None)


def install(app: Flask) -> None:
    """Enforce the declarations of every view registered so far."""
    static = records_nothing("files of the product")(_static)
    app.view_functions["static"] = open_to_all(rate="3000 per minute")(static)
    limiter = Limiter(key_func=limit_key, app=app, storage_uri="memory://")
    for endpoint, view in list(app.view_functions.items()):
        declared = access_of(view)
        if declared is not None:
            limited: Any = limiter.limit(declared.rate)(view)
            app.view_functions[endpoint] = limited
    app.before_request(_enforce)


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.__dict__["kith_access"] = access
        return view

    return mark


def _static(filename: str) -> Response:
    return current_app.send_static_file(filename)


def _enforce() -> Response | None:
    if request.endpoint is None:
        return None  # no such page: the error page says so
    view = current_app.view_functions[request.endpoint]
    declared = access_of(view)
    if declared is None or recorded_by(view) is None:
        raise Undeclared(request.endpoint)
    if not declared.signed_in:
        return None
    account = signed_in()
    if account is None:
        return _to_sign_in()
    if declared.permission is not None and not allows(account.roles, declared.permission):
        _refuse(account, declared.permission)
    if declared.purpose is Purpose.STATED and account.purpose is None:
        return _to_purpose()
    return None


def _to_sign_in() -> Response:
    """The cookie goes; a session that had begun is told why."""
    begun = "_user_id" in session
    session.clear()
    if begun:
        flash("You have been signed out, because it was a while since you did anything.")
    return redirect(url_for("signin.sign_in"), 303)


def _to_purpose() -> Response:
    if request.method == "GET":
        session[AFTER_PURPOSE] = request.full_path.rstrip("?")
    return redirect(url_for("addresses.purpose"), 303)


def _refuse(account: SignedInUser, permission: Permission) -> None:
    note(
        Refused(
            user_id=account.user_id, agency=account.agency, permission=permission, reason="role"
        )
    )
    require(account.roles, permission)
    raise NotPermitted("Your role does not allow this.")
