"""Requests as their asker sees them, and as the approver of the agency that was asked does.

Invariant: a request is shown to who made it and to who may answer it; everybody else is answered
as if there were none. An answer comes from the request desk, which writes the audit first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, request_answers, requests
from governance.approvers import approvers, is_approver
from governance.declared import records, records_nothing
from governance.ids import is_opaque
from governance.notices import see_about
from governance.permissions import Permission
from governance.request_answers import LASTS
from governance.request_events import AnswerRead, RequestChanged, RequestConsidered, RequestMade
from governance.requests import NoSuchRequest, RequestError
from kith.requesting import RequestDesk
from webapp.access import Purpose, needs
from webapp.context import agencies, note, now, user, viewer, web
from webapp.requests.arrange import SENDS, fact_lines, line_of, question_words
from webapp.requests.forms import ButtonForm, RequestForm

blueprint = Blueprint("requests", __name__)
Act = Callable[[Session], None]
Made = TypeVar("Made")


@blueprint.get("/requests")
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records_nothing("one's own requests and answers that wait; no fact is shown")
def overview() -> str:
    """What the user asked, and what their agency is asked if they answer for it."""
    account, labels = user(), _labels()
    with web().home.register.session() as session:
        mine = requests.asked_by(session, account.user_id)
        answers_for = is_approver(session, account)
        waiting = requests.to_answer(session, account)
    about = request.args.get("about", "")
    return render_template(
        "requests.html",
        mine=[line_of(each, labels, now()) for each in mine],
        answers_for=answers_for,
        waiting=[line_of(e, labels, now()) for e in waiting if e.state in requests.OPEN],
        done=[line_of(e, labels, now()) for e in waiting if e.state not in requests.OPEN][:50],
        about=about if is_opaque(about) else "",
    )


@blueprint.route("/requests/new", methods=["GET", "POST"])
@needs(Permission.ASK_AGENCY, purpose=Purpose.STATED, rate="20 per minute")
@records(RequestMade)
def ask() -> str | Response:
    """Ask an agency; nothing is looked up here."""
    about = request.args.get("about", "")
    subject = about if is_opaque(about) else None
    form = RequestForm()
    with web().home.register.session() as session:
        named = {each.agency for each in approvers(session)} - {user().agency}
    others = [each for each in agencies() if each.agency_id != user().agency and each.active]
    form.offer([each for each in others if each.agency_id in named])
    if form.validate_on_submit():
        try:
            return _asked(form, subject)
        except RequestError as error:
            form.words.errors = [str(error)]
    return render_template(
        "request-new.html",
        form=form,
        about=subject,
        to_ring=[each for each in others if each.agency_id not in named],
    )


@blueprint.get("/requests/<request_id>")
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records_nothing("what was asked and how it stands; no fact is shown")
def own(request_id: str) -> str:
    """A request of the user's own: how it stands, what was asked back, where the answer is."""
    with web().home.register.session() as session:
        found = _found(lambda: requests.own_request(session, user(), request_id))
        said = requests.messages(session, request_id)
        see_about(session, user().user_id, request_id, now())
        session.commit()
    return render_template(
        "request.html",
        found=found,
        line=line_of(found, _labels(), now()),
        question=question_words(found.asked),
        said=said,
        refusals=requests.REFUSALS,
        sends=SENDS,
    )


@blueprint.get("/requests/<request_id>/answer")
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(AnswerRead)
def answer(request_id: str) -> str:
    """The answer, to who asked and nobody else; every look is on record."""
    read = _found(lambda: RequestDesk(web().home).read(user(), request_id))
    return render_template(
        "request-answer.html",
        read=read,
        line=line_of(read.request, _labels(), now()),
        question=question_words(read.request.asked),
        facts=fact_lines(read.facts),
    )


@blueprint.post("/requests/<request_id>/reply")
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def reply(request_id: str) -> Response:
    """Answer what was asked back."""
    words = request.form.get("words", "")
    return _do(
        request_id,
        "replied",
        lambda session: requests.reply(session, user(), request_id, words, now()),
        url_for("requests.own", request_id=request_id),
    )


@blueprint.post("/requests/<request_id>/withdrawal")
@needs(Permission.ASK_AGENCY, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def withdraw(request_id: str) -> Response:
    """Take a request back."""
    return _do(
        request_id,
        "withdrawn",
        lambda session: requests.withdraw(session, user(), request_id),
        url_for("requests.own", request_id=request_id),
    )


@blueprint.get("/requests/<request_id>/decision")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestConsidered)
def decide(request_id: str) -> str | Response:
    """What was asked, what the agency holds of it, and what the approver may do."""
    about = request.args.get("about", "").strip()
    desk = RequestDesk(web().home)
    try:
        made = _found(lambda: desk.consider(user(), request_id, about or None))
    except RequestError as error:
        flash(str(error))
        return _back_to(request_id) if about else redirect(url_for("requests.overview"), 303)
    with web().home.register.session() as session:
        asker = accounts.user(session, made.request.user_id)
        see_about(session, user().user_id, request_id, now())
        session.commit()
    return render_template(
        "request-decide.html",
        made=made,
        line=line_of(made.request, _labels(), now()),
        asker=asker.username if asker else "",
        question=question_words(made.request.asked),
        facts=fact_lines([each.fact for each in made.offered]),
        usual={each.fact.fact_id: each.usual for each in made.offered},
        restricted=any(each.fact.restricted for each in made.offered),
        known="This agency knows them." if made.request.asked.question == "known" else "",
        lasts=LASTS,
        refusals=requests.REFUSALS,
    )


