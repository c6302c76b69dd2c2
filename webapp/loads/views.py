"""Loads: what an agency sent, how much was taken in, and what was turned away and why.

Invariant: a data manager sees the loads of their own agency alone; values of turned-away rows are
shown only to them, and that is written to the audit before.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from governance import registration
from governance.events import LoadViewed
from governance.ids import is_opaque
from governance.loads import LoadEntry, freshness, load, loads
from governance.permissions import Permission, Role, allows
from webapp.access import Purpose, needs
from webapp.context import note, user, web
from webapp.loads.quarantine import Group, group

blueprint = Blueprint("loads", __name__)
_SEE_ALL = {Role.ADMINISTRATOR, Role.GOVERNANCE_OFFICER}


@blueprint.get("/loads")
@needs(Permission.VIEW_LOADS, purpose=Purpose.NOT_NEEDED)
def overview() -> str:
    """Every load that this user may know of, the newest first, and how old each dataset is."""
    agency = _only()
    with web().home.register.session() as session:
        entries = loads(session, agency)
        ages = [entry for entry in freshness(session) if agency in {None, entry.agency}]
        labels = _labels(session)
    return render_template(
        "loads.html", entries=entries[::-1], ages=ages, labels=labels, everyone=agency is None
    )


@blueprint.get("/loads/<load_id>")
@needs(Permission.VIEW_LOADS, purpose=Purpose.NOT_NEEDED)
def detail(load_id: str) -> str:
    """One load: its counts, and its turned-away rows grouped by reason."""
    agency = _only()
    with web().home.register.session() as session:
        entry = load(session, load_id) if is_opaque(load_id) else None
        labels = _labels(session)
    if entry is None or agency not in {None, entry.agency}:
        raise NotFound  # another agency's load is told apart from none by nobody
    groups = _groups(entry)
    return render_template("load.html", entry=entry, labels=labels, groups=groups)


def _only() -> str | None:
    """The agency whose loads this user may know of; None for all of them."""
    return None if user().roles & _SEE_ALL else user().agency


def _groups(entry: LoadEntry) -> list[Group] | None:
    """Turned-away rows by reason, None if their values are not for this user."""
    account = user()
    if not allows(account.roles, Permission.VIEW_QUARANTINE) or account.agency != entry.agency:
        return None
    groups = group(web().home, entry)
    note(
        LoadViewed(
            user_id=account.user_id,
            agency=account.agency,
            load_id=entry.load_id,
            rows=sum(len(found.examples) for found in groups),
        )
    )
    return groups


def _labels(session: Session) -> dict[tuple[str, str], str]:
    """(agency, dataset) -> how both are called."""
    names = {entry.agency_id: entry.label for entry in registration.agencies(session)}
    return {
        (entry.agency, entry.dataset_id): f"{names[entry.agency]}, {entry.label}"
        for entry in registration.datasets(session)
    }
