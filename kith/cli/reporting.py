"""`kith report`: how far the last resolution can be trusted, for whoever answers for it.

Invariant: counts, shares and intervals only, as the run's own row holds them; what no label tells
is said to be unknown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from governance import runs
from governance.declared import records_nothing
from governance.permissions import Permission
from kith.cli import console
from kith.cli.declared import Purpose, needs
from kith.cli.options import home_option, opened, require_writable
from kith.home import Home
from records.errors import KithError

RECALL_WANTED, PRECISION_WANTED = 0.97, 0.993

_OF = {
    "records": "Pairs of records",
    "groups": "Pairs of groups of records",
    "decisions": "Pairs of records as decided in the end",
}
_BY = {
    "identifiers": "told by NHS and other numbers that the model did not see, on pairs held out",
    "control": "told by answers to questions drawn at random, which the model did not learn from",
}


class NothingToReportError(KithError):
    """No resolution has ended yet."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__("nothing is resolved yet; run: kith resolve")


@click.command()
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write JSON to OUT (-).")
@home_option
@needs(Permission.VIEW_STATUS, purpose=Purpose.NOT_NEEDED)
@records_nothing("counts and shares; no record is shown")
def report(json_file: Path | None, home_folder: Path | None) -> None:
    """How far the last resolution can be trusted: what it promised, and what was found."""
    require_writable(json_file)
    with opened(home_folder) as home:
        told = read_report(home)
    if json_file is not None and str(json_file) == "-":
        console.as_json(told)
        return
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    _print(told)


def read_report(home: Home) -> dict[str, Any]:
    """What the last resolution's row says of how good it is."""
    with home.register.session() as session:
        run = runs.last_run(session, runs.RESOLUTION)
    if run is None:
        raise NothingToReportError
    counts = run.counts
    return {
        "run_id": run.run_id,
        "finished_on": run.finished_at.isoformat() if run.finished_at else None,
        "records": counts.get("records"),
        **{name: counts.get(name) for name in ("model", "labels", "automatic", "estimate")},
        "reliability": counts.get("reliability") or [],
        "wanted": {"recall": RECALL_WANTED, "precision": PRECISION_WANTED},
    }


def _print(told: dict[str, Any]) -> None:
    console.heading(f"Resolution {told['run_id']}")
    console.line(_threshold(told["model"]))
    if told["automatic"]:
        _print_automatic(told["automatic"])
    console.line(_estimate(told["estimate"]))
    for table in told["reliability"]:
        console.line()
        rows = [
            (
                f"{each['low']:.2f} to {each['high']:.2f}",
                f"{each['labels']:,}",
                f"{each['promised']:.3f}",
                f"{each['found']:.3f}",
                f"{each['found_low']:.3f} to {each['found_high']:.3f}",
            )
            for each in table["bins"]
        ]
        columns = ("probability", "pairs", "promised", "found", "95 % interval")
        console.table(columns, rows, f"{_OF[table['of']]}, {_BY[table['by']]}")
    if not told["reliability"]:
        console.line("No labels tell how far the probabilities can be trusted.")


def _threshold(model: dict[str, Any] | None) -> str:
    if model is None:
        return "Too little to learn from: the rules decided alone."
    chosen = model.get("threshold_chosen_from", 0)
    ground = f"chosen by {chosen:,} answers drawn at random" if chosen else "from the cost alone"
    at = f"joined from a probability of {model['threshold']:.2f}"
    return f"Model {model['version']}; {at}, {ground}."


def _print_automatic(found: dict[str, Any]) -> None:
    joined = found["joined"]
    share = "–" if found["share"] is None else f"{found['share']:.1%}"
    rows = [
        ("records joined by a rule", f"{joined['rule']:,}"),
        ("records joined by the model", f"{joined['model']:,}"),
        ("records joined by a steward", f"{joined['steward']:,}"),
        ("joined without a human", share),
        ("records that stand alone", f"{found['alone']:,}"),
        ("pairs left open", f"{found['pairs_left']:,}"),
        ("of these refused by a guard", f"{found['refused']:,}"),
    ]
    console.table(("automatic matching", ""), rows)


def _estimate(found: dict[str, Any] | None) -> str:
    if not found or found["precision"] is None or found["recall"] is None:
        return "Precision and recall are unknown: no question drawn at random was answered yet."
    wanted = (("recall", RECALL_WANTED), ("precision", PRECISION_WANTED))
    if all(found[f"{name}_low"] >= least for name, least in wanted):
        verdict = "reached"
    elif any(found[f"{name}_high"] < least for name, least in wanted):
        verdict = "not reached"
    else:
        verdict = "open; more answers to questions drawn at random would tell"
    return (
        f"Of all true links among the pairs compared {found['recall']:.1%} are found without a"
        f" human ({found['recall_low']:.1%} to {found['recall_high']:.1%}), and"
        f" {found['precision']:.1%} of the links are right ({found['precision_low']:.1%} to"
        f" {found['precision_high']:.1%}), estimated from {found['labels']:,} answers drawn at"
        f" random. Wanted are {RECALL_WANTED:.0%} at {PRECISION_WANTED:.1%}: {verdict}."
    )


commands = (report,)
"""The commands of this part."""
