"""Loads: what an agency sent, how much was taken in, and what was turned away and why.

Invariant: whose loads are shown says `kith.loads_shown`; values of turned-away rows are
shown only to them, and that is written to the audit before.
"""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.exceptions import NotFound

from governance import accounts
from governance.declared import records, records_nothing
from governance.events import LoadViewed
from governance.ids import is_opaque
from governance.loads import LoadEntry, freshness, load, loads
from governance.permissions import Permission, allows
from kith.loads_shown import shown_agency
from webapp.access import Purpose, needs
from webapp.context import agencies, note, system_labels, user, web
from webapp.loads.quarantine import Group, grouped
from webapp.shown import moment

blueprint = Blueprint("loads", __name__)
_EXTRACT = {"full": "everything", "delta": "changes since the last"}


@blueprint.get("/loads")
@needs(Permission.VIEW_LOADS, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts of rows; no row is shown")
def overview() -> str:
    """Every load that this user may know of, the newest first, and how old each dataset is."""
    agency = shown_agency(web().home, user())
    with web().home.register.session() as session:
        entries = loads(session, agency)
        ages = [entry for entry in freshness(session) if agency in {None, entry.agency}]
    return render_template(
        "loads.html",
        entries=entries[::-1],
        ages=ages,
        labels=system_labels(),
        everyone=agency is None,
    )


@blueprint.get("/loads/<load_id>")
@needs(Permission.VIEW_LOADS, purpose=Purpose.NOT_NEEDED)
@records(LoadViewed)
def detail(load_id: str) -> str:
    """One load: its counts, and its turned-away rows grouped by reason."""
    agency = shown_agency(web().home, user())
    with web().home.register.session() as session:
        entry = load(session, load_id) if is_opaque(load_id) else None
    if entry is None or agency not in {None, entry.agency}:
        raise NotFound  # another agency's load is told apart from none by nobody
    groups = _groups(entry)
    reasons = entry.counts.get("findings", {})
    return render_template(
        "load.html",
        entry=entry,
        labels=system_labels(),
        groups=groups,
        reasons=reasons if isinstance(reasons, dict) else {},
        facts=_facts(entry),
        agency_label=next(a.label for a in agencies() if a.agency_id == entry.agency),
    )


def _facts(entry: LoadEntry) -> list[tuple[str, str]]:
    return [
        ("Sent", moment(entry.loaded_on)),
        ("Loaded by", _who(entry.loaded_by)),
        ("Layout", f"{entry.layout}, {_EXTRACT[entry.extract]}"),
        ("Mapping", f"{entry.mapping}, version {entry.mapping_version}"),
        ("Rows in", f"{entry.rows_in:,}"),
        ("Taken in", f"{entry.accepted:,}"),
        ("Turned away", f"{entry.rejected:,}"),
        ("Load", entry.load_id),
        ("File's SHA-256", entry.sha256),
    ]


def _who(user_id: str) -> str:
    with web().home.register.session() as session:
        found = accounts.user(session, user_id)
    return found.username if found else "unattended work"


def _groups(entry: LoadEntry) -> list[Group] | None:
    """Turned-away rows by reason, None if their values are not for this user."""
    account = user()
    if not allows(account.roles, Permission.VIEW_QUARANTINE) or account.agency != entry.agency:
        return None
    groups = grouped(web().home.folder, entry, web().home.at_rest)
    note(
        LoadViewed(
            user_id=account.user_id,
            agency=account.agency,
            load_id=entry.load_id,
            rows=sum(len(found.examples) for found in groups),
        )
    )
    return groups
