"""The retention schedule, its rules, and the lawful bases of systems.

Invariant: one proposes and another approves; a rule is never edited; every change is in the audit
before it counts.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, lawful, registration, retention
from governance.declared import records, records_nothing
from governance.ids import ANY, is_opaque
from governance.permissions import Permission
from governance.policy import categories
from governance.retention import RetentionError, Rule
from governance.retention_events import LawfulBasisNoted, RetentionRuleChanged
from governance.sessions import SignedInUser
from kith import retaining
from kith.home import Home
from webapp.access import Purpose, needs
from webapp.context import agencies, system_labels, today, user, web
from webapp.register.arrange import category_words
from webapp.retention.arrange import kept_words, sentence
from webapp.retention.forms import ActForm, BasisForm, RuleForm

blueprint = Blueprint("retention", __name__)


@blueprint.get("/retention")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("rules of retention")
def overview() -> str:
    """How long each system's data are kept, what waits for approval, and what has no rule."""
    with web().home.register.session() as session:
        found = [each for each in retention.rules(session) if each.withdrawn_at is None]
        missing = retention.without_rule(session)
    systems = system_labels()
    by_agency: dict[str, list[Rule]] = {}
    for each in found:
        by_agency.setdefault(each.terms.agency, []).append(each)
    return render_template(
        "retention.html",
        by_agency=by_agency,
        labels={entry.agency_id: entry.label for entry in agencies()},
        systems=systems,
        missing=[systems[pair] for pair in missing],
        waiting=[each for each in found if each.approved_at is None],
        words=category_words,
        kept=kept_words,
    )


@blueprint.get("/retention/rules/<rule_id>")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("rules of retention")
def detail(rule_id: str) -> str:
    """One rule, and its history."""
    with web().home.register.session() as session:
        try:
            one = retention.rule(session, rule_id)
        except RetentionError:
            raise NotFound from None
        names = {each.user_id: each.username for each in accounts.users(session)}
    labels = {entry.agency_id: entry.label for entry in agencies()}
    whose = (one.terms.agency, one.terms.dataset)
    return render_template(
        "retention-rule.html",
        one=one,
        kept=kept_words(one),
        whose=system_labels().get(whose, f"{labels[one.terms.agency]}, every system"),
        about=category_words(one.terms.category),
        names=names,
        mine=one.proposed_by == user().user_id,
    )


@blueprint.route("/retention/rules/new", methods=["GET", "POST"])
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged)
def propose() -> str | Response | tuple[str, int]:
    """Propose a rule; nothing falls due by it until another officer approves it."""
    form = RuleForm()
    form.offer(datasets(), kinds())
    if not form.validate_on_submit():
        return render_template("retention-rule-new.html", form=form)
    try:
        made = retaining.propose_rule(web().home, user(), form.terms())
    except RetentionError as error:
        form.source.errors = [sentence(error)]
        return render_template("retention-rule-new.html", form=form), 400
    flash("Proposed. Another governance officer has to approve it.")
    return redirect(url_for("retention.detail", rule_id=made), 303)


@blueprint.post("/retention/rules/<rule_id>/approval")
@needs(Permission.APPROVE_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged)
def approve(rule_id: str) -> Response:
    """Put it in force."""
    return _act(rule_id, retaining.approve_rule, "The rule is in force.")


@blueprint.post("/retention/rules/<rule_id>/withdrawal")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(RetentionRuleChanged)
def withdraw(rule_id: str) -> Response:
    """End it at once."""
    return _act(rule_id, retaining.withdraw_rule, "The rule is withdrawn.")


@blueprint.route("/retention/basis/<agency>/<dataset>", methods=["GET", "POST"])
@needs(Permission.MANAGE_REGISTER, purpose=Purpose.NOT_NEEDED)
@records(LawfulBasisNoted)
def basis(agency: str, dataset: str) -> str | Response:
    """On which lawful basis a system's data are processed: without one no file is taken."""
    label = system_labels().get((agency, dataset))
    if label is None:
        raise NotFound
    form = BasisForm()
    if form.validate_on_submit():
        name = f"{agency}/{dataset}"
        retaining.note_basis(web().home, user(), name, form.basis.data, form.day)
        flash("Noted. It holds for every load from now on.")
        return redirect(url_for("register.overview"), 303)
    with web().home.register.session() as session:
        found = lawful.basis_of(session, agency, dataset)
        registered = next(
            each for each in registration.datasets(session, agency) if each.dataset_id == dataset
        )
    return render_template(
        "lawful-basis.html",
        form=form,
        label=label,
        found=found,
        in_force=found.in_force(today()),
        registered=registered,
        agency=agency,
        dataset=dataset,
    )


def datasets() -> dict[str, str]:
    """`AGENCY/SYSTEM`, and `AGENCY/*`, with their words."""
    every = {f"{entry.agency_id}/{ANY}": f"{entry.label}, every system" for entry in agencies()}
    return every | {f"{agency}/{name}": words for (agency, name), words in system_labels().items()}


def kinds() -> dict[str, str]:
    """Every category, with its words."""
    return {code: category_words(code) for code in categories()}


def _act(rule_id: str, act: Callable[[Home, SignedInUser, str], None], done: str) -> Response:
    if not ActForm().validate_on_submit() or not is_opaque(rule_id):
        raise NotFound
    try:
        act(web().home, user(), rule_id)
    except RetentionError as error:
        flash(sentence(error))
    else:
        flash(done)
    return redirect(url_for("retention.detail", rule_id=rule_id), 303)
