"""Linking, projecting and evaluating.

Invariant: resolving never opens the graph; projecting is done by whoever has it open.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click

import loaders
from governance.declared import records
from governance.events import Projected, Resolved
from governance.keeping_events import LinksCompared
from governance.permissions import Permission
from kith import pipeline, service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened, require_writable
from kith.cli.tokens import current_user
from kith.plain import to_plain
from records.errors import KithError

_FEWEST = 20  # records, in a truth that links are compared with


@click.command()
@click.option("--force", is_flag=True, help="Resolve even if nothing has changed.")
@click.option("--keep-model", is_flag=True, help="Score with the stored model; learn nothing.")
@click.option(
    "--changed", is_flag=True, help="Resolve only what changed since the last resolution."
)
@home_option
@json_option
@needs(Permission.RESOLVE, purpose=Purpose.NOT_NEEDED)
@records(Resolved)
def resolve(
    force: bool, keep_model: bool, changed: bool, home_folder: Path | None, json_wanted: bool
) -> None:
    """Work out which records are the same person, and which addresses are one."""
    with opened(home_folder) as home:
        user = current_user(home)
        actor = pipeline.Actor(user_id=user.user_id, agency=user.agency)
        with console.progress() as report:
            outcome = pipeline.resolve(
                home,
                actor=actor,
                report=report,
                force=force,
                keep_model=keep_model,
                changed=changed,
            )
    if json_wanted:
        console.as_json(outcome)
        return
    print_resolution(to_plain(outcome))


def print_resolution(outcome: dict[str, Any]) -> None:
    """What a resolution found, and what each rule yielded."""
    counts = outcome["counts"]
    rows = counts.get("rows", {})
    if not outcome["changed"]:
        console.line("Nothing has changed since the last resolution.")
    console.line(
        f"{counts.get('records', 0):,} records: {rows.get('person', 0):,} people, "
        f"{rows.get('address', 0):,} addresses, {rows.get('household', 0):,} households; "
        f"{counts.get('refused_merges', 0):,} merges refused by a guard."
    )
    if outcome["changed"]:
        _print_changed(counts.get("changed"))
    _print_learning(counts)
    fired = [entry for entry in counts.get("rules", []) if entry["fired"]]
    if fired:
        columns = ("rule", "candidate pairs", "agreed", "first to agree")
        console.table(
            columns,
            [(e["name"], f"{e['pairs']:,}", f"{e['fired']:,}", f"{e['decided']:,}") for e in fired],
        )


def _print_changed(changed: dict[str, Any] | None) -> None:
    """How much of it was worked out again."""
    if changed is None:
        return
    console.line(
        f"Since the last resolution {changed['added']:,} records came, {changed['changed']:,} "
        f"changed and {changed['removed']:,} went: {changed['compared_again']:,} were compared "
        f"again, {changed['people']:,} people and {changed['addresses']:,} addresses told anew."
    )


def _print_learning(counts: dict[str, Any]) -> None:
    """What the run learned from, and how good it should be."""
    model, labels = counts.get("model"), counts.get("labels") or {}
    given = labels.get("same", 0) + labels.get("different", 0)
    if model is None:
        console.line("Too little to learn from: the rules decided alone.")
    else:
        console.line(
            f"Model {model['version']}: learned from "
            f"{'shared identifiers' if model['from_identifiers'] else 'no identifiers'} and "
            f"{given:,} stewards' labels; joined from a probability of {model['threshold']:.2f}."
        )
    if labels.get("of_records_gone"):
        console.line(f"{labels['of_records_gone']:,} labels are of records that are gone.")
    if labels.get("contradictions"):
        console.line(f"{labels['contradictions']:,} labels contradict others: kith label --status")
    found = counts.get("estimate")
    if found and found["precision"] is not None and found["recall"] is not None:
        console.line(
            f"Estimated from {found['labels']} pairs drawn at random: precision "
            f"{found['precision']:.3f} ({found['precision_low']:.3f} to "
            f"{found['precision_high']:.3f}), recall {found['recall']:.3f} "
            f"({found['recall_low']:.3f} to {found['recall_high']:.3f})."
        )


class TooFewError(KithError):
    """A truth of a few records would tell whether just these are one person."""

    def __init__(self) -> None:
        super().__init__(
            f"the truth names fewer than {_FEWEST} records of this home: so few figures would be "
            "about somebody"
        )


@click.command()
@home_option
@json_option
@needs(Permission.PROJECT, purpose=Purpose.NOT_NEEDED)
@records(Projected)
def project(home_folder: Path | None, json_wanted: bool) -> None:
    """Bring the graph up to the last resolution."""
    with opened(home_folder) as home:
        token = tokens.find(home.folder)
        console.say("Projecting ...")
        outcome = service.ask(home, {"verb": "project", "token": token})
    if json_wanted:
        console.as_json(outcome)
        return
    if not outcome["changed"]:
        console.line("The graph was up to date.")
        return
    console.table(("what", "count"), [(k, f"{v:,}") for k, v in outcome["counts"].items()])


@click.command()
@click.option(
    "--truth",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns agency, system, source_key, person.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write JSON to OUT (-).")
@home_option
@needs(Permission.EVALUATE, purpose=Purpose.NOT_NEEDED)
@records(LinksCompared)
def evaluate(truth: Path, json_file: Path | None, home_folder: Path | None) -> None:
    """Compare the last resolution with the truth: pairs, B-cubed, exact clusters.

    Households are judged too if truth_households.csv lies beside the truth file.
    """
    import resolution  # heavy, and most commands do without it

    require_writable(json_file)
    with opened(home_folder) as home:
        resolved = pipeline.current_result(home)
        context = pipeline.load_context(home)
        snapshot = loaders.open_snapshot(context, resolved.snapshot_id)
        found = resolution.evaluate(truth, resolved, snapshot)
        user = current_user(home)
        home.audit.record(
            LinksCompared(
                user_id=user.user_id,
                agency=user.agency,
                sha256=hashlib.sha256(truth.read_bytes()).hexdigest(),
                records=found.people.records,
            ),
            home.clock(),
        )
        if found.people.records < _FEWEST and not home.settings.demo:
            raise TooFewError
    if json_file is not None and str(json_file) == "-":
        console.as_json(found.as_json())
        return
    if json_file is not None:
        json_file.write_text(json.dumps(found.as_json(), indent=2) + "\n", encoding="utf-8")
    rows = found.table()
    columns = ("", "people", "households") if found.households else ("", "people")
    console.table(columns, [row[: len(columns)] for row in rows])


commands = (resolve, project, evaluate)
