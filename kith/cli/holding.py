"""Legal holds at the terminal.

Invariant: a hold counts from the moment it is placed; lifting one is on record like placing it.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from governance import retention_holds
from governance.declared import records, records_nothing
from governance.ids import ANY
from governance.permissions import Permission
from governance.retention_events import LegalHoldChanged
from governance.retention_holds import HoldTerms
from kith import retaining
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import DAY, home_option, json_option, opened
from kith.cli.tokens import current_user
from records.codes import code_list


@click.group()
def hold() -> None:
    """Legal holds: what is not disposed of, whatever falls due."""


@hold.command("list")
@click.option("--all", "everything", is_flag=True, help="Lifted ones too.")
@home_option
@json_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records_nothing("holds, by opaque ids")
def list_holds(everything: bool, home_folder: Path | None, json_wanted: bool) -> None:
    """Holds in force, those to be looked at again first."""
    with opened(home_folder) as home, home.register.session() as session:
        found = retention_holds.holds(session, in_force=not everything)
    if json_wanted:
        console.as_json(found)
        return
    kinds = code_list("hold_kind").labels
    rows = [
        (
            each.hold_id,
            kinds[each.terms.kind],
            each.terms.subject_id
            or f"{each.terms.agency}/{each.terms.dataset} {each.terms.category}",
            each.terms.owner,
            each.terms.review_on,
            each.terms.reason,
            "lifted" if each.lifted_at else "in force",
        )
        for each in found
    ]
    console.table(("hold", "kind", "about", "owner", "look again", "why", "state"), rows)


@hold.command("place")
@click.argument("kind", type=click.Choice(list(code_list("hold_kind").labels)))
@click.option("--about", help="Id of a person, record, contact or indicator.")
@click.option("--dataset", help="Or AGENCY/SYSTEM; */* for all there is.")
@click.option("--category", default=ANY, show_default=True)
@click.option("--reason", required=True)
@click.option("--owner", required=True, help="Whose hold it is: a role or an office.")
@click.option("--review", "review_on", required=True, type=DAY, help="YYYY-MM-DD.")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(LegalHoldChanged)
def place(
    kind: str,
    about: str | None,
    dataset: str | None,
    category: str,
    reason: str,
    owner: str,
    review_on: dt.date,
    home_folder: Path | None,
) -> None:
    """Hold one person or fact (--about), or a category of a dataset."""
    if (about is None) is (dataset is None):
        raise click.UsageError("say either --about or --dataset")
    agency, _, system = (dataset or ANY).partition("/")
    terms = HoldTerms(
        kind=kind,
        reason=reason,
        owner=owner,
        review_on=review_on,
        subject_id=about,
        agency=agency,
        dataset=system or ANY,
        category=category,
    )
    with opened(home_folder) as home:
        hold_id = retaining.place_hold(home, current_user(home), terms)
    console.line(hold_id)
    console.say("Held from now on.")


@hold.command("lift")
@click.argument("hold_id")
@home_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(LegalHoldChanged)
def lift(hold_id: str, home_folder: Path | None) -> None:
    """End a hold: what it held may fall due again."""
    with opened(home_folder) as home:
        retaining.lift_hold(home, current_user(home), hold_id)
    console.say("Lifted.")
