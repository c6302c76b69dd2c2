"""`kith label`: stewards at the terminal, a simulated one, and labels in files.

Invariant: what is shown and what is decided goes through the label desk; what makes no sense
without a terminal is refused before a question is taken from anybody.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from governance.declared import records
from governance.events import (
    JudgementMade,
    LabelsExported,
    LabelsImported,
    PurposeStated,
    QuestionShown,
)
from governance.permissions import Permission, Role
from kith import service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened, with_purpose
from kith.cli.purpose import stated
from kith.cli.tokens import current_user
from kith.home import Home

if TYPE_CHECKING:
    from governance.sessions import SignedInUser
    from governance.viewer import Viewer

_FILE = click.Path(path_type=Path, dir_okay=False)
_EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--truth", type=_EXISTING, help="Simulate a steward who knows this truth file.")
@click.option(
    "--budget",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    help="How many questions the simulated steward answers.",
)
@click.option(
    "--errors",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of its answers that are wrong on purpose.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which answers are wrong.")
@click.option("--export", "export_file", type=_FILE, help="Write the labels as dedupe's JSON.")
@click.option("--import", "import_file", type=_EXISTING, help="Take in labels of such a file.")
@click.option("--status", is_flag=True, help="Say how far labelling is, and ask nothing.")
@with_purpose
@home_option
@json_option
@needs(Permission.LABEL, purpose=Purpose.STATED)
@records(PurposeStated, QuestionShown, JudgementMade, LabelsExported, LabelsImported)
def label(
    *,
    purpose: str | None,
    reference: str,
    basis: str | None,
    home_folder: Path | None,
    json_wanted: bool,
    **given: Any,
) -> None:
    """Decide which records are one person: s same, d different, u cannot tell."""
    modes = [name for name in _MODES if given[name]]
    if len(modes) > 1:
        raise click.UsageError("use one of --truth, --export, --import and --status")
    if not modes:
        _require_terminal(json_wanted)
    with opened(home_folder) as home:
        signed = _Signed(home, purpose, reference, basis)
        if not modes:
            _ask(home, signed)
            return
        answer, show = _MODES[modes[0]](home, signed, **given)
    if json_wanted:
        console.as_json(answer)
    else:
        show()


class _Signed:
    """Who is at the terminal, looked up each time; a purpose that is given is stated once."""

    def __init__(self, home: Home, purpose: str | None, reference: str, basis: str | None) -> None:
        self._home = home
        self._request: dict[str, Any] = {"token": tokens.find(home.folder)}
        self._stated: dict[str, Any] = {**stated(home.clock(), purpose, reference, basis)}

    def __call__(self) -> tuple[SignedInUser, Viewer]:
        request = {**self._request, **self._stated}
        self._stated = {}
        return service.signed_viewer(self._home, request, Permission.LABEL, Role.STEWARD)


def _require_terminal(json_wanted: bool) -> None:
    if json_wanted:
        raise click.UsageError("--json goes with --truth, --import or --status")
    if not (sys.stdin.isatty() and console.out.is_terminal):
        raise click.UsageError(
            "no terminal to ask at: use --truth FILE to simulate a steward, --export, --import or "
            "--status, or label in the browser: kith serve"
        )


def _ask(home: Home, signed: _Signed) -> None:
    from kith.cli import label_screen  # heavy, and most commands do without it
    from kith.labelling import LabelDesk

    answered = label_screen.run(LabelDesk(home, told=console.say), signed, click.getchar)
    console.say(f"{answered:,} answered. What you decided counts from the next: kith resolve")


def _simulate(
    home: Home, signed: _Signed, *, truth: Path, budget: int, errors: float, seed: int, **_: Any
) -> _Outcome:
    from kith.cli.label_screen import print_simulation
    from kith.labelling.simulated import read_persons, simulate

    persons = read_persons(truth, home.keys)
    user, viewer = signed()
    found = simulate(home, viewer, user, persons, budget=budget, errors=errors, seed=seed)
    return found, lambda: print_simulation(found)


def _export(home: Home, signed: _Signed, *, export_file: Path, **_: Any) -> _Outcome:
    from kith.labelling.files import export_labels

    user, viewer = signed()
    found = export_labels(home, viewer, user, export_file)
    words = f"{found.labels:,} labels written to {export_file}; the file holds people's data."
    return found, lambda: console.line(words)


def _import(home: Home, signed: _Signed, *, import_file: Path, **_: Any) -> _Outcome:
    from kith.labelling.files import import_labels

    user, viewer = signed()
    found = import_labels(home, viewer, user, import_file)
    words = f"{found.labels:,} labels taken in; {found.unknown:,} about records unknown here."
    return found, lambda: console.line(words)


def _status(home: Home, _signed: _Signed, **_: Any) -> _Outcome:
    from kith.cli.label_screen import print_status
    from kith.labelling.state import read_status

    status = read_status(home, current_user(home))
    return status, lambda: print_status(status)


_Outcome = tuple[Any, Callable[[], None]]
"""What a mode found, and how it is printed."""

_MODES: dict[str, Callable[..., _Outcome]] = {
    "truth": _simulate,
    "export_file": _export,
    "import_file": _import,
    "status": _status,
}
commands = (label,)
