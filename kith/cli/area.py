"""Making an area: invented people as files, a data folder, the demonstration.

Invariant: nothing here touches a data folder that holds something already.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from sqlalchemy.orm import Session

import areas
from governance import registration
from governance.declared import records, records_nothing
from governance.events import SignedIn, UserCreated
from governance.retention import add_default
from kith import starting
from kith.cli import console
from kith.cli.console import say
from kith.cli.declared import open_to_all
from kith.cli.demo import demo
from kith.cli.options import home_option, settings_for
from kith.cli.signing import begin_session
from kith.home import Home
from records.codes import code_list

_INVENTED = "no_personal_data"
_YEARS = 6


@click.group()
def area() -> None:
    """Make the extracts of an area of invented people."""


@area.command("make")
@click.option("--people", type=click.IntRange(1), help="How many people [about 20,000 records].")
@click.option("--scale", type=click.Choice(["vip"]), help="vip: Gwent's five, 233,084 records.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same seed, the same bytes.",
)
@click.option("--area", "area_name", default=None, help="Area pack [walsall; gwent for vip].")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
@open_to_all("writes invented people into files, and no home")
@records_nothing("invented people")
def make(
    people: int | None, scale: str | None, seed: int, area_name: str | None, out: Path
) -> None:
    """Write agencies' extracts in their own formats, the truth and a README."""
    if people and scale:
        raise click.UsageError("give --people or --scale, not both")
    _require_room(out)
    name = area_name or ("gwent" if scale else "walsall")
    with console.progress() as report:
        made = areas.make_area(
            name, people=people, scale=scale, seed=seed, out=out, progress=report
        )
    say(f"{made.records:,} person records of {made.people:,} people in {out}; see README.md there.")


def _require_room(out: Path) -> None:
    """Refuse a folder that cannot take the extracts before people are invented for them."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise click.UsageError(f"{out} is there already and is not empty")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be made or read: {error.strerror}") from error


@click.command()
@home_option
@click.option("--area", "area_name", default="blank", show_default=True, help="Area pack.")
@click.option(
    "--demo", "demonstration", is_flag=True, help="Invented people only: one user a role."
)
@click.option("--dataset", "datasets", multiple=True, help="Register AGENCY/SYSTEM as well.")
@click.option("--kind", default="other", show_default=True, help="Kind of those agencies.")
@click.option(
    "--basis",
    type=click.Choice(list(code_list("lawful_basis").labels)),
    help="Their lawful basis: without one no file of theirs is taken.",
)
@open_to_all("there is no home yet")
@records(UserCreated, SignedIn)
def init(
    home_folder: Path | None,
    area_name: str,
    demonstration: bool,
    datasets: tuple[str, ...],
    kind: str,
    basis: str | None,
) -> None:
    """Make the data folder of an area, with its first users, and sign in as the data manager."""
    if area_name == "blank" and not datasets:
        raise click.UsageError(
            "name an area pack with --area, or the sources of a blank area with --dataset; "
            f"packs: {', '.join(areas.areas())}"
        )
    sources = [_source(text) for text in datasets]
    basis = basis or (_INVENTED if demonstration else None)
    settings = settings_for(home_folder)
    with Home.create(
        settings,
        area_name,
        demo=demonstration,
        register=lambda session: _register(session, sources, kind, basis),
    ) as home:
        made = starting.add_first_users(home)
        begin_session(home, "manager")
        say(f"Made {home.folder} for the area '{area_name}'. The passwords are shown this once:")
        for entry in made:
            console.line(
                f"{entry.username}  {entry.password}  {entry.agency}  {' '.join(entry.roles)}"
            )
        say("You are signed in as 'manager'. Next: kith load FILE... --dataset AGENCY/SYSTEM")


def register_sources(home: Home, sources: list[tuple[str, str]], kind: str) -> None:
    """Register datasets of invented or published people; each agency sees its own data."""
    with home.register.session() as session:
        _register(session, sources, kind, _INVENTED)
        session.commit()


def _register(
    session: Session, sources: list[tuple[str, str]], kind: str, basis: str | None
) -> None:
    words = code_list("lawful_basis").label(basis) if basis else "not stated"
    known = {entry.agency_id for entry in registration.agencies(session)}
    for agency, dataset in sources:
        if agency not in known:
            registration.add_agency(session, agency, agency, kind, "not given")
            areas.agree_with_itself(session, agency)
            known.add(agency)
        registration.add_dataset(
            session, agency, dataset, dataset, agency, words, "not stated", _YEARS
        )
        add_default(session, agency, dataset, _YEARS, dt.datetime.now(dt.UTC))


def _source(text: str) -> tuple[str, str]:
    agency, slash, dataset = text.partition("/")
    if not (agency and slash and dataset):
        raise click.UsageError(f"a dataset is AGENCY/SYSTEM, not '{text}'")
    return agency, dataset


commands = (area, init, demo)
