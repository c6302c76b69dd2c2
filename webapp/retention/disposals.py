"""Disposals: proposed by one officer, approved by another, carried out, certified.

Invariant: nothing goes that another officer did not approve; a certificate shows counts, rules and
digests, never an id of what went.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask import Response as Answer
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, retention, retention_disposal
from governance.declared import records, records_nothing
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.retention import RetentionError
from governance.retention_events import CertificateRead, DisposalChanged
from governance.sessions import SignedInUser
from kith import retaining
from kith.home import Home
from webapp.access import Purpose, needs
from webapp.context import system_labels, user, web
from webapp.register.arrange import category_words
from webapp.retention.arrange import WHATS, kept_words, sentence
from webapp.retention.forms import ActForm

blueprint = Blueprint("disposals", __name__)


@blueprint.get("/retention/disposals")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts of disposals")
def overview() -> str:
    """Every disposal, the newest first, and how much may go now."""
    home = web().home
    with home.register.session() as session:
        found = retention_disposal.disposals(session)
    with retaining.due_list(home) as due:
        ready = len(due.disposable())
    return render_template("retention-disposals.html", found=found, ready=ready)


@blueprint.post("/retention/disposals")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(DisposalChanged)
def propose() -> Response:
    """Propose to dispose of all that may go today."""
    if not ActForm().validate_on_submit():
        raise NotFound
    try:
        made = retaining.propose_disposal(web().home, user())
    except RetentionError as error:
        flash(sentence(error))
        return redirect(url_for("disposals.overview"), 303)
    flash("Proposed. Another governance officer has to approve it.")
    return redirect(url_for("disposals.detail", disposal_id=made.disposal_id), 303)


@blueprint.get("/retention/disposals/<disposal_id>")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(CertificateRead)
def detail(disposal_id: str) -> str:
    """One disposal: what it would take, or its certificate."""
    home = web().home
    with home.register.session() as session:
        try:
            one = retention_disposal.disposal(session, disposal_id)
        except RetentionError:
            raise NotFound from None
        items = retention_disposal.items_of(session, disposal_id)
        rules = {each.rule_id: each for each in retention.rules(session)}
        names = {each.user_id: each.username for each in accounts.users(session)}
    told = retaining.read_certificate(home, user(), disposal_id) if one.done_at else None
    counted: dict[tuple[str, str, str], int] = {}
    for row in items:
        key = (row["rule_id"], row["share_key"], row["what"])
        counted[key] = counted.get(key, 0) + 1
    for row in told["disposed_of"] if told else ():
        counted[row["rule"], row["share_key"], row["what"]] = row["count"]
    systems = system_labels()
    return render_template(
        "retention-disposal.html",
        one=one,
        told=told,
        rows=[
            (what, *_words(share_key, systems), kept_words(rules[rule]), rule, count)
            for (rule, share_key, what), count in sorted(counted.items())
        ],
        whats=WHATS,
        names=names,
        mine=one.proposed_by == user().user_id,
    )


@blueprint.get("/retention/disposals/<disposal_id>/certificate.json")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(CertificateRead)
def certificate(disposal_id: str) -> Answer:
    """The certificate as a file, to be kept elsewhere."""
    try:
        told = retaining.read_certificate(web().home, user(), disposal_id)
    except RetentionError:
        raise NotFound from None
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    head = {"Content-Disposition": f"attachment; filename=disposal-{told['disposal']}.json"}
    return Answer(text, mimetype="application/json", headers=head)


@blueprint.post("/retention/disposals/<disposal_id>/approval")
@needs(Permission.APPROVE_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(DisposalChanged)
def approve(disposal_id: str) -> Response:
    """Allow it to be carried out."""
    return _act(disposal_id, retaining.approve_disposal, "Approved. It can be carried out.")


@blueprint.post("/retention/disposals/<disposal_id>/withdrawal")
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(DisposalChanged)
def withdraw(disposal_id: str) -> Response:
    """Give it up."""
    return _act(disposal_id, retaining.withdraw_disposal, "The disposal is given up.")


def _act(disposal_id: str, act: Callable[[Home, SignedInUser, str], None], done: str) -> Response:
    if not ActForm().validate_on_submit() or not is_opaque(disposal_id):
        raise NotFound
    try:
        act(web().home, user(), disposal_id)
    except RetentionError as error:
        flash(sentence(error))
    else:
        flash(done)
    return redirect(url_for("disposals.detail", disposal_id=disposal_id), 303)


def _words(share_key: str, systems: dict[tuple[str, str], str]) -> tuple[str, str]:
    agency, dataset, category = share_key.split("|")
    return systems.get((agency, dataset), f"{agency}/{dataset}"), category_words(category)
