"""What linking learned: the scorers of both passes and the threshold, as one stored artefact.

Invariant: plain values only; a model read back scores as the one that was written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from resolution.linking.scorer import Scorer


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Scorers of records and of clusters, and the probability from which clusters are joined."""

    pair: Scorer
    across: Scorer
    threshold: float

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
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Trained:
        """What `to_json` gave."""
        return cls(
            pair=Scorer.from_json(content["pair"]),
            across=Scorer.from_json(content["across"]),
            threshold=float(content["threshold"]),
        )
