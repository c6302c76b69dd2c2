"""Loading agencies' files, and looking at what was loaded.

Invariant: a data manager loads their own agency's datasets; of the agency that keeps the area, or
in an area without agencies, all of them. Whose loads are shown says `kith.loads_shown`.
"""

from __future__ import annotations

from pathlib import Path

import click

import loaders
from governance import events, registration
from governance import loads as ledger
from governance.declared import records, records_nothing
from governance.permissions import Permission
from governance.sessions import SignedInUser
from kith import pipeline
from kith.cli import console
from kith.cli.declared import Purpose, for_signed_in, needs, open_to_all
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.home import Home
from kith.loads_shown import shown_agency
from records.errors import KithError


class LoadRefusedError(KithError):
    """At least one file was refused; the rest was loaded."""

    exit_code = 4


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dataset", required=True, help="AGENCY/SYSTEM that sent the files.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A mapping file; without it the file is recognised by its columns.",
)
@home_option
@json_option
@needs(Permission.LOAD, purpose=Purpose.NOT_NEEDED)
@records(events.FileLoaded, events.FileRefused)
def load(
    files: tuple[Path, ...],
    dataset: str,
    mapping: Path | None,
    home_folder: Path | None,
    json_wanted: bool,
) -> None:
    """Check files and stage them; a refused file changes nothing."""
    with opened(home_folder) as home:
        user = current_user(home)
        actor = pipeline.Actor(user_id=user.user_id, agency=user.agency)
        _require_agency(home, user, dataset)
        results = []
        refused = []
        for file in files:
            try:
                with console.progress() as report:
                    result = pipeline.load_file(
                        home, file, dataset=dataset, mapping=mapping, actor=actor, report=report
                    )
            except KithError as error:
                refused.append(_named(file, str(error)))
                continue
            results.append(result)
            if result.state == "refused":
                refused.append(_named(file, result.reason or ""))
            if not json_wanted:
                _tell(file, result)
        if any(result.state == "staged" for result in results):
            from kith.labelling.basis import prepare_ahead  # takes a while to import

            with console.progress() as report:
                prepare_ahead(home, report)
        if json_wanted:
            console.as_json({"loads": [_plain(r) for r in results], "refused": refused})
        if refused:
            raise LoadRefusedError("refused: " + "; ".join(refused))


@click.command()
@home_option
@json_option
@needs(Permission.VIEW_LOADS, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts of rows; no row is shown")
def loads(home_folder: Path | None, json_wanted: bool) -> None:
    """What was loaded: when, by whom, rows in, accepted, quarantined."""
    with opened(home_folder) as home:
        user = current_user(home)
        with home.register.session() as session:
            found = ledger.loads(session, shown_agency(home, user))
        if json_wanted:
            console.as_json(found)
            return
        columns = (
            "load",
            "dataset",
            "file",
            "when (UTC)",
            "in",
            "accepted",
            "quarantined",
            "state",
        )
        rows = [
            (
                entry.load_id,
                f"{entry.agency}/{entry.dataset}",
                entry.file_name,
                entry.loaded_on.strftime("%d %b %Y %H:%M"),
                f"{entry.rows_in:,}",
                f"{entry.accepted:,}",
                f"{entry.rejected:,}",
                entry.state if not entry.reason else f"{entry.state}: {entry.reason}",
            )
            for entry in found
        ]
        console.table(columns, rows)


@click.group()
def mapping() -> None:
    """Mappings: how a source's columns become canonical fields."""


@mapping.command("list")
@home_option
@json_option
@for_signed_in("mappings of columns: nobody's data")
@records_nothing("mappings of columns")
def list_mappings(home_folder: Path | None, json_wanted: bool) -> None:
    """Every mapping that ships or lies in the home."""
    with opened(home_folder) as home:
        found = loaders.read_mappings(pipeline.mapping_folders(home))
    if json_wanted:
        console.as_json([{"mapping": m.mapping, "dataset": m.dataset} for m in found])
        return
    rows = [(m.mapping, m.dataset, m.layout, m.source.format, m.description) for m in found]
    console.table(("mapping", "dataset", "layout", "format", "what"), rows)


@mapping.command("show")
@click.argument("name")
@home_option
@for_signed_in("mappings of columns: nobody's data")
@records_nothing("mappings of columns")
def show_mapping(name: str, home_folder: Path | None) -> None:
    """One mapping, in words."""
    with opened(home_folder) as home:
        for entry in loaders.read_mappings(pipeline.mapping_folders(home)):
            if entry.mapping == name:
                console.line(loaders.describe(entry))
                return
    raise click.UsageError(f"no mapping '{name}'; see: kith mapping list")


@mapping.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@open_to_all("reads files of whoever runs it, and no home")
@records_nothing("mappings of columns")
def check_mapping(files: tuple[Path, ...]) -> None:
    """Check mapping files; all faults of all files are told at once."""
    found = loaders.read_mappings(list(files))
    if not found:
        raise click.UsageError("there is no mapping (*.toml) in what was named")
    for entry in found:
        console.line(f"{entry.mapping}: sound")


def _require_agency(home: Home, user: SignedInUser, dataset: str) -> None:
    agency = dataset.partition("/")[0]
    if agency == user.agency or _keeps_area(home, user):
        return
    home.audit.record(
        events.Refused(
            user_id=user.user_id, agency=user.agency, permission=Permission.LOAD, reason="agency"
        )
    )
    raise NotYourAgencyError(f"you may load files of {user.agency} only")


class NotYourAgencyError(KithError):
    """A data manager loads their own agency's files."""

    exit_code = 3


def _keeps_area(home: Home, user: SignedInUser) -> bool:
    """Whether the user's agency keeps the area: the first of a pack, every one of a blank."""
    with home.register.session() as session:
        return home.keeper(session) == user.agency or not registration.agencies(session)


def _tell(file: Path, result: loaders.LoadResult) -> None:
    entry = result.entry
    if result.state == "unchanged":
        console.line(f"{file.name}: this very file was loaded before; nothing changed")
    elif result.state == "staged":
        console.line(
            f"{file.name}: {entry.rows_in:,} rows in, {entry.accepted:,} accepted, "
            f"{entry.rejected:,} quarantined (mapping {entry.mapping})"
        )
        if entry.rejected:
            console.line(f"  the quarantined rows, with reasons: {result.quarantine}")
        if left_out := entry.counts.get("erased"):
            console.line(f"  {left_out:,} rows tell of what was erased here, and were left out")


def _named(file: Path, words: str) -> str:
    return words if words.startswith(file.name) else f"{file.name}: {words}"


def _plain(result: loaders.LoadResult) -> dict[str, object]:
    return {"state": result.state, "reason": result.reason, "load": result.entry}


commands = (load, loads, mapping)
