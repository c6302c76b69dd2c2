"""The address check.

Invariant: what is typed is kept on the server and stands in no URL; nothing is shown before a
purpose is stated, and every answer comes from the desk, which writes the audit first.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance.accounts import state_purpose
from governance.declared import records
from governance.events import AddressChecked, AddressSearched, PurposeStated
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.request_events import PractitionerTold
from kith.desk import AddressAnswer, NoAddressError
from webapp.access import AFTER_PURPOSE, Purpose, for_signed_in, needs
from webapp.addresses.arrange import arrange, candidates, searched, unsearched
from webapp.addresses.forms import AddressForm, AskForm, PurposeForm
from webapp.context import agencies, note, now, token, user, viewer, web

blueprint = Blueprint("addresses", __name__)


@blueprint.route("/check", methods=["GET", "POST"])
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.NOT_NEEDED)
@records(PurposeStated)
def ask() -> str | Response:
    """Why are you looking, and at which address: one page until a purpose is stated."""
    form = AddressForm() if user().purpose else AskForm()
    if not form.validate_on_submit():
        return render_template("ask.html", form=form)
    if isinstance(form, AskForm):
        _state(form)
    session.pop(AFTER_PURPOSE, None)
    key = web().searches.keep(user().session_id, form.address.data)
    return redirect(url_for("addresses.found", search=key), 303)


@blueprint.route("/purpose", methods=["GET", "POST"])
@for_signed_in()
@records(PurposeStated)
def purpose() -> str | Response:
    """Change the purpose, or state it for the page that waits for it."""
    form = PurposeForm()
    if not form.validate_on_submit():
        return render_template("purpose.html", form=form)
    _state(form)
    waiting = session.pop(AFTER_PURPOSE, None)
    return redirect(waiting or url_for("signin.home"), 303)


@blueprint.get("/check/<search>")
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.STATED)
@records(AddressChecked, AddressSearched, PractitionerTold)
def found(search: str) -> str:
    """The answer to what was typed: an address, candidates, or nothing found."""
    typed = web().searches.typed(user().session_id, search)
    if typed is None:
        raise NotFound
    try:
        answer = web().desk.check_address(viewer(), text=typed)
    except NoAddressError as error:
        form = AddressForm(formdata=None)
        form.address.errors = [str(error)]
        return render_template("ask.html", form=form)
    return _page(answer, typed)


@blueprint.get("/addresses/<address_id>")
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.STATED)
@records(AddressChecked, AddressSearched, PractitionerTold)
def address(address_id: str) -> str:
    """The answer for one known address."""
    if not is_opaque(address_id):
        raise NotFound
    answer = web().desk.check_address(viewer(), address_id=address_id)
    if answer.check.address is None:
        raise NotFound
    return _page(answer, "")


def _page(answer: AddressAnswer, typed: str) -> str:
    form = AddressForm(formdata=None)
    check = answer.check
    if check.address is not None:
        page = arrange(answer, viewer(), agencies(), now())
        return render_template("address.html", answer=answer, check=check, page=page, form=form)
    if check.candidates:
        return render_template(
            "candidates.html", candidates=candidates(check), typed=typed, form=form
        )
    return render_template(
        "nothing.html",
        answer=answer,
        typed=typed,
        searched=searched(answer),
        unsearched=unsearched(answer, agencies()),
        form=form,
    )


def _state(form: PurposeForm) -> None:
    """Write the purpose to the session and to the audit."""
    chosen, reference = str(form.purpose.data), str(form.reference.data)
    basis = str(form.basis.data or "")
    with web().home.register.session() as register:
        stated = state_purpose(register, token(), chosen, reference, now(), basis=basis)
        note(
            PurposeStated(
                user_id=stated.user_id,
                agency=stated.agency,
                purpose=chosen,
                reference=str(stated.reference),
                legal_basis=stated.legal_basis,
            )
        )
        register.commit()
