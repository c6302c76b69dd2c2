"""Questions at the terminal: an address, a person.

Invariant: what is printed is the answer of the desk, nothing left out and nothing added; an
answer is read from its plain form, whoever made it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from governance.declared import records
from governance.events import AddressChecked, AddressSearched, PersonViewed, PurposeStated
from governance.permissions import Permission
from governance.request_events import PractitionerTold
from kith import service
from kith.cli import address_text, console, person_text, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened, with_purpose
from kith.cli.purpose import stated
from kith.home import Home

_NOTHING_FOUND = 5


@click.command()
@click.argument("address", nargs=-1, required=True)
@with_purpose
@home_option
@json_option
@needs(Permission.CHECK_ADDRESS, purpose=Purpose.STATED)
@records(PurposeStated, AddressChecked, AddressSearched, PractitionerTold)
def check(
    address: tuple[str, ...],
    purpose: str | None,
    reference: str,
    basis: str | None,
    home_folder: Path | None,
    json_wanted: bool,
) -> int:
    """What do the agencies know about ADDRESS?"""
    with opened(home_folder) as home:
        request = {"verb": "check", "text": " ".join(address)}
        answer = service.ask(home, request | _signed(home, purpose, reference, basis))
    if json_wanted:
        console.as_json(answer)
    else:
        address_text.print_check(answer)
    return _NOTHING_FOUND if answer["check"]["nothing_found"] else 0


@click.command()
@click.argument("person_id")
@with_purpose
@home_option
@json_option
@needs(Permission.VIEW_PERSON, purpose=Purpose.STATED)
@records(PurposeStated, PersonViewed, PractitionerTold)
def person(
    person_id: str,
    purpose: str | None,
    reference: str,
    basis: str | None,
    home_folder: Path | None,
    json_wanted: bool,
) -> int:
    """What do the agencies know about the person PERSON_ID, an id that a check printed?"""
    with opened(home_folder) as home:
        request = {"verb": "person", "person_id": person_id}
        answer = service.ask(home, request | _signed(home, purpose, reference, basis))
    if json_wanted:
        console.as_json(answer)
    elif answer["person"] is None:
        console.line("No person of this id is in what you may see.")
    else:
        person_text.print_person(answer)
    return 0 if answer["person"] else _NOTHING_FOUND


def _signed(home: Home, purpose: str | None, reference: str, basis: str | None) -> dict[str, Any]:
    """The session and, if one was given, the purpose, which then holds for the session."""
    said = stated(home.clock(), purpose, reference, basis)
    return {"token": tokens.find(home.folder), **said}


commands = (check, person)
