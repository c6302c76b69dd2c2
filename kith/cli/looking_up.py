"""Finding whom a person's request is about, at the terminal.

Invariant: what is known of the person is asked for and read from the input, so that it stands in
no list of processes and no history of a shell.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from governance.declared import records
from governance.permissions import Permission
from governance.subject_cases import SubjectError
from governance.subject_events import LOOKED_UP_BY, PeopleLookedUp
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.rights.lookup import AGREED, Sought, look_up

_ASKED = {
    "given_name": "Forename",
    "family_name": "Surname",
    "birth_date": "Date of birth, YYYY-MM-DD",
    "postcode": "Postcode",
    "nhs_number": "NHS number",
}


@click.command("look-up")
@home_option
@json_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(PeopleLookedUp)
def look_up_person(home_folder: Path | None, json_wanted: bool) -> None:
    """Find whom a request is about, for `kith rights open`.

    Asks for what is known of them, one line each, empty where nothing is.
    """
    with opened(home_folder) as home:
        user = current_user(home)
        said = {
            name: str(click.prompt(_ASKED[name], default="", show_default=False, err=True)).strip()
            for name in LOOKED_UP_BY
        }
        found = look_up(home, user, _sought(said))
    if json_wanted:
        console.as_json(found)
        return
    rows = [
        (
            each.about,
            each.name,
            each.birth_date,
            ", ".join(each.agencies),
            str(each.records),
            ", ".join(AGREED[name] for name in each.agreed),
        )
        for each in found.people
    ]
    if rows:
        console.table(("id", "name", "born", "agencies", "records", "agree"), rows)
    else:
        console.say("Nobody agrees in enough of it. That does not show that nothing is held.")
    if found.more:
        console.say(f"{found.more:,} more agree as far: say more of them.")
    if found.turned_away:
        console.say(f"{found.turned_away:,} rows that were turned away may be about them.")


def _sought(said: dict[str, str]) -> Sought:
    born = said.pop("birth_date")
    try:
        day = dt.date.fromisoformat(born) if born else None
    except ValueError:
        raise SubjectError("a date of birth is written YYYY-MM-DD") from None
    return Sought(birth_date=day, **said)
