"""What a run learned and how good it is without the truth, for its row in the register.

Invariant: counts, shares, digests and record ids only; what is promised rests on labels that the
model did not learn from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from governance.judgements import Judgement
from governance.labels import labels
from records.snapshot import Resolved
from resolution.guards import JUDGED_DIFFERENT, LITTLE_SUPPORT, REASONS
from resolution.linking.trained import Trained
from resolution.matched import Matching

_REFUSED = {*REASONS, LITTLE_SUPPORT, JUDGED_DIFFERENT}
_NAMED = 20  # contradictions that are named, the first ones


def learning_counts(
    matching: Matching, history: Iterable[Judgement], present: Collection[str]
) -> dict[str, Any]:
    """What the run learned from, and how far that can be trusted.

    Args:
        history: every judgement ever made, in order.
        present: the record ids that are in the snapshot.
    """
    found = labels(history, present)
    trained = matching.trained
    return {
        "model": _model(trained) if trained else None,
        "labels": {
            "same": int(matching.judged.same.sum()),
            "different": int((~matching.judged.same).sum()),
            "of_records_gone": found.ignored,
            "contradictions": len(found.contradictions),
        },
        "contradictions": [asdict(each) for each in found.contradictions[:_NAMED]],
        "reliability": _tables(trained) if trained else [],
        "estimate": asdict(trained.measured.estimate)
        if trained and trained.measured.estimate
        else None,
    }


def automatic_counts(resolved: Resolved) -> dict[str, Any]:
    """How many records were joined without a human, and which pairs were left open or refused."""
    deciders = resolved.read("link", ["decided_by"])["decided_by"].value_counts().to_pylist()
    joined = dict.fromkeys(("rule", "model", "steward"), 0)
    alone = 0
    for entry in deciders:
        kind = str(entry["values"]).partition(":")[0]
        if kind in joined:
            joined[kind] += entry["counts"]
        else:
            alone += entry["counts"]
    reasons = resolved.read("possible_pair", ["reason"])["reason"].to_pylist()
    together = sum(joined.values())
    return {
        "joined": joined,
        "alone": alone,
        "share": 1 - joined["steward"] / together if together else None,
        "pairs_left": len(reasons),
        "refused": sum(reason in _REFUSED for reason in reasons),
    }


def _model(trained: Trained) -> dict[str, Any]:
    scorers = (trained.pair, trained.across)
    return {
        "version": trained.version,
        "threshold": trained.threshold,
        "control_answers": trained.measured.answers,
        "threshold_chosen_from": trained.measured.chosen_from,
        "from_identifiers": trained.pair.free is not None,
        "from_stewards": any(
            part is not None for each in scorers for part in (each.taught, each.correction)
        ),
    }


def _tables(trained: Trained) -> list[dict[str, Any]]:
    """Reliability tables: of what, told from which labels."""
    tables = (
        ("records", "identifiers", trained.pair.reliability),
        ("groups", "identifiers", trained.across.reliability),
        ("decisions", "control", trained.measured.decisions),
    )
    return [
        {"of": of, "by": by, "bins": [asdict(each) for each in bins]}
        for of, by, bins in tables
        if bins
    ]
