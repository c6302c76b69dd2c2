"""Tidying at the terminal.

Invariant: only counts are shown.
"""

from __future__ import annotations

from pathlib import Path

import click

from governance.declared import records
from governance.permissions import Permission
from governance.retention_events import Tidied
from kith import tidying
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, json_option, opened
from kith.cli.tokens import current_user

_WORDS = {
    "requests": "work requests, with their words",
    "notices": "notices that were seen",
    "emergencies": "words of emergency access",
    "sessions": "sessions, leases and devices that ended",
    "tries": "days of tries to sign in",
    "quarantined": "loads' turned-away rows",
    "runs": "folders of earlier runs",
    "bundles": "subject access bundles",
}


@click.command("tidy")
@click.option("--dry-run", is_flag=True, help="Only count.")
@home_option
@json_option
@needs(Permission.SET_RETENTION, purpose=Purpose.NOT_NEEDED)
@records(Tidied)
def tidy(dry_run: bool, home_folder: Path | None, json_wanted: bool) -> None:
    """Remove Kith's own rows and folders past their time (settings KITH_KEEP_...)."""
    with opened(home_folder) as home:
        counts = tidying.tidy(home, current_user(home), dry=dry_run)
    if json_wanted:
        console.as_json(counts)
        return
    rows = [(words, f"{counts[name]:,}") for name, words in _WORDS.items()]
    console.table(("what", "would go" if dry_run else "gone"), rows)
    console.say("The audit has its own, long period: it is never shortened here.")
