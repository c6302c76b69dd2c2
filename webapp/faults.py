"""Error pages: what happened, what still works, whom to ask.

Invariant: an error page repeats nothing that was typed and no text of an exception that is not
Kith's own; where the audit cannot be written nothing is shown at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, flash, redirect, render_template, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from governance.errors import AuditError, NotPermitted, PurposeNeeded, SessionEnded
from governance.watch import LimitReached
from kith.settings import SettingsError
from records.errors import KithError
from webapp.requestlog import request_id

Answer = tuple[str, int] | Response


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an error page says."""

    title: str
    happened: str
    works: str
    ask: str


_ADMINISTRATOR = "Ask your agency's Kith administrator, and give them the reference below."
WORDS = {
    400: Words(
        title="Kith could not read that request",
        happened="The form was sent in a way that Kith does not accept, or the page had been open "
        "for too long. Nothing was looked up and nothing was changed.",
        works="Go back, load the page again and send the form once more.",
        ask=_ADMINISTRATOR,
    ),
    401: Words(
        title="You are not signed in",
        happened="This page is for people who have signed in.",
        works="Sign in, then try again.",
        ask=_ADMINISTRATOR,
    ),
    403: Words(
        title="Your role does not allow this",
        happened="You asked for a page that your role may not open. That you asked is on record; "
        "nothing was shown.",
        works="Everything in the menu at the top of the page still works.",
        ask="If you need this for your work, ask your agency's Kith administrator for the role.",
    ),
    404: Words(
        title="There is nothing here that you can see",
        happened="The page does not exist, the search has run out, or no sharing agreement lets "
        "you see it. It does not mean that nothing is known.",
        works="Check the address again from the start.",
        ask=_ADMINISTRATOR,
    ),
    405: Words(
        title="Kith could not do that here",
        happened="This page cannot be asked in that way. Nothing was changed.",
        works="Go back and use the buttons on the page.",
        ask=_ADMINISTRATOR,
    ),
    413: Words(
        title="That is too much to send",
        happened="The form was larger than Kith accepts. Nothing was looked up.",
        works="Type the address only: number, street and postcode are enough.",
        ask=_ADMINISTRATOR,
    ),
    429: Words(
        title="Too many requests",
        happened="More was asked in the last minute than one person can read.",
        works="Wait a while, then go on where you were. You are still signed in.",
        ask="If you are on an urgent visit, ring your control room.",
    ),
    500: Words(
        title="Something went wrong in Kith",
        happened="Kith could not answer. This is a fault of the program, not of what you typed. "
        "It does not mean that nothing is known.",
        works="Try once more. If it fails again, ring the agencies as you would without Kith.",
        ask=_ADMINISTRATOR,
    ),
    503: Words(
        title="Kith cannot show this just now",
        happened="Every answer is written to the audit before it is shown, and just now the audit "
        "cannot be written. So nothing is shown. It does not mean that nothing is known.",
        works="Ring the agencies as you would without Kith. Try again in a few minutes.",
        ask=_ADMINISTRATOR,
    ),
}


def install(app: Flask) -> None:
    """Register a handler for every kind of error."""
    app.register_error_handler(CSRFError, lambda _: page(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SessionEnded, _ended)
    app.register_error_handler(PurposeNeeded, _purpose)
    app.register_error_handler(NotPermitted, lambda _: page(403))
    app.register_error_handler(LimitReached, lambda error: page(429, happened=str(error)))
    app.register_error_handler(AuditError, _unwritten)
    app.register_error_handler(KithError, _refused)
    app.register_error_handler(Exception, _failed)


def page(status: int, *, happened: str | None = None) -> Answer:
    """The error page of a status; `happened` replaces its first words (Kith's own, safe)."""
    words = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    return (
        render_template(
            "fault.html",
            words=words,
            happened=happened or words.happened,
            status=status,
            reference=request_id(),
        ),
        status,
    )


def _http(error: HTTPException) -> Answer:
    if isinstance(error.code, int) and error.code < 400:
        return error.get_response()  # a redirect
    return page(error.code or 500)


def _ended(error: SessionEnded) -> Answer:
    session.clear()
    flash(str(error))
    return redirect(url_for("signin.sign_in"), 303)


def _purpose(error: PurposeNeeded) -> Answer:
    flash(str(error))
    return redirect(url_for("addresses.purpose"), 303)


def _unwritten(error: AuditError) -> Answer:
    _log("audit not written", error)
    return page(503)


def _refused(error: KithError) -> Answer:
    _log("refused", error)
    return page(500 if isinstance(error, SettingsError) else 400, happened=str(error))


def _failed(error: Exception) -> Answer:
    _log("failed", error)
    return page(500)


def _log(what: str, error: Exception) -> None:
    structlog.get_logger("kith.web").error(what, request_id=request_id(), exc_info=error)
