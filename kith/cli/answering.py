"""Who answers requests, who is told of looks: for governance officers, at the terminal.

Invariant: every naming is in the audit before it counts.
"""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session

from governance import accounts, approvers, telling
from governance.declared import records
from governance.permissions import Permission
from governance.request_events import ApproverNamed, TellingChanged, WorkerNamed
from governance.requests import RequestError
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.requesting import record, request
from kith.cli.tokens import current_user


@request.command("approvers")
@click.option("--name", "named", help="Name this user to answer for their agency.")
@click.option("--end", "ended", help="This user answers no longer.")
@home_option
@json_option
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(ApproverNamed)
def list_approvers(
    named: str | None, ended: str | None, home_folder: Path | None, json_wanted: bool
) -> int:
    """Who answers requests, by agency (governance officers)."""
    with opened(home_folder) as home:
        user, now = current_user(home), home.clock()
        with home.register.session() as session:
            for username, change in ((named, "named"), (ended, "ended")):
                if username is None:
                    continue
                subject = _account(session, username)
                act = approvers.name_approver if change == "named" else approvers.end_approver
                act(session, subject, user.user_id, now)
                record(home, ApproverNamed, user, subject_id=subject, change=change)
            session.commit()
            found = approvers.approvers(session)
    if json_wanted:
        console.as_json(found)
    else:
        rows = [(each.agency, each.username, f"{each.named_at:%d %b %Y}") for each in found]
        console.table(("agency", "user", "since"), rows)
    return 0 if found else 5


@request.command("worker")
@click.argument("username")
@click.argument("name")
@click.option("--forget", is_flag=True, help="Take the name away.")
@home_option
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(WorkerNamed)
def worker(username: str, name: str, forget: bool, home_folder: Path | None) -> None:
    """NAME in their agency's records is USERNAME, who is told of looks (governance officers)."""
    with opened(home_folder) as home:
        user = current_user(home)
        with home.register.session() as session:
            subject = _account(session, username)
            if forget:
                found = accounts.user(session, subject)
                approvers.forget_worker(session, found.agency if found else "", name)
            else:
                approvers.name_worker(session, subject, name, user.user_id, home.clock())
            change = "ended" if forget else "named"
            record(home, WorkerNamed, user, subject_id=subject, change=change)
            session.commit()
    console.say("Done.")


@request.command("telling")
@click.argument("agreement_id")
@click.argument("told", type=click.Choice(["on", "off"]))
@home_option
@needs(Permission.NAME_APPROVERS, purpose=Purpose.NOT_NEEDED)
@records(TellingChanged)
def decide_telling(agreement_id: str, told: str, home_folder: Path | None) -> None:
    """Whether looks under an agreement are told to practitioners (governance officers)."""
    with opened(home_folder) as home:
        user = current_user(home)
        with home.register.session() as session:
            telling.decide_telling(session, agreement_id, told == "on", user.user_id, home.clock())
            record(home, TellingChanged, user, agreement_id=agreement_id, tells=told == "on")
            session.commit()
    console.say("Done.")


def _account(session: Session, username: str) -> str:
    user = accounts.user_named(session, username)
    if user is None:
        raise RequestError("There is no user of that name.")
    return user.user_id


commands = (request,)
"""The group, with these commands in it."""
