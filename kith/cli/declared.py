"""Who may run which command: declared at the command, enforced where it opens the home.

Invariant: no command opens a home before its declaration is checked; a command without one opens
none. A refusal is in the audit.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from governance.permissions import Permission
from kith.cli.tokens import current_user
from kith.home import Home
from kith.refusing import demand

Command = TypeVar("Command", bound=Callable[..., object])


class Purpose(enum.Enum):
    """A command's purpose policy."""

    STATED = "must be stated, with the command or before it"
    NOT_NEEDED = "shows nobody, or has a purpose of its own"


class Undeclared(RuntimeError):  # noqa: N818
    """A command says nothing about who may run it: a fault of the program."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a command declares. `why_open` says why it asks for no permission."""

    signed_in: bool
    purpose: Purpose = Purpose.NOT_NEEDED
    permission: Permission | None = None
    why_open: str = ""


def needs(permission: Permission, *, purpose: Purpose) -> Callable[[Command], Command]:
    """A command for those whose role gives a permission, with its purpose policy."""
    return _declare(Access(signed_in=True, permission=permission, purpose=purpose))


def for_signed_in(why: str) -> Callable[[Command], Command]:
    """A command for everybody who has signed in: it shows nothing of anybody else."""
    return _declare(Access(signed_in=True, why_open=why))


def open_to_all(why: str) -> Callable[[Command], Command]:
    """A command for whoever may read the files of the home, or that needs no home."""
    return _declare(Access(signed_in=False, why_open=why))


def access_of(command: object) -> Access | None:
    """What a command's function declares, None if nothing."""
    found: Access | None = getattr(command, "kith_access", None)
    return found


def admit(home: Home) -> None:
    """Check the declaration of the command that runs now.

    Raises:
        Undeclared: if it declares nothing.
        NotSignedInError: if somebody has to sign in first.
        NotPermitted: if no role of theirs gives the permission.
    """
    running = click.get_current_context()
    declared = access_of(running.command.callback)
    if declared is None:
        raise Undeclared(running.command_path)
    if not declared.signed_in:
        return
    user = current_user(home)
    if declared.permission is not None:
        demand(home, user, declared.permission)


def _declare(access: Access) -> Callable[[Command], Command]:
    def mark(command: Command) -> Command:
        command.__dict__["kith_access"] = access
        return command

    return mark