@blueprint.post("/requests/<request_id>/decision")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestConsidered, RequestChanged)
def tell(request_id: str) -> Response:
    """Let the asker read what was chosen."""
    _checked(request_id)
    chosen: dict[str, set[str]] = defaultdict(set)
    for entry in request.form.getlist("tell"):
        fact_id, _, name = entry.partition(" ")
        chosen[fact_id].add(name)
    about = request.form.get("about") or None
    days = request.form.get("days", "")
    try:
        _found(
            lambda: RequestDesk(web().home).approve(
                user(),
                request_id,
                subject_id=about,
                chosen={key: frozenset(names) for key, names in chosen.items()},
                seen=request.form.get("seen", ""),
                words=request.form.get("words", ""),
                days=int(days) if re.fullmatch("[0-9]{1,3}", days) else 0,
                restricted=bool(request.form.get("restricted")),
            )
        )
    except RequestError as error:
        flash(str(error))
        return _back_to(request_id, about)
    flash("Told. Whoever asked has a notice.")
    return redirect(url_for("requests.overview"), 303)


@blueprint.post("/requests/<request_id>/nothing")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def nothing(request_id: str) -> Response:
    """There is nothing that may be told: not known, or not to be told."""
    return _do(
        request_id,
        "nothing",
        lambda session: requests.tell_nothing(session, user(), request_id, now()),
        url_for("requests.overview"),
    )


@blueprint.post("/requests/<request_id>/refusal")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def refuse(request_id: str) -> Response:
    """Refuse, on a ground that lies in the request."""
    reason = request.form.get("reason", "")
    return _do(
        request_id,
        "refused",
        lambda session: requests.refuse(session, user(), request_id, reason, now()),
        url_for("requests.overview"),
    )


@blueprint.post("/requests/<request_id>/question")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def ask_back(request_id: str) -> Response:
    """Ask for more before deciding."""
    words = request.form.get("words", "")
    return _do(
        request_id,
        "asked_back",
        lambda session: requests.ask_back(session, user(), request_id, words, now()),
        url_for("requests.overview"),
    )


@blueprint.post("/requests/<request_id>/revocation")
@needs(Permission.ANSWER_REQUEST, purpose=Purpose.NOT_NEEDED)
@records(RequestChanged)
def revoke(request_id: str) -> Response:
    """Take an answer back at once."""
    return _do(
        request_id,
        "revoked",
        lambda session: request_answers.revoke(session, user(), request_id, now()),
        url_for("requests.overview"),
    )


def _asked(form: RequestForm, subject: str | None) -> Response:
    with web().home.register.session() as session:
        made = requests.ask(session, user(), form.asked(subject), now())
        note(
            RequestMade.by(
                viewer(),
                request_id=made.request_id,
                giving_agency=made.asked.giving_agency,
                question=made.asked.question,
                what=[subject] if subject else [],
            )
        )
        session.commit()
    flash("Sent. You have a notice as soon as the agency answers.")
    return redirect(url_for("requests.own", request_id=made.request_id), 303)


def _do(request_id: str, change: str, act: Act, back: str) -> Response:
    """Change a request: the audit's row is written before the change counts."""
    _checked(request_id)
    account = user()
    with web().home.register.session() as session:
        try:
            act(session)
        except NoSuchRequest:
            raise NotFound from None
        except RequestError as error:
            flash(str(error))
            return redirect(back, 303)
        note(
            RequestChanged(
                user_id=account.user_id,
                agency=account.agency,
                request_id=request_id,
                change=change,
            )
        )
        session.commit()
    flash("Done.")
    return redirect(back, 303)


def _found(read: Callable[[], Made]) -> Made:
    try:
        return read()
    except NoSuchRequest:
        raise NotFound from None


def _checked(request_id: str) -> None:
    if not ButtonForm().validate_on_submit() or not is_opaque(request_id):
        raise NotFound


def _back_to(request_id: str, about: str | None = None) -> Response:
    return redirect(url_for("requests.decide", request_id=request_id, about=about), 303)


def _labels() -> dict[str, str]:
    return {each.agency_id: each.label for each in agencies()}
