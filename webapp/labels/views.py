"""Questions to a steward, one at a time: /label.

Invariant: a question comes from the label desk, which applies the agreements and writes the audit;
its id is opaque and stands in the body of a form, never in a URL. What is sent is answered by a
redirect, and the same answer sent twice counts once.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from governance import labels as leases
from governance.declared import records
from governance.events import JudgementMade, QuestionShown
from governance.permissions import Permission, Role
from kith.labelling.questions import NoQuestionsError, NotLeasedError
from webapp.access import Purpose, needs
from webapp.context import now, user, viewer, web
from webapp.labels.arrange import arrange, progress
from webapp.labels.forms import AnswerForm, UndoForm

blueprint = Blueprint("labels", __name__)
_RATE = "120 per minute"
_LINKING = ("record_linkage", "data_quality")
"""Purposes for which agencies usually show stewards each other's records."""
_KEPT = {
    "same": "Kept: same person.",
    "different": "Kept: different people.",
    "unsure": "Kept: cannot tell.",
}
_LOST = (
    "That question was no longer yours: it was answered, or its ten minutes were over. "
    "Nothing was changed. Here is the next."
)


@blueprint.get("/label")
@needs(Permission.LABEL, purpose=Purpose.STATED, rate=_RATE)
@records(QuestionShown)
def question() -> str:
    """The question to answer now, or why there is none."""
    account = user()
    try:
        found = web().labels.next(viewer(Role.STEWARD), account)
    except NoQuestionsError as nothing:
        return render_template("label-none.html", why="unready", happened=str(nothing))
    so_far = progress(web().labels.progress(account))
    if found is None:
        return render_template(
            "label-none.html",
            why="elsewhere" if _others_hold_some() else "finished",
            progress=so_far,
            other_purpose=account.purpose not in _LINKING,
        )
    return render_template("label.html", page=arrange(found), progress=so_far)


@blueprint.post("/label")
@needs(Permission.LABEL, purpose=Purpose.STATED, rate=_RATE)
@records(JudgementMade, QuestionShown)
def answer() -> Response:
    """Keep an answer and go on to the next question."""
    form = AnswerForm()
    if not form.validate_on_submit():
        raise BadRequest
    account, asked, verdict = user(), str(form.question.data), str(form.verdict.data)
    repeated = web().repeats.seen(account.session_id, asked, verdict)
    try:
        web().labels.answer(viewer(Role.STEWARD), account, asked, verdict)
    except NotLeasedError:
        if not repeated:
            flash(_LOST)
    else:
        flash(_KEPT[verdict])
    return _next()


@blueprint.post("/label/undo")
@needs(Permission.LABEL, purpose=Purpose.STATED, rate=_RATE)
@records(JudgementMade, QuestionShown)
def undo() -> Response:
    """Take the user's last answer back and ask that question again."""
    form = UndoForm()
    if not form.validate_on_submit():
        raise BadRequest
    account = user()
    if web().repeats.seen(account.session_id, "undo", str(form.answers.data)):
        return _next()
    again = web().labels.undo(viewer(Role.STEWARD), account)
    flash(
        "Your last answer is taken back. Here is that question again."
        if again
        else "There is no answer of yours that can be taken back."
    )
    return _next()


def _next() -> Response:
    return redirect(url_for("labels.question"), 303)


def _others_hold_some() -> bool:
    """Whether questions are before other stewards at the moment."""
    with web().home.register.session() as session:
        return any(lease.user_id != user().user_id for lease in leases.leased(session, now()))
