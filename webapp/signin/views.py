"""Signing in and out, and the first page for each role.

Invariant: whatever the cookie held before, signing in starts an empty one with a new session
token; every try is in the audit before the answer leaves (see kith.entering).
"""

from __future__ import annotations

import segno
from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import login_user
from werkzeug.wrappers import Response

from governance import accounts
from governance.declared import records, records_nothing
from governance.errors import AccountError, PasswordRefused, SessionEnded, SignInRefused
from governance.events import SignedIn, SignedOut, UserChanged
from governance.permissions import Permission, allows
from governance.tries import DEVICE_KEPT
from kith import entering
from kith.entering import Entered, Halfway, Step
from webapp.access import for_signed_in, open_to_all
from webapp.context import WebUser, note, now, signed_in, token, user, web
from webapp.signin.forms import (
    CodeForm,
    FirstPasswordForm,
    OwnCodeForm,
    SignInForm,
    SignOutForm,
)

blueprint = Blueprint("signin", __name__)
_WAITING = "waiting"
"""Where in the cookie the token of somebody stands of whom one step more is asked."""
_PAGES = {
    Step.CODE: "signin.code",
    Step.SET_UP: "signin.set_up",
    Step.PASSWORD: "signin.first_password",
}


@blueprint.get("/")
@open_to_all()
@records_nothing("it leads on and shows nothing")
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
@records(SignedIn)
def sign_in() -> str | Response | tuple[str, int]:
    """Ask for user name and password."""
    if signed_in() is not None:
        return redirect(url_for("signin.home"), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("sign-in.html", form=form)
    try:
        found = entering.enter(web().home, form.username.data, form.password.data, device())
    except SignInRefused as refused:
        form.username.errors = [str(refused)]
        return render_template("sign-in.html", form=form), 403
    return _signed_in(found)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@open_to_all(rate="60 per minute")
@records(SignedIn)
def code() -> str | Response | tuple[str, int]:
    """The second step: a code of the app."""
    waiting = session.get(_WAITING)
    if waiting is None:
        return redirect(url_for("signin.sign_in"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("sign-in-code.html", form=form)
    try:
        found = entering.enter_code(web().home, waiting, form.code.data, device())
    except SessionEnded:
        return _again()
    except SignInRefused as refused:
        form.code.data = ""
        form.code.errors = [str(refused)]
        return render_template("sign-in-code.html", form=form), 403
    return _signed_in(found)


@blueprint.route("/sign-in/set-up", methods=["GET", "POST"])
@open_to_all(rate="60 per minute")
@records(UserChanged, SignedIn)
def set_up() -> str | Response | tuple[str, int]:
    """A new second factor: the picture for the app, then the recovery codes, once."""
    waiting = session.get(_WAITING)
    try:
        account = signed_in() or entering.waiting(web().home, waiting or "")
        made = entering.enrolment(web().home, account)
    except SessionEnded:
        return _again()
    except AccountError:
        return redirect(url_for("signin.home"), 303)
    form = OwnCodeForm() if signed_in() else CodeForm()
    picture = segno.make(made.uri).png_data_uri(scale=4)
    if not form.validate_on_submit():
        return render_template("second-factor.html", form=form, made=made, picture=picture)
    try:
        if isinstance(form, OwnCodeForm):
            entering.check_password(web().home, account, form.password.data, device())
        codes = entering.confirm(web().home, account, form.code.data)
    except SignInRefused as refused:
        form.code.data = ""
        form.code.errors = [str(refused)]
        shown = render_template("second-factor.html", form=form, made=made, picture=picture)
        return shown, 403
    if signed_in() is not None:
        return render_template("recovery-codes.html", codes=codes, then=url_for("signin.home"))
    found = entering.complete(web().home, waiting or "", device())
    return _signed_in(found, codes)


@blueprint.route("/sign-in/password", methods=["GET", "POST"])
@open_to_all(rate="60 per minute")
@records(UserChanged, SignedIn)
def first_password() -> str | Response | tuple[str, int]:
    """The last step of those whose password somebody gave them: one of their own."""
    waiting = session.get(_WAITING, "")
    form = FirstPasswordForm()
    try:
        entering.waiting(web().home, waiting, proven=True)
        if not form.validate_on_submit():
            shown = render_template("first-password.html", form=form)
            return (shown, 400) if form.errors else shown
        return _signed_in(entering.replace_password(web().home, waiting, form.new.data, device()))
    except SessionEnded:
        return _again()
    except PasswordRefused as refused:
        form.new.errors = [str(refused)]
        return render_template("first-password.html", form=form), 400


@blueprint.post("/sign-out")
@for_signed_in()
@records(SignedOut)
def sign_out() -> Response:
    """End the session here and on the server."""
    form = SignOutForm()
    if form.validate_on_submit():
        account = user()
        with web().home.register.session() as register:  # even where no audit can be written
            accounts.end_session(register, token(), now())
            register.commit()
        web().searches.forget(account.session_id)
        note(
            SignedOut(user_id=account.user_id, agency=account.agency, session_id=account.session_id)
        )
    session.clear()
    flash("You have signed out.")
    response = redirect(url_for("signin.sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"storage"'  # the device's own cookie stays
    return response


def _signed_in(found: Entered | Halfway, codes: list[str] | None = None) -> Response:
    """On to what follows; recovery codes are shown before, this once."""
    where = url_for(_PAGES[found.step] if isinstance(found, Halfway) else "signin.home")
    response = redirect(where, 303)
    if codes is not None:
        response = make_response(render_template("recovery-codes.html", codes=codes, then=where))
    if isinstance(found, Entered):
        return _begin(found, response)
    session.clear()
    session[_WAITING] = found.token
    return response


def _begin(found: Entered, response: Response) -> Response:
    """Into the cookie, which holds nothing of before; the device gets one of its own."""
    session.clear()
    login_user(WebUser(found.token, found.account))
    response.set_cookie(
        _device_name(),
        found.device,
        max_age=DEVICE_KEPT,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return response


def _again() -> Response:
    session.clear()
    flash("It took too long. Enter your user name and password again.")
    return redirect(url_for("signin.sign_in"), 303)


def device() -> str | None:
    """The token of this browser, if somebody has signed in here before."""
    return request.cookies.get(_device_name())


def _device_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"
