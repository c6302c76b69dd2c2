"""What linking learned: the scorers of both passes and the threshold, as one stored artefact.

Invariant: plain values only; a model read back scores as the one that was written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from resolution.linking.first_pass import Candidates
from resolution.linking.labels import Judged
from resolution.linking.measured import Measured, decided_held_out, measure
from resolution.linking.scorer import Learned, Scorer
from resolution.linking.second_pass import Compared, learn_judged
from resolution.linking.settings import LinkingSettings
from resolution.statistics import Statistics


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Scorers of records and of clusters, and the probability from which clusters are joined.

    `statistics` are of the list that they learned from, `measured` says how good they should be.
    """

    pair: Scorer
    across: Scorer
    threshold: float
    statistics: Statistics
    measured: Measured = field(default_factory=Measured)

    @cached_property
    def version(self) -> str:
        """A digest of all that was learned: the model's name in what it decided."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "pair": self.pair.to_json(),
            "across": self.across.to_json(),
            "threshold": self.threshold,
            "statistics": self.statistics.to_json(),
            "measured": self.measured.to_json(),
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Trained:
        """What `to_json` gave."""
        return cls(
            pair=Scorer.from_json(content["pair"]),
            across=Scorer.from_json(content["across"]),
            threshold=float(content["threshold"]),
            statistics=Statistics.from_json(content["statistics"]),
            measured=Measured.from_json(content.get("measured")),
        )


def learn_across(
    candidates: Candidates,
    compared: Compared,
    untaught: Scorer,
    pair: Learned,
    judged: Judged,
    settings: LinkingSettings,
) -> Trained:
    """What the second pass learns of judgements, and how far all of it can be trusted.

    Args:
        compared: clusters that were made without the constraints that judgements are.
        untaught: the second pass's scorer as it was before any judgement.
        pair: the first pass's, taught.
    """
    across, places = learn_judged(compared, untaught, judged)
    decided = decided_held_out(compared, pair.held, across.held, places, judged)
    threshold, measured = measure(decided, judged, settings)
    return Trained(
        pair=pair.scorer,
        across=across.scorer,
        threshold=threshold,
        statistics=candidates.known,
        measured=measured,
    )
