"""Agencies and datasets, and the matrix of who may see what of whom.

Invariant: shows the register, never a person; the matrix is what the policy decides.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from governance import lawful, registration
from governance.declared import records_nothing
from governance.matrix import matrix
from governance.permissions import Permission
from webapp.access import Purpose, needs
from webapp.context import now, system_labels, today, web
from webapp.register.arrange import SHORT, category_words, cell_words
from webapp.register.forms import MatrixForm

blueprint = Blueprint("register", __name__)


@blueprint.get("/register")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agencies and datasets")
def overview() -> str:
    """Agencies, their systems, controllers, lawful bases, owners and how long data are kept."""
    with web().home.register.session() as session:
        agencies = registration.agencies(session)
        datasets = registration.datasets(session)
        bases = {
            (each.agency, each.dataset_id): lawful.basis_of(session, each.agency, each.dataset_id)
            for each in datasets
        }
    return render_template(
        "register.html", agencies=agencies, datasets=datasets, bases=bases, today=today()
    )


@blueprint.get("/register/matrix")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agreements")
def who_sees_what() -> str:
    """One role and purpose: every dataset against every agency."""
    form = MatrixForm(request.args)
    form.offer()
    asked = form.validate()
    with web().home.register.session() as session:
        role, purpose = (form.role.data, form.purpose.data) if asked else ("practitioner", "visit")
        found = matrix(session, role, purpose, now())
        labels = {entry.agency_id: entry.label for entry in registration.agencies(session)}
    return render_template(
        "matrix.html",
        form=form,
        found=found,
        labels=labels,
        systems=system_labels(),
        words=cell_words,
    )


@blueprint.get("/register/matrix/<agency>/<dataset>/<receiver>")
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agreements")
def cell(agency: str, dataset: str, receiver: str) -> str:
    """One cell: each category, how much is shown of it, and which agreement decides."""
    form = MatrixForm(request.args)
    form.offer()
    if not form.validate():
        raise NotFound
    with web().home.register.session() as session:
        found = matrix(session, form.role.data, form.purpose.data, now())
        labels = {entry.agency_id: entry.label for entry in registration.agencies(session)}
    here = found.cells.get((agency, dataset, receiver))
    if here is None:
        raise NotFound
    rows = [
        (category_words(category), SHORT[each.terms.level], each)
        for category, each in here.agreements.items()
    ]
    return render_template(
        "matrix-cell.html",
        rows=rows,
        hidden=here.of - len(rows),
        giver=system_labels().get((agency, dataset), f"{agency}/{dataset}"),
        receiver=labels.get(receiver, receiver),
        role=form.role.data,
        purpose=form.purpose.data,
    )
