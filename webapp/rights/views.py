"""Cases of people's rights: the list by due date, one case, where things are held.

Invariant: a case shows ids and counts; where something is held is told without its values; every
act is in the audit before it counts.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Answer
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from governance import accounts, subject_cases, subject_items
from governance.declared import records, records_nothing
from governance.ids import is_opaque
from governance.permissions import Permission
from governance.sessions import SignedInUser
from governance.subject_cases import OUTCOMES, SubjectCase, SubjectError
from governance.subject_events import (
    BundleRead,
    BundleReleased,
    RectificationChanged,
    SubjectCaseChanged,
    SubjectFound,
)
from governance.subject_rectification import STATES
from kith.home import Home
from kith.rights import access, acting, remedies
from kith.rights.bundle import folder_of
from kith.rights.finding import find_everything
from kith.rights.items import PLACES, Item
from kith.rights.wording import Labels, field_words, kind_words
from records.codes import code_list
from webapp.access import Purpose, needs
from webapp.context import today, user, web
from webapp.retention.arrange import sentence
from webapp.rights.forms import ActForm, CaseForm, CloseForm, ExtendForm, RestrictForm

blueprint = Blueprint("rights", __name__)
_ENDS = ("refused", "withdrawn", "nothing")


@blueprint.get("/rights")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records_nothing("cases by opaque ids")
def overview() -> str:
    """Every case, what is due first at the top."""
    with web().home.register.session() as session:
        found = subject_cases.cases(session)
    return render_template(
        "rights.html",
        live=[each for each in found if each.state != "closed"],
        closed=[each for each in found if each.state == "closed"],
        kinds=code_list("subject_request").labels,
        outcomes=OUTCOMES,
        today=today(),
    )


@blueprint.route("/rights/new", methods=["GET", "POST"])
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def open_case() -> str | Response | tuple[str, int]:
    """Open a case."""
    form = CaseForm()
    if not form.is_submitted() and is_opaque(request.args.get("about")):
        form.about.data = request.args["about"]
    if not form.validate_on_submit():
        return render_template("rights-new.html", form=form)
    try:
        made = acting.open_case(web().home, user(), form.terms())
    except SubjectError as error:
        form.about.errors = [sentence(error)]
        return render_template("rights-new.html", form=form), 400
    flash("Opened.")
    return redirect(url_for("rights.detail", case_id=made.case_id), 303)


@blueprint.get("/rights/<case_id>")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(RectificationChanged)
def detail(case_id: str) -> str:
    """One case: its dates, where it stands, what can be done."""
    return _detail(case_id)


def _detail(
    case_id: str, *, extending: ExtendForm | None = None, closing: CloseForm | None = None
) -> str:
    case = case_of(case_id)
    corrections = remedies.look_again(web().home, user(), case_id)
    with web().home.register.session() as session:
        tally = subject_items.tally(session, case_id)
        names = {each.user_id: each.username for each in accounts.users(session)}
        labels = Labels.of(session)
    return render_template(
        "rights-case.html",
        case=case,
        kind=code_list("subject_request").labels[case.kind],
        identity=code_list("identity_check").labels[case.identity_check],
        outcomes=OUTCOMES,
        tally=tally,
        total=tally.total(),
        names=names,
        mine=case.proposed_by == user().user_id,
        corrections=corrections,
        states=STATES,
        labels=labels,
        field_words=field_words,
        extending=extending or ExtendForm(formdata=None),
        closing=closing or _closing(case),
        restricting=RestrictForm(formdata=None),
        bundle=folder_of(web().home, case_id).is_dir(),
        today=today(),
    )


def _closing(case: SubjectCase, *, sent: bool = False) -> CloseForm:
    form = CloseForm() if sent else CloseForm(formdata=None)
    done = {"rectification": "rectified", "restriction": "restricted"}.get(case.kind)
    form.offer({code: OUTCOMES[code] for code in (*_ENDS, done) if code})
    return form


@blueprint.get("/rights/<case_id>/held")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED, rate="20 per minute")
@records(SubjectFound)
def held(case_id: str) -> str:
    """Where something about the person is held."""
    case = case_of(case_id, working=True)
    found = find_everything(web().home, user(), case_id)
    with web().home.register.session() as session:
        labels = Labels.of(session)
    by_place: dict[str, list[Item]] = {place: [] for place in PLACES}
    for item in found.items:
        by_place[item.place].append(item)
    return render_template(
        "rights-held.html",
        case=case,
        total=len(found.items),
        records=len(found.subject.records),
        places=[(words, by_place[place]) for place, words in PLACES.items() if by_place[place]],
        labels=labels,
        kind_words=kind_words,
    )


@blueprint.post("/rights/<case_id>/extension")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged, RectificationChanged)
def extend(case_id: str) -> str | Response | tuple[str, int]:
    """Two months more."""
    case_of(case_id, working=True)
    form = ExtendForm()
    if form.validate_on_submit():
        try:
            acting.extend(web().home, user(), case_id, form.because.data)
        except SubjectError as error:
            form.because.errors = [sentence(error)]
        else:
            flash("Prolonged. Tell the person, and why.")
            return redirect(url_for("rights.detail", case_id=case_id), 303)
    return _detail(case_id, extending=form), 400


@blueprint.post("/rights/<case_id>/end")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged, RectificationChanged)
def close(case_id: str) -> str | Response | tuple[str, int]:
    """End a case that needs nothing more."""
    form = _closing(case_of(case_id, working=True), sent=True)
    if form.validate_on_submit():
        try:
            acting.close(web().home, user(), case_id, form.outcome.data, form.reason.data)
        except SubjectError as error:
            form.reason.errors = [sentence(error)]
        else:
            flash("Closed.")
            return redirect(url_for("rights.detail", case_id=case_id), 303)
    return _detail(case_id, closing=form), 400


@blueprint.post("/rights/<case_id>/proposal")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def propose(case_id: str) -> Response:
    """Put it before another officer."""
    return act(case_id, acting.propose, "Proposed. Another governance officer has to approve it.")


@blueprint.post("/rights/<case_id>/approval")
@needs(Permission.APPROVE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def approve(case_id: str) -> Response:
    """Allow what another proposed."""
    return act(case_id, acting.approve, "Approved. It can be carried out.")


@blueprint.post("/rights/<case_id>/return")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def send_back(case_id: str) -> Response:
    """Back to who works on it."""
    return act(case_id, acting.send_back, "Sent back.")


@blueprint.post("/rights/<case_id>/release")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED, rate="20 per minute")
@records(BundleReleased)
def release(case_id: str) -> Response:
    """Write the bundle."""
    return act(case_id, access.release, "Released. Save it, and hand it over by a safe way.")


@blueprint.get("/rights/<case_id>/bundle.<form>")
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(BundleRead)
def bundle(case_id: str, form: str) -> Answer:
    """The released bundle as a file: its page, or its data. It is saved, never shown here."""
    case_of(case_id)
    types = {"html": "text/html", "json": "application/json"}
    if form not in types:
        raise NotFound
    try:
        content = access.read_bundle(web().home, user(), case_id, page=form == "html")
    except SubjectError:
        raise NotFound from None
    head = {"Content-Disposition": f"attachment; filename=bundle-{case_id}.{form}"}
    return Answer(content, mimetype=types[form], headers=head)


def case_of(case_id: str, *, working: bool = False) -> SubjectCase:
    """A case, or "no such page"."""
    if not is_opaque(case_id):
        raise NotFound
    with web().home.register.session() as session:
        try:
            found = subject_cases.case(session, case_id)
        except SubjectError:
            raise NotFound from None
    if working and found.state == "closed":
        raise NotFound
    return found


def act(case_id: str, action: Callable[[Home, SignedInUser, str], object], done: str) -> Response:
    """Do something with a case, and say so or why not."""
    if not ActForm().validate_on_submit():
        raise NotFound
    case_of(case_id)
    try:
        action(web().home, user(), case_id)
    except SubjectError as error:
        flash(sentence(error))
    else:
        flash(done)
    return redirect(url_for("rights.detail", case_id=case_id), 303)
