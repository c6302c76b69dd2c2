"""The demonstration: a whole area from nothing to an answer at the door.

Invariant: it works on a data folder of its own, marked as a demonstration; every step that was
done before is seen to be done and left alone, so a second run is quick.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

import areas
from governance.declared import records
from governance.events import (
    AddressChecked,
    AddressSearched,
    FileLoaded,
    FileRefused,
    Projected,
    PurposeStated,
    Resolved,
    SignedIn,
    UserCreated,
)
from kith import local, native, pipeline, service, starting
from kith.cli import address_text, console, tokens
from kith.cli.console import say
from kith.cli.declared import open_to_all
from kith.cli.options import settings_for
from kith.cli.signing import asked_code, asked_password, sign_in
from kith.home import Home, HomeError
from kith.logs import start_logging
from records.errors import KithError

STORY_SIGN_INS = {
    1: "nurse",
    2: "practitioner",
    3: "housing",
    4: "nurse",
    5: "analyst",
    6: "housing",
}
"""The number of a told story -> the sign-in of the person concerned."""

_SIGN_INS = "sign-ins.json"
_EXTRACTS = "extracts"
_EXTRACTS_LIST = "extracts.json"


@click.command()
@click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-home"),
    show_default=True,
)
@click.option("--area", "area_name", default="walsall", show_default=True)
@click.option("--people", type=click.IntRange(1), help="How many people [about 20,000 records].")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--serve", type=click.Choice(["yes", "no"]), default="yes", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), help="Port [KITH_PORT, or 8021].")
@open_to_all("a home of invented people of its own")
@records(
    UserCreated,
    SignedIn,
    FileLoaded,
    FileRefused,
    Resolved,
    Projected,
    PurposeStated,
    AddressChecked,
    AddressSearched,
)
def demo(
    folder: Path, area_name: str, people: int | None, seed: int, serve: str, port: int | None
) -> None:
    """Load, resolve and serve a demonstration area of invented people."""
    native.make_room()
    with prepare(folder, area_name, people, seed, port=port) as home:
        stories = told_stories(home)
        sign_ins = json.loads((home.folder / _SIGN_INS).read_text(encoding="utf-8"))
        if serve == "no":
            _check_first_story(home, sign_ins, stories)
            return
        _explain(sign_ins, stories)
        if is_served(home):
            raise HomeError(f"{home.folder} is being served already; sign in there, or stop it")
        from kith.cli.serving import run

        run(home)


def prepare(
    folder: Path, area_name: str, people: int | None, seed: int, port: int | None = None
) -> Home:
    """Bring a demonstration home up to date and return it open.

    Raises:
        HomeError: if the folder holds a home that is no demonstration.
    """
    settings = settings_for(folder, port=port)
    if (settings.home / "home.key").exists():
        home = Home.open(settings)
        if not home.settings.demo:
            home.close()
            raise HomeError(f"{settings.home} is not a demonstration; name another with --home")
    else:
        home = Home.create(settings, area_name, demo=True)
    try:
        start_logging(home.folder / "logs")
        _add_sign_ins(home)
        _make_extracts(home, area_name, people, seed)
        _bring_up_to_date(home)
    except BaseException:
        home.close()
        raise
    return home


def is_served(home: Home) -> bool:
    """Whether a server has this home's embedded graph open."""
    return local.ask(home.folder, home.key, {"verb": "ping"}) is not None


def told_stories(home: Home) -> list[dict[str, Any]]:
    """The told stories of this area: what to try."""
    file = home.folder / _EXTRACTS / "stories.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    return list(content["stories"] if isinstance(content, dict) else content)


def _add_sign_ins(home: Home) -> None:
    file = home.folder / _SIGN_INS
    if file.exists():
        return
    made = starting.add_first_users(home)
    file.touch(mode=0o600)
    console_form = {entry.username: entry.password for entry in made}
    file.write_text(json.dumps(console_form, indent=2), encoding="utf-8")


def _make_extracts(home: Home, area_name: str, people: int | None, seed: int) -> None:
    folder = home.folder / _EXTRACTS
    if (home.folder / _EXTRACTS_LIST).exists():
        return
    with console.progress(lines=True) as report:
        made = areas.make_area(
            area_name, people=people, scale=None, seed=seed, out=folder, progress=report
        )
    listed = [
        {"file": entry.file, "dataset": f"{entry.agency}/{entry.dataset}"}
        for entry in made.extracts
    ]
    (home.folder / _EXTRACTS_LIST).write_text(json.dumps(listed), encoding="utf-8")


def _bring_up_to_date(home: Home) -> None:
    with console.progress(lines=True) as report:
        extracts = json.loads((home.folder / _EXTRACTS_LIST).read_text(encoding="utf-8"))
        for number, entry in enumerate(extracts):
            report("Loading the agencies' files", number / len(extracts))
            file = home.folder / _EXTRACTS / entry["file"]
            result = pipeline.load_file(home, file, dataset=entry["dataset"])
            if result.state == "refused":
                raise KithError(f"{file.name} was refused: {result.reason}")
        pipeline.resolve(home, report=report)
        if not is_served(home):
            pipeline.project(home, report=report)


def _check_first_story(home: Home, sign_ins: dict[str, str], stories: list[dict[str, Any]]) -> None:
    sign_in(home, "practitioner", sign_ins["practitioner"], asked_code(None), asked_password(None))
    story = stories[0]
    text = story["typed"]
    say(f'$ kith check "{text}" --purpose visit --reference VISIT-1')
    request = {
        "verb": "check",
        "token": tokens.find(home.folder),
        "text": text,
        "purpose": "visit",
        "reference": "VISIT-1",
    }
    address_text.print_check(service.ask(home, request))


def _explain(sign_ins: dict[str, str], stories: list[dict[str, Any]]) -> None:
    console.heading("Sign in as")
    for username, password in sign_ins.items():
        console.line(f"  {username:13} {password}")
    console.heading("Try these addresses")
    for story in stories:
        console.line(f"  as {STORY_SIGN_INS[story['story']]:13}{story['typed']}")
        console.line(f"     {story['ask']}")
