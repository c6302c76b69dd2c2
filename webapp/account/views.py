"""One's own account: the password, and where one is signed in.

Invariant: whatever is changed here asks for the password first, and is about the account of the
session that asks, which no form names.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from governance.declared import records, records_nothing
from governance.errors import PasswordRefused, SignInRefused
from governance.events import SignedOut, UserChanged
from governance.sessions import open_sessions_of
from kith import entering
from webapp.access import for_signed_in
from webapp.account.forms import OthersForm, PasswordForm
from webapp.context import now, user, web
from webapp.signin.views import device

blueprint = Blueprint("account", __name__)
_WRONG = "This is not your password. After several wrong tries an account is locked for a while."


@blueprint.get("/account")
@for_signed_in()
@records_nothing("one's own account")
def overview() -> str:
    """Where one is signed in, and the forms."""
    return _page(PasswordForm(formdata=None), OthersForm(formdata=None))


@blueprint.post("/account/password")
@for_signed_in(rate="20 per minute")
@records(UserChanged)
def password() -> str | Response | tuple[str, int]:
    """A new password; every session ends, this one too."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form, OthersForm(formdata=None)), 400
    try:
        entering.change_password(web().home, user(), form.current.data, form.new.data, device())
    except SignInRefused:
        form.current.errors = [_WRONG]
        return _page(form, OthersForm(formdata=None)), 403
    except PasswordRefused as refused:
        form.new.errors = [str(refused)]
        return _page(form, OthersForm(formdata=None)), 400
    session.clear()
    flash("The password is changed, and you are signed out everywhere. Sign in with the new one.")
    return redirect(url_for("signin.sign_in"), 303)


@blueprint.post("/account/sessions")
@for_signed_in(rate="20 per minute")
@records(SignedOut)
def end_others() -> str | Response | tuple[str, int]:
    """End every session of one's own but this one."""
    form = OthersForm()
    if not form.validate_on_submit():
        return _page(PasswordForm(formdata=None), form), 400
    try:
        ended = entering.end_other_sessions(web().home, user(), form.password.data, device())
    except SignInRefused:
        form.password.errors = [_WRONG]
        return _page(PasswordForm(formdata=None), form), 403
    for session_id in ended:
        web().searches.forget(session_id)
    flash(
        f"Signed out in {len(ended)} other places." if ended else "You were signed in here alone."
    )
    return redirect(url_for("account.overview"), 303)


def _page(changing: PasswordForm, ending: OthersForm) -> str:
    account = user()
    with web().home.register.session() as register:
        mine = open_sessions_of(register, account.user_id, now())
    return render_template(
        "account.html",
        form=changing if request.endpoint == "account.password" else ending,
        changing=changing,
        ending=ending,
        sessions=[(each, each.session_id == account.session_id) for each in mine],
    )
