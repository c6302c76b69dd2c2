"""Why somebody can or cannot see something, at the terminal, for governance officers.

Invariant: no value of a fact is printed; that it was asked is in the audit before.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from governance.declared import records
from governance.permissions import Permission
from governance.request_events import WhyAsked
from kith import service
from kith.cli import console, tokens
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.purpose import purpose_code


@click.command()
@click.argument("subject_id")
@click.option("--user", "username", default="", help="Of this user.")
@click.option("--agency", default="", help="Or of any user of this agency.")
@click.option("--role", default="practitioner", show_default=True, help="Acting in this role.")
@click.option("--purpose", default="visit", show_default=True, help="Looking for this reason.")
@home_option
@json_option
@needs(Permission.VIEW_AUDIT, purpose=Purpose.NOT_NEEDED)
@records(WhyAsked)
def why(
    subject_id: str,
    username: str,
    agency: str,
    role: str,
    purpose: str,
    home_folder: Path | None,
    json_wanted: bool,
) -> int:
    """Why can, or cannot, somebody see the facts about SUBJECT_ID (p_, a_, r_ or c_)?"""
    if not username and not agency:
        raise click.UsageError("of whom? give --user, or --agency and --role")
    with opened(home_folder) as home:
        asked = {
            "verb": "why",
            "token": tokens.find(home.folder),
            "subject_id": subject_id,
            "username": username,
            "agency": agency,
            "role": role,
            "purpose": purpose_code(purpose),
        }
        answer = service.ask(home, asked)
    if json_wanted:
        console.as_json(answer)
    else:
        for line in answer["lines"]:
            _print(line)
        if not answer["lines"]:
            console.line("Nothing of this id is in the graph.")
    return 0 if answer["lines"] else 5


def _print(line: dict[str, Any]) -> None:
    found = line["why"]
    tie = found["tie"]
    shown = found["decision"]["allowed"] and (tie is None or tie["allowed"])
    key = line["share_key"].replace("|", "/")
    console.heading(f"{'Shown' if shown else 'Not shown'}: {line['what']} {key} {line['fact_id']}")
    console.line(f"  {found['decision']['reason']}")
    if tie and not tie["allowed"]:
        console.line(f"  And of the record that ties it: {tie['reason']}")
    agreement = found["agreement"]
    if agreement:
        terms = agreement["terms"]
        console.line(f"  Agreement {agreement['agreement_id']}: {terms['title'] or 'no title'}")
        parts = [terms["level"], f"since {terms['since'] or 'ever'}"]
        parts += ["latest only"] if terms["latest_only"] else []
        parts += [f"last {terms['window_months']} months"] if terms["window_months"] else []
        parts.append(f"until {terms['expires'] or 'withdrawn'}")
        parts.append(
            "restricted people too" if terms["restricted_allowed"] else "nobody restricted"
        )
        console.line(f"  {', '.join(parts)}; {terms['legal_basis'] or 'no legal basis given'}")
    for name, reason in found["withheld"]:
        console.line(f"    not {name.replace('_', ' ')}: {reason}")
    for beside in found["beside"]:
        title = beside["agreement"]["terms"]["title"] or beside["agreement"]["agreement_id"]
        console.line(f"  Also {title}: {beside['words']}")
    for reference in found["answers"]:
        console.line(f"  An answered request ({reference}) shows them something of it.")


commands = (why,)
"""Commands of this module."""
