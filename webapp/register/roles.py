"""Roles that wait: one gave them, and an officer approves or refuses.

Invariant: an officer approves no role of their own and none that they gave; every decision is in
the audit before it counts.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts
from governance.declared import records, records_nothing
from governance.errors import AccountError
from governance.events import UserChanged
from governance.ids import is_opaque
from governance.permissions import Permission
from records.codes import code_list
from webapp.access import Purpose, needs
from webapp.context import agencies, note, now, user, web
from webapp.register.forms import ActForm

blueprint = Blueprint("roles", __name__)


@blueprint.get("/roles")
@needs(Permission.APPROVE_ROLES, purpose=Purpose.NOT_NEEDED)
@records_nothing("accounts and roles: it shows nobody who is in a case")
def overview() -> str:
    """Every role that waits for approval."""
    with web().home.register.session() as session:
        waiting = accounts.waiting_roles(session)
        names = {each.user_id: each.username for each in accounts.users(session)}
    return render_template(
        "roles.html",
        waiting=waiting,
        names=names,
        agencies={entry.agency_id: entry.label for entry in agencies()},
        roles=code_list("role").labels,
    )


@blueprint.post("/roles/<user_id>/<role>/approval")
@needs(Permission.APPROVE_ROLES, purpose=Purpose.NOT_NEEDED)
@records(UserChanged)
def approve(user_id: str, role: str) -> Response:
    """Put it in force."""
    return _decide(user_id, role, "role_approved")


@blueprint.post("/roles/<user_id>/<role>/refusal")
@needs(Permission.APPROVE_ROLES, purpose=Purpose.NOT_NEEDED)
@records(UserChanged)
def refuse(user_id: str, role: str) -> Response:
    """It is never in force."""
    return _decide(user_id, role, "role_taken")


def _decide(user_id: str, role: str, change: str) -> Response:
    if not ActForm().validate_on_submit() or not is_opaque(user_id):
        raise NotFound
    account, instant = user(), now()
    with web().home.register.session() as session:
        waiting = {(each.user_id, each.role) for each in accounts.waiting_roles(session)}
        if (user_id, role) not in waiting:
            raise NotFound
        try:
            if change == "role_approved":
                accounts.approve_role(session, user_id, role, account.user_id, instant)
            else:
                accounts.take_role(session, user_id, role, instant)
        except AccountError as error:
            flash(str(error))
            return redirect(url_for("roles.overview"), 303)
        note(
            UserChanged(
                user_id=account.user_id, agency=account.agency, subject_id=user_id, change=change
            )
        )
        session.commit()
    flash("The role is in force." if change == "role_approved" else "The role is refused.")
    return redirect(url_for("roles.overview"), 303)
