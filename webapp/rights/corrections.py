"""Corrections put to agencies, and restrictions, from a case.

Invariant: who is named to answer for an agency sees the one value that is objected to and what the
person says; nothing is corrected here.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance.declared import records
from governance.errors import NotPermitted
from governance.events import Projected, RestrictionChanged
from governance.ids import is_opaque
from governance.notices import see_about
from governance.permissions import Permission
from governance.subject_cases import SubjectError
from governance.subject_events import RectificationChanged
from governance.subject_rectification import STATES
from kith.rights import remedies
from kith.rights.wording import field_words
from webapp.access import Purpose, needs
from webapp.context import now, user, web
from webapp.retention.arrange import sentence
from webapp.rights.forms import AnswerForm, CorrectionForm, RestrictForm, correctable
from webapp.rights.views import act, case_of

blueprint = Blueprint("corrections", __name__)


@blueprint.route("/rights/<case_id>/correction", methods=["GET", "POST"])
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def ask(case_id: str) -> str | Response | tuple[str, int]:
    """Put a value to the agency whose system holds it."""
    case = case_of(case_id, working=True)
    fact = request.args.get("fact", "")
    form = CorrectionForm(data={"fact": fact if is_opaque(fact) else ""})
    form.offer({name: field_words(name) for name in correctable()})
    if not form.validate_on_submit():
        return render_template("rights-correction.html", form=form, case=case)
    given = (form.fact.data, form.field.data, form.words.data)
    try:
        remedies.rectify(web().home, user(), case_id, *given)
    except SubjectError as error:
        form.fact.errors = [sentence(error)]
        return render_template("rights-correction.html", form=form, case=case), 400
    flash("Asked. Those named to answer for the agency have a notice.")
    return redirect(url_for("rights.detail", case_id=case_id), 303)


@blueprint.route("/corrections/<rectification_id>", methods=["GET", "POST"])
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def answer(rectification_id: str) -> str | Response | tuple[str, int]:
    """What a person says is wrong in the agency's records, and what the agency says to that."""
    if not is_opaque(rectification_id):
        raise NotFound
    home, form = web().home, AnswerForm()
    try:
        about, value = remedies.to_answer(home, user(), rectification_id)
    except (SubjectError, NotPermitted):
        raise NotFound from None
    with home.register.session() as session:
        see_about(session, user().user_id, rectification_id, now())
        session.commit()
    shown = {"about": about, "value": value, "states": STATES, "field_words": field_words}
    if not form.validate_on_submit():
        return render_template("rights-answer.html", form=form, **shown)
    said = form.said.data == "accepted"
    try:
        remedies.answer(home, user(), rectification_id, accepted=said, reason=form.reason.data)
    except SubjectError as error:
        form.reason.errors = [sentence(error)]
        return render_template("rights-answer.html", form=form, **shown), 400
    flash("Answered.")
    return redirect(url_for("emergencies.overview"), 303)


@blueprint.post("/rights/<case_id>/restriction")
@needs(Permission.RESTRICT_PERSON, purpose=Purpose.NOT_NEEDED, rate="10 per minute")
@records(RestrictionChanged, Projected)
def restrict(case_id: str) -> Response:
    """Restrict the person's records from now on."""
    form = RestrictForm()
    if not form.validate_on_submit():
        raise NotFound
    reason = str(form.ground.data)
    return act(
        case_id,
        lambda home, account, case: remedies.restrict(home, account, case, reason),
        "Restricted from now on.",
    )


@blueprint.post("/rights/<case_id>/lifting")
@needs(Permission.RESTRICT_PERSON, purpose=Purpose.NOT_NEEDED, rate="10 per minute")
@records(RestrictionChanged, Projected)
def lift(case_id: str) -> Response:
    """Lift what the case restricted."""
    return act(case_id, remedies.lift, "Lifted.")
