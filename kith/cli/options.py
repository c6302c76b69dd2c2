"""Options that several commands share, and the home they open.

Invariant: a command names its home with `--home` or KITH_HOME, nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from governance.bases import BASES
from kith.cli.declared import admit
from kith.home import Home
from kith.logs import start_logging
from kith.settings import Settings

home_option = click.option(
    "--home",
    "home_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Data folder of the area [KITH_HOME, or ./kith-home].",
)
json_option = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
purpose_options: list[Callable[[Any], Any]] = [
    click.option("--purpose", help="Why you ask: a code of the purpose list, or words."),
    click.option("--reference", default="", help="Reference of the case or job."),
    click.option("--basis", type=click.Choice(list(BASES)), help="Legal basis; else the usual."),
]


class _Day(click.ParamType[dt.date]):
    """A day, as in 2027-03-31."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail("a day is like 2027-03-31", param, ctx)


DAY = _Day()


def with_purpose(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--purpose`, `--reference` and `--basis`."""
    for option in reversed(purpose_options):
        command = option(command)
    return command


def settings_for(home_folder: Path | None, **given: Any) -> Settings:
    """The settings of the environment, with what the command names; None is not given."""
    settings = Settings.from_environment()
    named = {key: value for key, value in given.items() if value is not None}
    home = (home_folder or settings.home).resolve()
    return dataclasses.replace(settings, home=home, **named)


@contextlib.contextmanager
def opened(home_folder: Path | None, **given: Any) -> Iterator[Home]:
    """The home, open for the time of a command that who is at the terminal may run."""
    with Home.open(settings_for(home_folder, **given)) as home:
        start_logging(home.folder / "logs")
        admit(home)
        yield home


def require_writable(file: Path | None) -> None:
    """Refuse a place that cannot take the figures before the work for them is done."""
    if file is None or str(file) == "-":
        return
    if file.is_dir():
        raise click.UsageError(f"--json {file} is a folder; name a file")
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"--json {file}: there is no such folder")
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise click.UsageError(f"--json {file}: you may not write there")
