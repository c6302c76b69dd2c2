"""Who looked at this person, what did this user see, what was refused; and is the audit whole.

Invariant: for governance officers alone; that the audit was read is in the audit before the page
leaves.
"""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request
from wtforms.fields.choices import SelectChoice

from governance import accounts
from governance.declared import records
from governance.events import AuditRead
from governance.looks import Asked, Look, ids_of_person, looks
from governance.permissions import Permission
from governance.policy import midnight
from kith import auditing
from webapp.access import Purpose, needs
from webapp.audit.arrange import line_of
from webapp.audit.forms import VIEWS, AuditForm
from webapp.context import note, user, web
from webapp.forms import read_day

blueprint = Blueprint("audit", __name__)
_MOST = 200


@blueprint.get("/audit")
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(AuditRead)
def overview() -> str:
    """The newest rows that the officer asks for."""
    form = AuditForm(request.args)
    with web().home.register.session() as session:
        named = [SelectChoice(each.user_id, each.username) for each in accounts.users(session)]
    form.user.choices = [SelectChoice("", "Everybody"), *named]
    found: list[Look] = []
    if form.validate():
        found = _asked(form)
    about = [form.about.data] if form.about.data and not form.errors else []
    _read(rows=len(found), what=about)
    return render_template(
        "audit.html", form=form, lines=[line_of(look) for look in found], most=_MOST
    )


@blueprint.post("/audit/verification")
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED, rate="6 per minute")
@records(AuditRead)
def verification() -> str:
    """The whole chain walked and compared with the checkpoints kept here."""
    home = web().home
    found = auditing.check_home(home, user())
    return render_template(
        "audit-verification.html",
        faults=found.faults,
        total=found.rows,
        checkpoints=found.checkpoints,
        key=home.sealer.key.public.text,
    )


def _asked(form: AuditForm) -> list[Look]:
    home = web().home
    with home.register.session() as session:
        about = form.about.data
        asked = Asked(
            kinds=VIEWS[form.view.data][1],
            user_id=form.user.data or None,
            about=ids_of_person(session, about) if about else frozenset(),
            since=midnight(read_day(form.since.data)) if form.since.data else None,
            until=_after(form.until.data) if form.until.data else None,
        )
        return looks(session, home.audit, asked, last=_MOST)


def _after(day: str) -> dt.datetime:
    return midnight(read_day(day) + dt.timedelta(days=1))


def _read(*, rows: int, what: list[str] | None = None) -> None:
    account = user()
    note(
        AuditRead(
            user_id=account.user_id,
            agency=account.agency,
            rows=rows,
            what=what or [],
        )
    )
