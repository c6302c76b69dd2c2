"""The state of an area in a few lines.

Invariant: nothing here names a person.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from governance import erasures, registration, runs
from governance.declared import records_nothing
from governance.loads import freshness
from governance.permissions import Permission
from kith import pipeline
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.demo import is_served
from kith.cli.options import home_option, json_option, opened
from kith.home import Home


@click.command()
@home_option
@json_option
@needs(Permission.VIEW_STATUS, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts and times")
def status(home_folder: Path | None, json_wanted: bool) -> None:
    """What is loaded, resolved, projected and served, and how old it is."""
    with opened(home_folder) as home:
        told = _state(home)
        if json_wanted:
            console.as_json(told)
            return
        console.heading(f"Area {home.area} in {home.folder}")
        rows = [
            (key.replace("_", " "), _when(value) if key.endswith("_on") else value)
            for key, value in told.items()
            if key != "sources"
        ]
        if told["interrupted_erasures"]:
            rows.append(("to end them", "kith rights resume"))
        console.table(("what", "state (times in UTC)"), rows)
        sources = [
            (f"{s.agency_label}: {s.dataset_label}", _when(s.loaded_on)) for s in told["sources"]
        ]
        console.table(("source", "last loaded (UTC)"), sources)


def _state(home: Home) -> dict[str, Any]:
    with home.register.session() as session:
        resolved = runs.last_run(session, runs.RESOLUTION)
        projected = runs.last_run(session, runs.PROJECTION)
        ages = freshness(session)
        interrupted = len(erasures.unfinished(session))
    current = pipeline.read_current(home)
    shown = projected.parent_run_id if projected else None
    return {
        "demonstration": home.settings.demo,
        "graph": "Neo4j" if home.settings.neo4j_uri else "embedded",
        "being_served": is_served(home),
        "resolved_on": resolved.finished_at if resolved else None,
        "projected_on": projected.finished_at if projected else None,
        "graph_is_current": bool(current and shown == current["run_id"]),
        "audit_rows": home.audit.count(),
        "interrupted_erasures": interrupted,
        "sources": ages,
    }


def _when(instant: dt.datetime | None) -> str:
    return f"{instant:%d %b %Y %H:%M}" if instant else "never"


@click.group()
def register() -> None:
    """Agencies and datasets of the area."""


@register.command("list")
@home_option
@json_option
@needs(Permission.VIEW_REGISTER, purpose=Purpose.NOT_NEEDED)
@records_nothing("agencies and datasets")
def list_sources(home_folder: Path | None, json_wanted: bool) -> None:
    """Every registered agency and dataset."""
    with opened(home_folder) as home:
        with home.register.session() as session:
            found = registration.datasets(session)
        if json_wanted:
            console.as_json(found)
            return
        rows = [
            (f"{d.agency}/{d.dataset_id}", d.label, d.controller, d.lawful_basis) for d in found
        ]
        console.table(("dataset", "label", "controller", "lawful basis"), rows)


commands = (status, register)
