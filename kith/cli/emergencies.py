"""Emergency access at the terminal, and the officers' notices.

Invariant: officers have their notice, and the audit its row, before the access begins.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from governance import accounts, emergencies, events
from governance.declared import records
from governance.notices import notices
from governance.permissions import Permission
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user

_WORDS = {
    "emergency": "took emergency access",
    "bulk": "looked far more often in an hour than is usual",
    "limit": "was stopped at the most that one may look in an hour",
}


@click.command()
@click.argument("reference")
@click.option("--why", help="What the emergency is, in a sentence; asked for if left out.")
@home_option
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.NOT_NEEDED)
@records(events.EmergencyBegun)
def emergency(reference: str, why: str | None, home_folder: Path | None) -> None:
    """Take emergency access for half an hour; governance officers are told at once."""
    if why is None:
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask for the reason: use --why")
        why = str(click.prompt("What is the emergency? An officer will read it"))
    with opened(home_folder) as home:
        now = home.clock()
        with home.register.session() as session:
            user, begun = emergencies.begin(session, tokens.find(home.folder), reference, why, now)
            home.audit.record(
                events.EmergencyBegun(
                    user_id=user.user_id,
                    agency=user.agency,
                    emergency_id=begun.emergency_id,
                    purpose=emergencies.EMERGENCY,
                    reference=begun.reference,
                    legal_basis=user.legal_basis,
                ),
                now,
            )
            session.commit()
    console.say(f"Emergency access until {begun.until:%H:%M} UTC. Officers have been told.")


@click.command("notices")
@click.option("--all", "all_wanted", is_flag=True, help="Those that were seen as well.")
@home_option
@json_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(events.AuditRead)
def list_notices(all_wanted: bool, home_folder: Path | None, json_wanted: bool) -> int:
    """What governance officers must know, newest first; they are marked as seen on the page."""
    with opened(home_folder) as home:
        user = current_user(home)
        with home.register.session() as session:
            found = [each for each in notices(session) if all_wanted or each.seen_at is None]
            names = {each.user_id: each.username for each in accounts.users(session)}
        home.audit.record(
            events.AuditRead(user_id=user.user_id, agency=user.agency, rows=len(found))
        )
    if json_wanted:
        console.as_json(found)
    else:
        rows = [
            (f"{n.at:%d %b %Y %H:%M}", names.get(n.user_id), n.agency, _WORDS[n.kind], n.seen_at)
            for n in found
        ]
        console.table(("when (UTC)", "user", "agency", "what", "seen"), rows)
    return 0 if found else 5


commands = (emergency, list_notices)
"""Commands of this module."""
