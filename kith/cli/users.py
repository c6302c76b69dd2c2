"""Users of an area.

Invariant: a password is shown once, when it is made, and kept nowhere in the clear.
"""

from __future__ import annotations

from pathlib import Path

import click

from governance import accounts, events
from governance.permissions import Permission, Role, require
from governance.registration import agencies
from kith.cli import console
from kith.cli.options import home_option, json_option, opened
from kith.cli.signing import current_user


@click.group()
def users() -> None:
    """List and add the users of the area (administrators)."""


@users.command("list")
@home_option
@json_option
def list_users(home_folder: Path | None, json_wanted: bool) -> None:
    """Every user with agency and roles."""
    with opened(home_folder) as home:
        require(current_user(home).roles, Permission.MANAGE_USERS)
        with home.register.session() as session:
            found = accounts.users(session)
        if json_wanted:
            console.as_json(found)
            return
        rows = [
            (user.username, user.agency, ", ".join(sorted(user.roles)), _state(user))
            for user in found
        ]
        console.table(("user", "agency", "roles", "state"), rows)


@users.command("add")
@click.argument("username")
@click.option("--agency", required=True, help="Agency of the user, as registered.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(r) for r in Role])
)
@home_option
def add_user(home_folder: Path | None, username: str, agency: str, roles: tuple[str, ...]) -> None:
    """Add a user; the password is random and printed once."""
    with opened(home_folder) as home:
        actor = current_user(home)
        require(actor.roles, Permission.MANAGE_USERS)
        password = accounts.random_password()
        with home.register.session() as session:
            known = [entry.agency_id for entry in agencies(session)]
            if agency not in known:
                raise click.UsageError(f"no agency '{agency}'; there are: {', '.join(known)}")
            user = accounts.create_user(
                session, username, password, agency, roles, home.clock(), created_by=actor.user_id
            )
            home.audit.record(
                events.UserCreated(
                    user_id=actor.user_id,
                    agency=actor.agency,
                    subject_id=user.user_id,
                    roles=sorted(user.roles),
                )
            )
            session.commit()
        console.line(f"{user.username}  {password}")
        console.say("The password is shown this once.")


def _state(user: accounts.User) -> str:
    if user.disabled:
        return "disabled"
    return "locked" if user.locked_until else "active"


commands = (users,)
