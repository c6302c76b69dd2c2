"""Signing in and out, and the first page for each role.

Invariant: whatever the cookie held before, signing in starts an empty one with a new session
token; every try is in the audit before the answer leaves.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from governance import accounts
from governance.errors import SessionEnded, SignInRefused
from governance.events import SignedIn, SignedOut, SignInFailed
from governance.permissions import Permission, allows
from governance.sessions import SessionLimits, SignedInUser
from webapp.access import for_signed_in, open_to_all
from webapp.context import WebUser, note, now, signed_in, token, user, web
from webapp.signin.forms import SignInForm, SignOutForm

blueprint = Blueprint("signin", __name__)


@blueprint.get("/")
@open_to_all()
def home() -> Response:
    """Where each role begins."""
    account = signed_in()
    if account is None:
        return redirect(url_for("signin.sign_in"), 303)
    if allows(account.roles, Permission.CHECK_ADDRESS):
        return redirect(url_for("addresses.ask"), 303)
    return redirect(url_for("loads.overview"), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to_all(rate="60 per minute")
def sign_in() -> str | Response | tuple[str, int]:
    """Ask for user name and password."""
    if signed_in() is not None:
        return redirect(url_for("signin.home"), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("sign-in.html", form=form)
    try:
        _begin(form.username.data, form.password.data)
    except SignInRefused as refused:
        form.username.errors = [str(refused)]
        return render_template("sign-in.html", form=form), 403
    return redirect(url_for("signin.home"), 303)


@blueprint.post("/sign-out")
@for_signed_in()
def sign_out() -> Response:
    """End the session here and on the server."""
    form = SignOutForm()
    if form.validate_on_submit():
        account = user()
        note(
            SignedOut(user_id=account.user_id, agency=account.agency, session_id=account.session_id)
        )
        with web().home.register.session() as register:
            accounts.end_session(register, token(), now())
            register.commit()
        web().searches.forget(account.session_id)
    session.clear()
    flash("You have signed out.")
    return redirect(url_for("signin.sign_in"), 303)


def _begin(username: str, password: str) -> None:
    home, moment = web().home, now()
    with home.register.session() as register:
        try:
            account = accounts.authenticate(register, username, password, moment)
        except SignInRefused:
            note(SignInFailed(user_id=_known(username)))
            raise
        limits = SessionLimits.from_settings(home.settings)
        key = accounts.start_session(register, account, moment, limits)
        begun = accounts.resume(register, key, moment)
        if begun is None:
            raise SessionEnded
        _note(begun)
        register.commit()
    session.clear()
    login_user(WebUser(key, begun))


def _note(begun: SignedInUser) -> None:
    note(SignedIn(user_id=begun.user_id, agency=begun.agency, session_id=begun.session_id))


def _known(username: str) -> str | None:
    """Whose name was tried, for the audit; None if nobody's."""
    with web().home.register.session() as register:
        account = accounts.user_named(register, username)
    return account.user_id if account else None
