"""`kith explain`: why two records are one person, or why not.

Invariant: a steward asks, for a purpose and on the record, as at `kith label`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from governance.declared import records
from governance.events import LinkExplained, PurposeStated
from governance.permissions import Permission, Role
from kith import service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened, with_purpose
from kith.cli.purpose import stated

if TYPE_CHECKING:
    from kith.labelling.explaining import Explanation, Step


@click.command()
@click.argument("record_a")
@click.argument("record_b")
@with_purpose
@home_option
@json_option
@needs(Permission.LABEL, purpose=Purpose.STATED)
@records(PurposeStated, LinkExplained)
def explain(
    record_a: str,
    record_b: str,
    purpose: str | None,
    reference: str,
    basis: str | None,
    home_folder: Path | None,
    json_wanted: bool,
) -> None:
    """Why are the records RECORD_A and RECORD_B one person, or why not?"""
    from kith.labelling.explaining import explain as find  # heavy

    if record_a == record_b:
        raise click.UsageError("name two records")
    with opened(home_folder) as home:
        request = {"token": tokens.find(home.folder)}
        request |= stated(home.clock(), purpose, reference, basis)
        user, viewer = service.signed_viewer(home, request, Permission.LABEL, Role.STEWARD)
        found = find(home, viewer, user, (record_a, record_b))
    if json_wanted:
        console.as_json(found)
    else:
        _print(found)


def _print(found: Explanation) -> None:
    from kith.cli.label_screen import comparison_table

    console.out.print(
        comparison_table("", (found.left_source,), (found.right_source,), found.comparisons)
    )
    if not found.joined:
        console.heading("Two people in the last resolution")
        console.line(str(found.refused))
    elif found.refused:
        console.heading("One person in the last resolution")
        console.line(found.refused)
    elif found.steps:
        through = f", through {found.between} other records" if found.between else ""
        console.heading(f"One person in the last resolution{through}")
    else:
        console.heading("One person in the last resolution")
        console.line("The groups that the two belong to were joined as wholes.")
    for step in found.steps:
        console.line(f"{step.words} (probability {step.probability:.3f}, by {step.decided_by}).")
        if step.reasons:
            console.out.print(_reasons(step))


def _reasons(step: Step) -> Table:
    drawn = Table(header_style="bold")
    drawn.add_column("reason", overflow="fold")
    drawn.add_column("log odds", justify="right")
    for words, value in step.reasons:
        drawn.add_row(escape(words), f"{value:+.2f}")
    total = sum(value for _, value in step.reasons)
    drawn.add_row("Sum", f"{total:+.2f}", style="bold")
    return drawn


commands = (explain,)
"""The commands of this part."""
