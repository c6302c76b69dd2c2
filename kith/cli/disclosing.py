"""Subject access at the terminal: items drawn, decided about, approved, released.

Invariant: an item's values are shown to officers for its case alone; nothing is released that
another officer did not approve.
"""

from __future__ import annotations

from pathlib import Path

import click

from governance.declared import records
from governance.permissions import Permission
from governance.subject_events import (
    BundleReleased,
    SubjectCaseChanged,
    SubjectFound,
    SubjectItemsDecided,
    SubjectItemsShown,
)
from governance.subject_items import DECISIONS, Decision
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user
from kith.rights import access, acting
from kith.rights.wording import Labels, kind_words
from records.codes import code_list


@click.command("draw")
@click.argument("case_id")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectFound)
def draw(case_id: str, home_folder: Path | None) -> None:
    """Make items of all that is held; drawn again, what has not changed keeps its decision."""
    with opened(home_folder) as home:
        left = access.draw(home, current_user(home), case_id)
    console.say(f"To be decided about: {left:,}. Look at them: kith rights items {case_id}")


@click.command("items")
@click.argument("case_id")
@click.option("--from", "offset", type=click.IntRange(0), default=0, help="Leave out so many.")
@click.option("--most", type=click.IntRange(1, 500), default=20, show_default=True)
@home_option
@json_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectItemsShown)
def items(
    case_id: str, offset: int, most: int, home_folder: Path | None, json_wanted: bool
) -> None:
    """The items of a case with their values, what is suggested, what was decided."""
    with opened(home_folder) as home:
        found = access.show(home, current_user(home), case_id, offset=offset, limit=most)
        with home.register.session() as session:
            labels = Labels.of(session)
    if json_wanted:
        console.as_json(found.shown)
        return
    for each in found.shown:
        about = each.decided
        if each.item is None:
            console.heading(f"{about.item_id}: changed since it was drawn; draw again")
            continue
        console.heading(f"{about.item_id}  {kind_words(each.item)}, {labels.source(each.item)}")
        for name, value in each.item.values.items():
            mark = " [suggested: redact]" if name in about.suggested else ""
            console.line(f"  {name}: {value}{mark}")
        said = [about.decision or "not decided", about.exemption or "", *about.redacted]
        console.line(f"  -> {' '.join(filter(None, said))}")
    console.say(f"{found.total:,} in all; not decided: {found.tally.get('', 0):,}")


@click.command("decide")
@click.argument("case_id")
@click.argument("item_ids", nargs=-1, required=True)
@click.option("--as", "decision", type=click.Choice([*DECISIONS, "suggested"]), required=True)
@click.option("--field", "fields", multiple=True, help="A field to redact; several.")
@click.option("--exemption", type=click.Choice(list(code_list("exemption").labels)))
@click.option("--silently", is_flag=True, help="Do not tell that something is kept back.")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectItemsDecided)
def decide(
    case_id: str,
    item_ids: tuple[str, ...],
    decision: str,
    fields: tuple[str, ...],
    exemption: str | None,
    silently: bool,
    home_folder: Path | None,
) -> None:
    """Disclose, redact or withhold items, or decide as suggested those not decided about."""
    with opened(home_folder) as home:
        user = current_user(home)
        if decision == "suggested":
            count = access.take_suggestions(home, user, case_id, item_ids)
        else:
            count = len(set(item_ids))
            made = Decision(
                decision=decision, redacted=fields, exemption=exemption, silent=silently
            )
            access.decide(home, user, case_id, item_ids, made)
    console.say(f"Decided about {count:,}.")


@click.command("propose")
@click.argument("case_id")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def propose(case_id: str, home_folder: Path | None) -> None:
    """Put a release or an erasure before another officer."""
    with opened(home_folder) as home:
        made = acting.propose(home, current_user(home), case_id)
    console.say(f"Proposed: {made.proposal}. Another officer: kith rights approve {case_id}")


@click.command("approve")
@click.argument("case_id")
@home_option
@needs(Permission.APPROVE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def approve(case_id: str, home_folder: Path | None) -> None:
    """Approve what another officer proposed and decided."""
    with opened(home_folder) as home:
        made = acting.approve(home, current_user(home), case_id)
    console.say(f"Approved. Carry it out: kith rights {made.proposal} {case_id}")


@click.command("send-back")
@click.argument("case_id")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(SubjectCaseChanged)
def send_back(case_id: str, home_folder: Path | None) -> None:
    """Back to who works on it: what was proposed or approved holds no longer."""
    with opened(home_folder) as home:
        acting.send_back(home, current_user(home), case_id)
    console.say("Sent back.")


@click.command("release")
@click.argument("case_id")
@home_option
@needs(Permission.HANDLE_RIGHTS, purpose=Purpose.NOT_NEEDED)
@records(BundleReleased)
def release(case_id: str, home_folder: Path | None) -> None:
    """Write the bundle that another officer approved, and close the case."""
    with opened(home_folder) as home:
        done, folder = access.release(home, current_user(home), case_id)
    console.line(f"{done.bundle_sha256}  {folder / 'bundle.json'}")
    console.say(f"Released. It is kept until {done.bundle_until or 'somebody removes it'}.")


commands = (draw, items, decide, propose, approve, send_back, release)
