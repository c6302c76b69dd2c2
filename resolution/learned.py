"""What a run learned and how good it is without the truth, for its row in the register.

Invariant: counts, digests and record ids only; an estimate rests on the answers to pairs that were
drawn at random, as the model saw them before it learned from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

import numpy as np

from governance.judgements import Judgement
from governance.labels import labels
from resolution.matching import Matching

_FORESEEN_AT = 0.5
_NAMED = 20  # contradictions that are named, the first ones


def learning_counts(
    matching: Matching, history: Iterable[Judgement], present: Collection[str]
) -> dict[str, Any]:
    """What the run learned from.

    Args:
        history: every judgement ever made, in order.
        present: the record ids that are in the snapshot.
    """
    found = labels(history, present)
    trained = matching.trained
    return {
        "model": {
            "version": trained.version,
            "threshold": trained.threshold,
            "from_identifiers": trained.pair.free is not None,
            "from_stewards": any(
                part is not None
                for scorer in (trained.pair, trained.across)
                for part in (scorer.taught, scorer.correction)
            ),
        }
        if trained
        else None,
        "labels": {
            "same": int(matching.judged.same.sum()),
            "different": int((~matching.judged.same).sum()),
            "of_records_gone": found.ignored,
            "contradictions": len(found.contradictions),
        },
        "contradictions": [asdict(each) for each in found.contradictions[:_NAMED]],
        "estimate": estimated(found.judgements),
    }


def estimated(judgements: Iterable[Judgement]) -> dict[str, Any] | None:
    """Precision and recall of pairs with 95 % intervals; None before any control answer."""
    told = [
        (entry.verdict == "same", entry.question["weight"], entry.question["foreseen"])
        for entry in judgements
        if entry.verdict in {"same", "different"}
        and entry.question
        and entry.question.get("control")
        and {"weight", "foreseen"} <= entry.question.keys()
    ]
    if not told:
        return None
    from resolution.scoring import estimate  # heavy

    same, weight, foreseen = (np.array(column) for column in zip(*told, strict=True))
    return asdict(estimate(same.astype(bool), weight, foreseen, _FORESEEN_AT))
