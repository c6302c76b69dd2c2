"""Signing in and out of an area from the terminal.

Invariant: the command line signs in like everyone; it holds a session, never a password.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import click

from governance import events
from governance.accounts import authenticate, end_session, start_session
from governance.errors import SignInRefused
from governance.sessions import SessionLimits, SignedInUser, resume
from kith.cli import tokens
from kith.cli.console import say
from kith.cli.options import home_option, opened
from kith.cli.tokens import NotSignedInError
from kith.home import Home


def sign_in(home: Home, username: str, password: str) -> SignedInUser:
    """Begin a session for the commands that follow. Raises SignInRefused, audited."""
    now = home.clock()
    with home.register.session() as session:
        try:
            user = authenticate(session, username, password, now)
        except SignInRefused:
            session.commit()
            home.audit.record(events.SignInFailed())
            raise
        token = start_session(session, user, now, SessionLimits.from_settings(home.settings))
        session.commit()
        signed_in = resume(session, token, now)
        session.commit()
    assert signed_in is not None
    home.audit.record(
        events.SignedIn(
            user_id=signed_in.user_id, agency=signed_in.agency, session_id=signed_in.session_id
        )
    )
    tokens.keep(home.folder, token)
    return signed_in


def current_user(home: Home) -> SignedInUser:
    """Who is signed in at this terminal. Raises NotSignedInError."""
    token = tokens.find(home.folder)
    with home.register.session() as session:
        user = resume(session, token, home.clock())
        session.commit()
    if user is None:
        tokens.forget(home.folder)
        raise NotSignedInError("your session has ended; run: kith login")
    return user


@click.command()
@home_option
@click.option("--user", "username", prompt="User name", help="User name.")
@click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    help="Read the password from a file, or from standard input with '-'.",
)
def login(home_folder: Path | None, username: str, password_file: TextIO | None) -> None:
    """Sign in; the session holds for the commands that follow."""
    if password_file is None:
        if not sys.stdin.isatty():
            raise click.UsageError("no terminal to ask for the password: use --password-file")
        password = click.prompt("Password", hide_input=True)
    else:
        password = password_file.readline().rstrip("\r\n")
    with opened(home_folder) as home:
        user = sign_in(home, username, password)
        roles = ", ".join(sorted(role.replace("_", " ") for role in user.roles))
        say(f"Signed in as {user.username} of {user.agency}: {roles}.")


@click.command()
@home_option
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


commands = (login, logout)
