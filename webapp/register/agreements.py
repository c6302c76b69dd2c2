"""Agreements: those there are, those that end soon, and proposing, approving and withdrawing one.

Invariant: one proposes and another approves; every change is in the audit before it counts, and
an agreement is never edited.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, policy, registration
from governance.declared import records, records_nothing
from governance.errors import AgreementError
from governance.events import AgreementChanged
from governance.ids import is_opaque
from governance.matrix import expiring, state_of
from governance.permissions import Permission
from governance.policy import Agreement
from governance.telling import decided_telling
from webapp.access import Purpose, needs
from webapp.context import agencies, note, now, system_labels, user, web
from webapp.register.arrange import calendar, category_words, facts, groups, same_group
from webapp.register.forms import ActForm, AgreementForm

blueprint = Blueprint("agreements", __name__)
_SOON = 90  # days
_MOST = 200


@blueprint.get("/agreements")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agreements")
def overview() -> str:
    """Every agreement, grouped, what ends in the next three months, and when the others do."""
    with web().home.register.session() as session:
        found = policy.agreements(session)
    labels = _labels()
    soon = groups(expiring(found, now(), _SOON), labels, now())
    every = groups(found, labels, now())
    return render_template(
        "agreements.html", groups=every, soon=soon, days=_SOON, months=calendar(every)
    )


@blueprint.get("/agreements/<agreement_id>")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agreements")
def detail(agreement_id: str) -> str:
    """One agreement in words, its history, and the others of its group."""
    with web().home.register.session() as session:
        found = policy.agreements(session)
        names = {each.user_id: each.username for each in accounts.users(session)}
        telling = decided_telling(session, agreement_id)
    one = _one(found, agreement_id)
    others = [e for e in same_group(one, found, now()) if e.agreement_id != agreement_id]
    return render_template(
        "agreement.html",
        one=one,
        state=state_of(one, now()),
        facts=facts(one, _labels()),
        others=[(e, dict(facts(e, _labels()))) for e in others[:_MOST]],
        more=max(len(others) - _MOST, 0),
        names=names,
        mine=one.proposed_by == user().user_id,
        telling=telling,
    )


@blueprint.route("/agreements/new", methods=["GET", "POST"])
@needs(Permission.PROPOSE_AGREEMENT, purpose=Purpose.NOT_NEEDED)
@records(AgreementChanged)
def propose() -> str | Response | tuple[str, int]:
    """Propose an agreement; it discloses nothing until another approves it."""
    form = AgreementForm()
    _offer(form)
    if not form.validate_on_submit():
        return render_template("agreement-new.html", form=form)
    with web().home.register.session() as session:
        try:
            made = policy.propose(session, form.terms(), user().user_id, now())
        except AgreementError as error:
            form.title.errors = [str(error)]
            return render_template("agreement-new.html", form=form), 400
        _note(made, "proposed")
        session.commit()
    flash("Proposed. Another governance officer has to approve it.")
    return redirect(url_for("agreements.detail", agreement_id=made), 303)


@blueprint.post("/agreements/<agreement_id>/approval")
@needs(Permission.APPROVE_AGREEMENT, purpose=Purpose.NOT_NEEDED)
@records(AgreementChanged)
def approve(agreement_id: str) -> Response:
    """Put it in force."""
    return _act(agreement_id, policy.approve, "approved")


@blueprint.post("/agreements/<agreement_id>/withdrawal")
@needs(Permission.PROPOSE_AGREEMENT, purpose=Purpose.NOT_NEEDED)
@records(AgreementChanged)
def withdraw(agreement_id: str) -> Response:
    """End it at once."""
    return _act(agreement_id, policy.withdraw, "withdrawn")


def _act(agreement_id: str, act: Callable[..., None], change: str) -> Response:
    if not ActForm().validate_on_submit() or not is_opaque(agreement_id):
        raise NotFound
    with web().home.register.session() as session:
        try:
            _do(session, act, agreement_id)
        except AgreementError as error:
            flash(f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return redirect(url_for("agreements.detail", agreement_id=agreement_id), 303)
        _note(agreement_id, change)
        session.commit()
    flash(f"The agreement is {change}.")
    return redirect(url_for("agreements.detail", agreement_id=agreement_id), 303)


def _do(session: Session, act: Callable[..., None], agreement_id: str) -> None:
    act(session, agreement_id, user().user_id, now())


def _note(agreement_id: str, change: str) -> None:
    account = user()
    note(
        AgreementChanged(
            user_id=account.user_id,
            agency=account.agency,
            agreement_id=agreement_id,
            change=change,
        )
    )


def _one(found: list[Agreement], agreement_id: str) -> Agreement:
    one = next((e for e in found if e.agreement_id == agreement_id), None)
    if one is None:
        raise NotFound
    return one


def _labels() -> dict[str, str]:
    return {entry.agency_id: entry.label for entry in agencies()}


def _offer(form: AgreementForm) -> None:
    labels = _labels()
    with web().home.register.session() as session:
        datasets = registration.datasets(session)
    systems = system_labels()
    givers = {code: f"{label}, every system" for code, label in labels.items()}
    givers |= {f"{d.agency}/{d.dataset_id}": systems[d.agency, d.dataset_id] for d in datasets}
    kinds = {code: category_words(code) for code in policy.categories()}
    form.offer(givers, labels, kinds)
