"""Who answers for an agency, and who stands in its records as a lead worker.

Invariant: an officer names others, never themselves; every naming is in the audit before it counts.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, telling
from governance.approvers import (
    approvers,
    end_approver,
    forget_worker,
    name_approver,
    name_worker,
    workers,
    works,
)
from governance.declared import records, records_nothing
from governance.errors import AgreementError, RegistrationError
from governance.events import Event
from governance.permissions import Permission
from governance.request_events import ApproverNamed, TellingChanged, WorkerNamed
from webapp.access import Purpose, needs
from webapp.context import agencies, note, now, user, web
from webapp.requests.forms import ButtonForm

blueprint = Blueprint("approvers", __name__)


@blueprint.get("/register/approvers")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records_nothing("accounts of those who answer")
def overview() -> str:
    """By agency: who answers requests, and whose name is whose."""
    with web().home.register.session() as session:
        named = approvers(session)
        known = workers(session)
        users = [each for each in accounts.users(session) if works(each, each.agency)]
    return render_template(
        "approvers.html",
        named=named,
        workers=known,
        users=users,
        may_be_named=[u for u in users if u.user_id not in {each.user_id for each in named}],
        usernames={each.user_id: each.username for each in users},
        labels={each.agency_id: each.label for each in agencies()},
    )


@blueprint.post("/register/approvers")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(ApproverNamed)
def name() -> Response:
    """Name somebody to answer requests."""
    chosen = request.form.get("user", "")
    return _do(
        lambda session: name_approver(session, chosen, user().user_id, now()),
        lambda: ApproverNamed(
            user_id=user().user_id, agency=user().agency, subject_id=chosen, change="named"
        ),
    )


@blueprint.post("/register/approvers/<user_id>/end")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(ApproverNamed)
def end(user_id: str) -> Response:
    """They answer no longer."""
    return _do(
        lambda session: end_approver(session, user_id, user().user_id, now()),
        lambda: ApproverNamed(
            user_id=user().user_id, agency=user().agency, subject_id=user_id, change="ended"
        ),
    )


@blueprint.post("/register/workers")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(WorkerNamed)
def name_a_worker() -> Response:
    """Note under which name a user stands in their agency's records."""
    chosen, words = request.form.get("user", ""), request.form.get("name", "")
    return _do(
        lambda session: name_worker(session, chosen, words, user().user_id, now()),
        lambda: WorkerNamed(
            user_id=user().user_id, agency=user().agency, subject_id=chosen, change="named"
        ),
    )


@blueprint.post("/register/workers/<user_id>/end")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(WorkerNamed)
def forget_a_worker(user_id: str) -> Response:
    """Take a name away."""

    def act(session: Session) -> None:
        for each in workers(session):
            if each.user_id == user_id and each.worker == request.form.get("name"):
                forget_worker(session, each.agency, each.worker)
                return
        raise RegistrationError("There is no such name.")

    return _do(
        act,
        lambda: WorkerNamed(
            user_id=user().user_id, agency=user().agency, subject_id=user_id, change="ended"
        ),
    )


@blueprint.post("/register/telling/<agreement_id>")
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(TellingChanged)
def decide_telling(agreement_id: str) -> Response:
    """Decide whether looks under an agreement are told to practitioners."""
    yes = request.form.get("tells") == "yes"
    return _do(
        lambda session: telling.decide_telling(session, agreement_id, yes, user().user_id, now()),
        lambda: TellingChanged(
            user_id=user().user_id, agency=user().agency, agreement_id=agreement_id, tells=yes
        ),
        url_for("agreements.detail", agreement_id=agreement_id),
    )


def _do(act: Callable[[Session], None], event: Callable[[], Event], back: str = "") -> Response:
    back = back or url_for("approvers.overview")
    if not ButtonForm().validate_on_submit():
        raise NotFound
    with web().home.register.session() as session:
        try:
            act(session)
        except AgreementError:
            raise NotFound from None
        except RegistrationError as error:
            flash(str(error))
            return redirect(back, 303)
        note(event())
        session.commit()
    flash("Done.")
    return redirect(back, 303)
