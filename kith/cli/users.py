"""Users of an area.

Invariant: a password is shown once, when it is made, and kept nowhere in the clear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.orm import Session

from governance import accounts, events, withholding
from governance.declared import records, records_nothing
from governance.errors import AccountError
from governance.permissions import Permission, Role
from governance.registration import agencies
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.home import Home

Made = TypeVar("Made")


@click.group()
def users() -> None:
    """List and add the users of the area (administrators)."""


@users.command("list")
@home_option
@json_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records_nothing("accounts and roles: it shows nobody who is in a case")
def list_users(home_folder: Path | None, json_wanted: bool) -> None:
    """Every user with agency and roles."""
    with opened(home_folder) as home:
        with home.register.session() as session:
            found = accounts.users(session)
        if json_wanted:
            console.as_json(found)
            return
        waits = {user.user_id: ", ".join(sorted(user.waiting)) or None for user in found}
        rows = [
            (u.username, u.agency, ", ".join(sorted(u.roles)) or None, waits[u.user_id], _state(u))
            for u in found
        ]
        console.table(("user", "agency", "roles", "wait for approval", "state"), rows)


@users.command("add")
@click.argument("username")
@click.option("--agency", required=True, help="Agency of the user, as registered.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(r) for r in Role])
)
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserCreated)
def add_user(home_folder: Path | None, username: str, agency: str, roles: tuple[str, ...]) -> None:
    """Add a user; the password is random and printed once."""
    with opened(home_folder) as home:
        actor = current_user(home)
        password = accounts.random_password()
        with home.register.session() as session:
            known = [entry.agency_id for entry in agencies(session)]
            if agency not in known:
                raise click.UsageError(f"no agency '{agency}'; there are: {', '.join(known)}")
            user = accounts.create_user(
                session,
                username,
                password,
                agency,
                roles,
                home.clock(),
                created_by=actor.user_id,
                given=True,
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
        console.say("The password is shown this once, and is replaced at the first sign-in.")
        console.say("The roles wait for a governance officer:")
        for role in sorted(set(roles)):
            console.say(f"kith users approve {user.username} {role}")


@users.command("give")
@click.argument("username")
@click.argument("role", type=click.Choice([str(r) for r in Role]))
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def give(home_folder: Path | None, username: str, role: str) -> None:
    """Give a user one role more; a governance officer has to approve it."""
    with opened(home_folder) as home:
        actor = current_user(home).user_id
        _change(
            home,
            username,
            "role_given",
            lambda session, user: accounts.give_role(session, user, role, actor, home.clock()),
        )
    console.say("Given. It is in force once a governance officer approves it.")


@users.command("approve")
@click.argument("username")
@click.argument("role", type=click.Choice([str(r) for r in Role]))
@home_option
@needs(Permission.APPROVE_ROLES, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def approve(home_folder: Path | None, username: str, role: str) -> None:
    """Approve a role that another gave (governance officers)."""
    with opened(home_folder) as home:
        actor = current_user(home).user_id
        _change(
            home,
            username,
            "role_approved",
            lambda session, user: accounts.approve_role(session, user, role, actor, home.clock()),
        )
    console.say("Approved.")


@users.command("take")
@click.argument("username")
@click.argument("role", type=click.Choice([str(r) for r in Role]))
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def take(home_folder: Path | None, username: str, role: str) -> None:
    """Take a role away, or refuse one that waits."""
    with opened(home_folder) as home:
        _change(
            home,
            username,
            "role_taken",
            lambda session, user: accounts.take_role(session, user, role, home.clock()),
        )
    console.say("Taken away.")


@users.command("reset-password")
@click.argument("username")
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def reset_password(home_folder: Path | None, username: str) -> None:
    """Give a user a new random password, printed once; their sessions end.

    Of a user without a second factor the roles that see people wait for approval again.
    """
    password = accounts.random_password()
    with opened(home_folder) as home:
        actor = current_user(home).user_id
        waiting = _change(
            home,
            username,
            "password",
            lambda session, user: withholding.give_password(
                session, user, password, actor, home.clock()
            ),
        )
    console.line(f"{accounts.fold_username(username)}  {password}")
    console.say("The password is shown this once, and is replaced at the next sign-in.")
    _say_waiting(username, waiting)


@users.command("unlock")
@click.argument("username")
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def unlock(home_folder: Path | None, username: str) -> None:
    """End a lock before its time."""
    with opened(home_folder) as home:
        _change(home, username, "unlocked", accounts.unlock_user)
    console.say("Unlocked.")


@users.command("disable")
@click.argument("username")
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def disable(home_folder: Path | None, username: str) -> None:
    """Take an account out of use, with its sessions."""
    with opened(home_folder) as home:
        _change(
            home,
            username,
            "disabled",
            lambda session, user: accounts.disable_user(session, user, home.clock()),
        )
    console.say("Disabled.")


@users.command("remove-second-factor")
@click.argument("username")
@home_option
@needs(Permission.MANAGE_USERS, purpose=Purpose.NOT_NEEDED)
@records(events.UserChanged)
def remove_second_factor(home_folder: Path | None, username: str) -> None:
    """Take a user's second factor away, when app and recovery codes are lost; sessions end.

    Their roles that see people wait for approval again.
    """
    with opened(home_folder) as home:
        actor = current_user(home).user_id
        waiting = _change(
            home,
            username,
            "second_factor_removed",
            lambda session, user: withholding.take_second_factor(
                session, user, actor, home.clock()
            ),
        )
    console.say("Removed. Make sure that it was the user who asked.")
    _say_waiting(username, waiting)


def _say_waiting(username: str, roles: Iterable[str]) -> None:
    if roles:
        console.say("Roles that see people wait for a governance officer again:")
    for role in roles:
        console.say(f"kith users approve {accounts.fold_username(username)} {role}")


def _change(
    home: Home,
    username: str,
    change: str,
    make: Callable[[Session, str], Made],
) -> Made:
    """Change an account; it is in the audit before it counts."""
    actor = current_user(home)
    with home.register.session() as session:
        user = accounts.user_named(session, username)
        if user is None:
            raise AccountError("There is no such user.")
        made = make(session, user.user_id)
        home.audit.record(
            events.UserChanged(
                user_id=actor.user_id,
                agency=actor.agency,
                subject_id=user.user_id,
                change=change,
            )
        )
        session.commit()
    return made


def _state(user: accounts.User) -> str:
    if user.disabled:
        return "disabled"
    return "locked" if user.locked_until else "active"


commands = (users,)
