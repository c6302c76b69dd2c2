"""Signing in and out of an area from the terminal.

Invariant: the command line signs in like everyone, second factor included; it holds a session,
never a password.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click
import segno

from governance import events
from governance.accounts import end_session
from governance.declared import records
from governance.second_factor import Enrolment
from governance.sessions import SignedInUser
from kith import entering
from kith.cli import tokens
from kith.cli.console import line, say
from kith.cli.declared import for_signed_in, open_to_all
from kith.cli.options import home_option, opened
from kith.cli.tokens import current_user
from kith.entering import Entered, Halfway, Step
from kith.home import Home

Ask = Callable[[], str]


def sign_in(
    home: Home, username: str, password: str, ask_code: Ask, ask_password: Ask
) -> SignedInUser:
    """Begin a session for the commands that follow. Raises SignInRefused, audited.

    Args:
        ask_code: called for a code of the second factor, where one is asked for.
        ask_password: called for a password of their own, where somebody gave them theirs.
    """
    device = tokens.find_device(home.folder)
    found = entering.enter(home, username, password, device)
    while isinstance(found, Halfway):
        found = _next_step(home, found, device, ask_code, ask_password)
    _keep(home, found)
    return found.account


def begin_session(home: Home, username: str) -> None:
    """Sign in a user of a home that was just made, for whoever made it."""
    _keep(home, entering.begin(home, username))


def _keep(home: Home, entered: Entered) -> None:
    tokens.keep(home.folder, entered.token)
    tokens.keep_device(home.folder, entered.device)


def _next_step(
    home: Home, half: Halfway, device: str | None, ask_code: Ask, ask_password: Ask
) -> Entered | Halfway:
    if half.step is Step.CODE:
        return entering.enter_code(home, half.token, ask_code(), device)
    if half.step is Step.PASSWORD:
        say("Somebody gave you this password. Choose one that you alone know: at least 12")
        say("characters; three words that do not belong together are easy to remember.")
        return entering.replace_password(home, half.token, ask_password(), device)
    say("Your role needs a second factor: an authenticator app on your telephone.")
    _set_up(home, entering.waiting(home, half.token), ask_code)
    return entering.complete(home, half.token, device)


def _set_up(home: Home, account: SignedInUser, ask_code: Ask) -> None:
    _show(entering.enrolment(home, account))
    codes = entering.confirm(home, account, ask_code())
    say("The second factor is set up. Each of these codes lets you in once without the app;")
    say("they are shown this once, keep them where the telephone is not:")
    for code in codes:
        line(code)


def _show(made: Enrolment) -> None:
    if sys.stdout.isatty():
        segno.make(made.uri).terminal(compact=True)
    say("Read the picture with the app, or type this key into it:")
    line(made.secret)


def asked_code(given: str | None) -> Ask:
    """Ask for a code at the terminal, unless it was given."""

    def ask() -> str:
        if given is not None:
            return given
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask for the code: use --code")
        return str(click.prompt("Code of the app, or a recovery code"))

    return ask


def asked_password(given: TextIO | None) -> Ask:
    """Ask for a new password at the terminal, twice, unless it is in a file."""

    def ask() -> str:
        if given is not None:
            return _first_line(given)
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask for it: use --new-password-file")
        return str(click.prompt("New password", hide_input=True, confirmation_prompt=True))

    return ask


@click.command()
@home_option
@click.option("--user", "username", prompt="User name", help="User name.")
@click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    help="Read the password from a file, or from standard input with '-'.",
)
@click.option("--code", help="Code of the second factor, where one is asked for.")
@click.option(
    "--new-password-file",
    type=click.File("r", encoding="utf-8"),
    help="Read a password of your own from a file, where somebody gave you yours.",
)
@open_to_all("it is how one signs in")
@records(events.SignedIn, events.UserChanged)
def login(
    home_folder: Path | None,
    username: str,
    password_file: TextIO | None,
    code: str | None,
    new_password_file: TextIO | None,
) -> None:
    """Sign in; the session holds for the commands that follow."""
    if password_file is None:
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask for the password: use --password-file")
        password = click.prompt("Password", hide_input=True)
    else:
        password = _first_line(password_file)
    with opened(home_folder) as home:
        ask_password = asked_password(new_password_file)
        user = sign_in(home, username, password, asked_code(code), ask_password)
        roles = ", ".join(sorted(role.replace("_", " ") for role in user.roles))
        say(f"Signed in as {user.username} of {user.agency}: {roles}.")


def _first_line(file: TextIO) -> str:
    try:
        return file.readline().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.UsageError("the password file is not text in UTF-8") from error


@click.command("second-factor")
@home_option
@for_signed_in("one's own account")
@records(events.UserChanged)
def second_factor(home_folder: Path | None) -> None:
    """Set up a second factor for yourself: an authenticator app."""
    with opened(home_folder) as home:
        user = current_user(home)
        password = click.prompt("Your password", hide_input=True)
        entering.check_password(home, user, password, tokens.find_device(home.folder))
        _set_up(home, user, asked_code(None))


@click.command()
@home_option
@for_signed_in("one's own session")
@records(events.SignedOut)
def logout(home_folder: Path | None) -> None:
    """Sign out: the session ends on the server and here."""
    with opened(home_folder) as home:
        token = tokens.find(home.folder)
        user = current_user(home)
        with home.register.session() as session:
            end_session(session, token, home.clock())
            session.commit()
        tokens.forget(home.folder)
        home.audit.record(events.SignedOut(user_id=user.user_id, agency=user.agency))
        say("Signed out.")


commands = (login, logout, second_factor)
