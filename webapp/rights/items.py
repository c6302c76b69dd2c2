"""The redaction step: items of a case with their values, and what is decided about each.

Invariant: values are shown to officers for an open case alone, and that they were is in the audit
first; an item without a choice stays undecided.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance.declared import records
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.subject_cases import SubjectError
from governance.subject_events import SubjectFound, SubjectItemsDecided, SubjectItemsShown
from governance.subject_items import DECISIONS, Decision
from kith.rights import access
from kith.rights.wording import Labels, field_words, kind_words, value_words
from records.codes import code_list
from webapp.access import Purpose, needs
from webapp.context import user, web
from webapp.retention.arrange import sentence
from webapp.rights.forms import ActForm
from webapp.rights.views import act, case_of

blueprint = Blueprint("rights_items", __name__)
PAGE = 10
_SUGGESTED = "suggested"


@blueprint.post("/rights/<case_id>/drawing")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED, rate="20 per minute")
@records(SubjectFound)
def draw(case_id: str) -> Response:
    """Make items of all that is held."""
    done = act(case_id, access.draw, "Drawn. Decide about each item.")
    if case_of(case_id).drawn_at is not None:
        return redirect(url_for("rights_items.overview", case_id=case_id), 303)
    return done


@blueprint.get("/rights/<case_id>/items")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectItemsShown)
def overview(case_id: str) -> str:
    """A page of items."""
    return _page(case_id)


@blueprint.post("/rights/<case_id>/items")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectItemsShown, SubjectItemsDecided)
def decide(case_id: str) -> str | Response | tuple[str, int]:
    """Decide about those on the page that have a choice; or about the others as suggested."""
    case_of(case_id, working=True)
    if not ActForm().validate_on_submit():
        raise NotFound
    home, shown = web().home, [i for i in request.form.getlist("item") if is_opaque(i)][:PAGE]
    chosen = {item_id: _decision(item_id) for item_id in shown}
    made = {item_id: decision for item_id, decision in chosen.items() if decision is not None}
    try:
        if made:
            access.decide_each(home, user(), case_id, made)
        count = len(made)
        if _SUGGESTED in request.form:
            count += access.take_suggestions(home, user(), case_id, set(shown) - set(made))
    except SubjectError as error:
        return _page(case_id, fault=sentence(error)), 400
    flash(f"Decided about {count}.")
    number = _number() + (_SUGGESTED in request.form)
    return redirect(url_for("rights_items.overview", case_id=case_id, page=number), 303)


def _decision(item_id: str) -> Decision | None:
    """What was chosen for an item; None if nothing was."""
    decision = request.form.get(f"decision-{item_id}")
    if decision not in DECISIONS:
        return None
    if decision == "disclose":
        return Decision(decision=decision)
    fields = request.form.getlist(f"field-{item_id}") if decision == "redact" else []
    return Decision(
        decision=decision,
        redacted=tuple(fields),
        exemption=request.form.get(f"exemption-{item_id}") or None,
        silent=f"silent-{item_id}" in request.form,
    )


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 1_000_000)


def _page(case_id: str, fault: str = "") -> str:
    case_of(case_id, working=True)
    home = web().home
    number = _number()
    found = access.show(home, user(), case_id, offset=PAGE * (number - 1), limit=PAGE)
    pages = -(-found.total // PAGE) or 1
    if number > pages:
        number = pages
        found = access.show(home, user(), case_id, offset=PAGE * (number - 1), limit=PAGE)
    with home.register.session() as session:
        labels = Labels.of(session)
    return render_template(
        "rights-items.html",
        case=found.case,
        found=found,
        may_decide=found.case.state == "open",
        decisions=DECISIONS,
        exemptions=code_list("exemption").labels,
        given=request.form if fault else None,
        fault=fault,
        labels=labels,
        kind_words=kind_words,
        field_words=field_words,
        value_words=value_words,
        page=number,
        pages=pages,
    )
