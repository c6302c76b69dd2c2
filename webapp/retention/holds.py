"""Legal holds.

Invariant: a hold counts from the moment it is placed; lifting one is on record like placing it.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, retention_holds
from governance.declared import records, records_nothing
from governance.permissions import Permission
from governance.retention import RetentionError
from governance.retention_events import LegalHoldChanged
from kith import retaining
from records.codes import code_list
from webapp.access import Purpose, needs
from webapp.context import today, user, web
from webapp.register.arrange import category_words
from webapp.retention.arrange import sentence
from webapp.retention.forms import ActForm, HoldForm
from webapp.retention.views import datasets, kinds

blueprint = Blueprint("holds", __name__)


@blueprint.get("/retention/holds")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records_nothing("holds, by opaque ids")
def overview() -> str:
    """Holds in force, those to be looked at again first, and those lifted."""
    with web().home.register.session() as session:
        found = retention_holds.holds(session)
        names = {each.user_id: each.username for each in accounts.users(session)}
    return render_template(
        "retention-holds.html",
        in_force=[each for each in found if each.lifted_at is None],
        lifted=[each for each in found if each.lifted_at is not None],
        kinds=code_list("hold_kind").labels,
        names=names,
        datasets=datasets() | {"*/*": "All that there is"},
        words=category_words,
        today=today(),
    )


@blueprint.route("/retention/holds/new", methods=["GET", "POST"])
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(LegalHoldChanged)
def place() -> str | Response | tuple[str, int]:
    """Hold one person or fact, or part of a system."""
    form = HoldForm()
    form.offer(datasets(), kinds())
    if not form.validate_on_submit():
        return render_template("retention-hold-new.html", form=form)
    try:
        retaining.place_hold(web().home, user(), form.terms())
    except RetentionError as error:
        form.reason.errors = [sentence(error)]
        return render_template("retention-hold-new.html", form=form), 400
    flash("Held from now on.")
    return redirect(url_for("holds.overview"), 303)


@blueprint.post("/retention/holds/<hold_id>/lifting")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(LegalHoldChanged)
def lift(hold_id: str) -> Response:
    """End it: what it held may fall due again."""
    if not ActForm().validate_on_submit():
        raise NotFound
    try:
        retaining.lift_hold(web().home, user(), hold_id)
    except RetentionError as error:
        flash(sentence(error))
    else:
        flash("Lifted.")
    return redirect(url_for("holds.overview"), 303)
