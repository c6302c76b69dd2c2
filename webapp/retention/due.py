"""What falls due, and reviews of it.

Invariant: ids, kinds and days are shown, nobody's name; what was shown is in the audit.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from governance import retention
from governance.declared import records
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.retention import RetentionError
from governance.retention_due import STATUSES
from governance.retention_events import RetentionListed, RetentionReviewed
from kith import retaining
from webapp.access import Purpose, needs
from webapp.context import system_labels, today, user, web
from webapp.retention.arrange import WHATS, counted, lines, sentence
from webapp.retention.forms import DueForm, ReviewForm

blueprint = Blueprint("due", __name__)


@blueprint.get("/retention/due")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionListed)
def overview() -> str:
    """What is due by a day, and why: rule, event, day."""
    return _page(ReviewForm())


@blueprint.post("/retention/due")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionListed, RetentionReviewed)
def decide() -> str | Response | tuple[str, int]:
    """Decide about those that were chosen on the page."""
    form = ReviewForm()
    chosen = [each for each in request.form.getlist("item") if is_opaque(each)]
    if form.validate_on_submit():
        try:
            count = retaining.review(
                web().home,
                user(),
                chosen,
                form.outcome.data,
                form.reason.data,
                next_review=form.day if form.outcome.data == "keep" else None,
            )
        except RetentionError as error:
            form.outcome.errors = [sentence(error)]
        else:
            flash(f"Decided about {count}.")
            return redirect(url_for("due.overview", **_asked_for()), 303)
    return _page(form, frozenset(chosen)), 400


def _page(review: ReviewForm, chosen: frozenset[str] = frozenset()) -> str:
    form = DueForm(request.args)
    asked = form.validate()
    status = form.status.data if asked else "review"
    by = form.day if asked else None
    rule_id = request.args.get("rule", "")
    number = max(request.args.get("page", 1, type=int), 1)
    home = web().home
    found = retaining.list_due(
        home,
        user(),
        by=by,
        status=status,
        rule_id=rule_id if is_opaque(rule_id) else None,
        offset=retaining.PAGE * (min(number, 1_000_000) - 1),
    )
    with home.register.session() as session:
        rules = {each.rule_id: each for each in retention.rules(session)}
    systems = system_labels()
    some = {each.status for each in found.tallies}
    return render_template(
        "retention-due.html",
        form=form,
        review=review,
        may_decide=status in retaining.REVIEWABLE and (by is None or by <= today()),
        chosen=chosen,
        found=found,
        status=status,
        statuses=STATUSES,
        columns={code: words for code, words in STATUSES.items() if code in some},
        lines=lines(found.items, rules, systems),
        counted=counted(found.tallies, systems),
        whats=WHATS,
        asked_for=_asked_for(),
        page=number,
        pages=-(-found.total // retaining.PAGE) or 1,
    )


def _asked_for() -> dict[str, Any]:
    """What the page was asked with, for links to other parts of the same list."""
    return {key: request.args[key] for key in ("by", "status", "rule") if request.args.get(key)}
