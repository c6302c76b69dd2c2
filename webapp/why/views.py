"""Why a user can or cannot see something.

Invariant: the officer's page names facts by their ids and holds no value of any; the worker's own
page follows from the agreements alone, and so is the same whatever is held.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from governance import registration
from governance.declared import records, records_nothing
from governance.matrix import state_of
from governance.permissions import Permission
from governance.policy import Agreement, categories, deciding_for
from governance.request_events import WhyAsked
from governance.viewer import Level
from governance.why import Why, WhyError
from kith.why import WhyLine, why
from records.keys import share_key
from webapp.access import Purpose, needs
from webapp.context import agencies, now, system_labels, user, viewer, web
from webapp.fields import field_label
from webapp.register.arrange import category_words, facts
from webapp.why.forms import WhyForm

blueprint = Blueprint("why", __name__)
_KINDS = {"record": "Record", "stay": "That they live or lived there", "contact": "Contact"}
LEVELS = {
    Level.EXISTENCE: "that it holds something, and whom to ring",
    Level.HEADLINE: "what kind, when, and its state",
    Level.DETAIL: "all but the fields it withholds",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One fact on the officer's page."""

    fact_id: str
    heading: str
    allowed: bool
    why: Why
    terms: list[tuple[str, str]]
    shown: str
    withheld: list[tuple[str, str]]
    beside: list[tuple[Agreement, str, str]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What one system shows the worker: the level in words, for which kinds of things."""

    system: str
    lines: list[tuple[str, str]]


@blueprint.get("/register/why")
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(WhyAsked)
def officers() -> str:
    """Choose who looks, at what and why; every fact is answered for."""
    form = WhyForm(request.args)
    with web().home.register.session() as session:
        form.offer(registration.agencies(session))
    answer, said, lines = None, "", []
    if request.args.get("subject") and form.validate():
        try:
            answer = why(
                web().home,
                user(),
                str(form.subject.data),
                purpose=str(form.purpose.data),
                username=str(form.username.data or ""),
                agency=str(form.agency.data or ""),
                role=str(form.role.data or ""),
            )
            lines = [_told(line) for line in answer.lines]
        except WhyError as error:
            said = str(error)
    return render_template("why.html", form=form, answer=answer, said=said, lines=lines)


@blueprint.get("/why")
@needs(Permission.VIEW_PERSON, purpose=Purpose.STATED)
@records_nothing("agreements")
def own() -> str:
    """What each agency shows the user in their role for their reason, and by which agreement."""
    sees, systems = viewer(), system_labels()
    with web().home.register.session() as session:
        decided = deciding_for(session, sees.agency, sees.role, sees.purpose, now())
    given = []
    for (agency, dataset), label in systems.items():
        by_terms: dict[tuple[str, str], list[str]] = defaultdict(list)
        for category in categories():
            agreement = decided.get(share_key(agency, dataset, category))
            if agreement is not None:
                by_terms[_terms(agreement)].append(category_words(category))
        whole = len(categories())
        lines = [
            (f"{words} ({title})", "everything" if len(kinds) == whole else ", ".join(kinds))
            for (words, title), kinds in by_terms.items()
        ]
        given.append(Given(system=label, lines=lines))
    return render_template("why-own.html", given=given, role=sees.role)


def _terms(agreement: Agreement) -> tuple[str, str]:
    terms = agreement.terms
    parts = [LEVELS[terms.level]]
    if terms.latest_only:
        parts.append("only the latest contact of each kind")
    if terms.since:
        parts.append(f"nothing before {terms.since:%-d %B %Y}")
    if terms.window_months:
        parts.append(f"nothing older than {terms.window_months} months")
    if terms.withheld:
        parts.append("never: " + ", ".join(field_label(n).lower() for n in sorted(terms.withheld)))
    if terms.expires:
        parts.append(f"until {terms.expires:%-d %B %Y}")
    return "; ".join(parts), terms.title or "an agreement without a title"


def _told(line: WhyLine) -> Told:
    agency, dataset, category = line.share_key.split("|")
    system = system_labels().get((agency, dataset), f"{agency}, {dataset}")
    labels = {each.agency_id: each.label for each in agencies()}
    found = line.why
    terms = facts(found.agreement, labels) if found.agreement else []
    if found.agreement is not None:
        last = found.agreement.terms.expires
        terms.append(("Last day", f"{last:%-d %B %Y}" if last else "none set"))
    kind = _KINDS.get(line.what, "Warning, plan or need")
    what = kind if category == "person" else f"{kind}: {category_words(category)}"
    return Told(
        fact_id=line.fact_id,
        heading=f"{what}, {system}",
        allowed=found.allowed,
        why=found,
        terms=terms,
        shown=", ".join(field_label(name).lower() for name in found.shown),
        withheld=[(field_label(name), reason) for name, reason in found.withheld],
        beside=[
            (each.agreement, each.words, state_of(each.agreement, now())) for each in found.beside
        ],
    )
