"""Emergency access, and the notices: a user's own, and the officers'.

Invariant: a user reads the notices to them alone; officers have theirs, and the audit its row,
before the access begins; what was looked at under it is shown to officers as ids from the audit,
never as people.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, emergencies
from governance.declared import records, records_nothing
from governance.emergencies import Emergency, EmergencyError
from governance.errors import GovernanceError
from governance.events import AuditRead, EmergencyBegun, EmergencyReviewed, NoticeSeen
from governance.ids import is_opaque
from governance.looks import Asked, Look, looks
from governance.notices import mark_seen, notices, own_notices, see_own
from governance.permissions import Permission, allows
from webapp.access import Purpose, for_signed_in, needs
from webapp.audit.arrange import line_of
from webapp.context import agencies, note, now, token, user, web
from webapp.emergencies.forms import EmergencyForm, ReviewForm
from webapp.signin.forms import SignOutForm

blueprint = Blueprint("emergencies", __name__)
_AFTER = dt.timedelta(hours=1)


@blueprint.route("/emergency", methods=["GET", "POST"])
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.NOT_NEEDED, rate="10 per minute")
@records(EmergencyBegun)
def begin() -> str | Response:
    """Take wider access for half an hour."""
    form = EmergencyForm()
    if not form.validate_on_submit():
        return render_template("emergency.html", form=form)
    with web().home.register.session() as session:
        account, begun = emergencies.begin(
            session, token(), form.reference.data, form.words.data, now()
        )
        note(
            EmergencyBegun(
                user_id=account.user_id,
                agency=account.agency,
                emergency_id=begun.emergency_id,
                purpose=emergencies.EMERGENCY,
                reference=begun.reference,
                legal_basis=account.legal_basis,
            )
        )
        session.commit()
    return redirect(url_for("addresses.ask"), 303)


@blueprint.get("/notices")
@for_signed_in()
@records(AuditRead)
def overview() -> str:
    """What the user must know, and for officers what officers must, newest first."""
    account = user()
    officer = allows(account.roles, Permission.VIEW_AUDIT)
    with web().home.register.session() as session:
        own = own_notices(session, account.user_id)
        found = notices(session) if officer else []
        names = {each.user_id: each.username for each in accounts.users(session)}
    if officer:
        _read(len(found))
    return render_template(
        "notices.html",
        officer=officer,
        own=own,
        entries=found,
        names=names if officer else {},
        labels={each.agency_id: each.label for each in agencies()},
    )


@blueprint.post("/notices/own/<notice_id>/seen")
@for_signed_in()
@records_nothing("the user's own notices")
def seen_own(notice_id: str) -> Response:
    """The user has seen a notice of theirs."""
    if not SignOutForm().validate_on_submit() or not is_opaque(notice_id):
        raise NotFound
    with web().home.register.session() as session:
        try:
            see_own(session, user().user_id, notice_id, now())
        except GovernanceError:
            raise NotFound from None
        session.commit()
    return redirect(url_for("emergencies.overview"), 303)


@blueprint.post("/notices/<notice_id>/seen")
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(NoticeSeen)
def seen(notice_id: str) -> Response:
    """An officer has seen it."""
    if not SignOutForm().validate_on_submit() or not is_opaque(notice_id):
        raise NotFound
    account = user()
    with web().home.register.session() as session:
        try:
            mark_seen(session, notice_id, account.user_id, now())
        except GovernanceError as error:
            flash(str(error))
            return redirect(url_for("emergencies.overview"), 303)
        note(NoticeSeen(user_id=account.user_id, agency=account.agency, notice_id=notice_id))
        session.commit()
    return redirect(url_for("emergencies.overview"), 303)


@blueprint.route("/emergencies/<emergency_id>", methods=["GET", "POST"])
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(AuditRead, EmergencyReviewed)
def review(emergency_id: str) -> str | Response:
    """One use of emergency access: why, what was looked at, and what an officer finds."""
    with web().home.register.session() as session:
        found = emergencies.emergency(session, emergency_id) if is_opaque(emergency_id) else None
        if found is None:
            raise NotFound
        by = accounts.user(session, found.user_id)
        looked = _looked(found)
    form = ReviewForm()
    if form.validate_on_submit() and _reviewed(found, str(form.outcome.data), form):
        flash("Saved.")
        return redirect(url_for("emergencies.overview"), 303)
    _read(len(looked))
    return render_template(
        "emergency-review.html",
        entry=found,
        username=by.username if by else "nobody known",
        lines=[line_of(look) for look in looked],
        outcomes=emergencies.OUTCOMES,
        form=form,
    )


def _looked(found: Emergency) -> list[Look]:
    home = web().home
    with home.register.session() as session:
        asked = Asked(user_id=found.user_id, since=found.began_at, until=found.until + _AFTER)
        rows = looks(session, home.audit, asked)
    return [row for row in rows if row.row.payload.get("purpose") == emergencies.EMERGENCY]


def _reviewed(found: Emergency, outcome: str, form: ReviewForm) -> bool:
    account = user()
    with web().home.register.session() as session:
        try:
            emergencies.review(session, found.emergency_id, outcome, account.user_id, now())
        except EmergencyError as error:
            form.outcome.errors = [str(error)]
            return False
        note(
            EmergencyReviewed(
                user_id=account.user_id,
                agency=account.agency,
                emergency_id=found.emergency_id,
                outcome=outcome,
            )
        )
        session.commit()
    return True


def _read(rows: int) -> None:
    account = user()
    note(AuditRead(user_id=account.user_id, agency=account.agency, rows=rows))
