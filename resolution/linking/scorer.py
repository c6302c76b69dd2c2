"""The probability that two records are one person, learned in two layers.

Invariant: a score is a function of the pair's vector and of the stored model alone. The first
layer learns from labels that shared identifiers give for nothing, without seeing those
identifiers; where there are none it is the evidence that was learned without any label, and where
a list bears none, the figure of what would agree by chance. The second learns from stewards'
labels: a bounded correction of a first layer that identifiers taught, or a classifier of its own
with the evidence as one more feature. A scorer that nothing taught is not trained, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.linking.correction import Correction, fit_correction
from resolution.linking.labels import (
    LEAST_EACH,
    LEAST_JUDGED,
    LEAST_JUDGED_EACH,
    TELLING,
    Labels,
    identifier_evidence,
    place_of,
)
from resolution.scoring import (
    Bin,
    Calibration,
    Classifier,
    fit_calibration,
    fit_held_out,
    out_of_fold,
    reliability,
)
from resolution.unsupervised import Evidence
from resolution.vectors.similarity import Floats

Odds = npt.NDArray[np.float64]

WITHOUT_LABELS = "without_labels"
"""The first layer's log odds as a feature of the second."""

_SAME_NUMBER, _OTHER_NUMBER = 6.0, -6.0  # what an identifier adds to the first layer's log odds
_LIMIT = 20.0
_ROWS = 16_384  # at once, so that what is worked out on the way stays small


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Log odds of pairs (or of pairs of clusters) from their vectors."""

    names: tuple[str, ...]
    directions: npt.NDArray[np.int8]
    free: Classifier | None = None
    evidence: Evidence | None = None  # learned without labels, where no identifiers taught
    correction: Correction | None = None
    taught: Classifier | None = None
    calibration: Calibration | None = None
    reliability: tuple[Bin, ...] = ()  # of the first layer, by labels of identifiers held out

    @property
    def trained(self) -> bool:
        """Whether anything taught it."""
        return self.free is not None or self.taught is not None or self.evidence is not None

    @property
    def by_evidence(self) -> bool:
        """Whether it has no label of any kind to go by."""
        return self.evidence is not None and self.free is None and self.taught is None

    @property
    def asks_chance(self) -> bool:
        """Whether it needs the figure of what would agree by chance."""
        return self.free is None and self.evidence is None

    def learn_free(self, vectors: Floats, labels: Labels) -> Scorer:
        """The scorer with its first layer learned, if the labels suffice."""
        if not labels.suffice(2 * LEAST_EACH, LEAST_EACH):
            return self
        kept = self._blind
        made, aside, odds = fit_held_out(
            vectors[:, kept],
            labels.same,
            names=[self.names[place] for place in kept],
            directions=self.directions[kept],
            weight=labels.weight,
        )
        table = reliability(probability(odds), labels.same[aside], labels.weight[aside])
        return replace(self, free=made, reliability=table)

    def learn(self, vectors: Floats, base: Odds, same: npt.NDArray[np.bool_]) -> Learned:
        """The scorer with its second layer learned and calibrated, if the labels suffice.

        Args:
            base: label-free log odds of the pairs, for where there is no first layer.
        """
        if not len(same):
            return Learned(scorer=self, held=np.zeros(0))
        if not _suffice(same):
            return Learned(scorer=self, held=self.log_odds(vectors, base))
        first = self._first(vectors, base)
        if self.free is not None:
            correction, held = fit_correction(vectors, first, same, self.directions)
            return Learned(scorer=replace(self, correction=correction), held=_bounded(held))
        stacked = self._stacked(vectors, first)
        unseen = out_of_fold(stacked, same, **self._second)
        taught = Classifier.fit(stacked, same, **self._second)
        line = fit_calibration(unseen.raw, same)
        scorer = replace(self, taught=taught, calibration=line)
        return Learned(scorer=scorer, held=_bounded(unseen.calibrated(same)))

    @property
    def _second(self) -> dict[str, Any]:
        return {
            "names": (*self.names, WITHOUT_LABELS),
            "directions": np.append(self.directions, 1),
        }

    def blind_odds(self, vectors: Floats) -> Odds:
        """The first layer's log odds, telling identifiers unseen.

        Raises:
            ValueError: if there is no first layer.
        """
        if self.free is None:
            raise ValueError("nothing was learned from identifiers")
        return self.free.log_odds(vectors[:, self._blind])

    def log_odds(self, vectors: Floats, base: Odds, blind: Odds | None = None) -> Odds:
        """Calibrated log odds, shape (pairs,).

        Args:
            base: label-free log odds; used where there is no first layer.
            blind: what `blind_odds` gave, if it was asked before.
        """
        out = np.empty(len(vectors))
        for start in range(0, len(vectors), _ROWS):
            rows = slice(start, start + _ROWS)
            known = None if blind is None else blind[rows]
            out[rows] = self._odds(vectors[rows], base[rows], known)
        return out

    def _odds(self, vectors: Floats, base: Odds, blind: Odds | None) -> Odds:
        first = self._first(vectors, base, blind)
        if self.correction is not None:
            return _bounded(self.correction.apply(vectors, first))
        if self.taught is None:
            return first
        raw = self.taught.log_odds(self._stacked(vectors, first))
        calibration = self.calibration
        if calibration is None:
            return _bounded(raw)
        return _bounded(calibration.log_odds(raw))

    def contributions(self, vectors: Floats, base: Odds) -> tuple[tuple[str, ...], Odds]:
        """Names, and what each adds to the log odds; the last column is what all start from."""
        if self.taught is not None:
            first = self._first(vectors, base)
            parts = self.taught.contributions(self._stacked(vectors, first))
            if self.calibration is not None:
                parts = parts * self.calibration.slope
                parts[:, -1] += self.calibration.offset
            return (*self.names, WITHOUT_LABELS), parts
        out = np.zeros((len(vectors), len(self.names) + 1))
        if self.free is None:
            if self.evidence is not None:
                return self.names, self.evidence.contributions(vectors)
            out[:, -1] = base
            return self.names, out
        kept = self._blind
        parts = self.free.contributions(vectors[:, kept])
        out[:, kept], out[:, -1] = parts[:, :-1], parts[:, -1]
        self._add_numbers(out, vectors)
        if self.correction is not None:
            added = self.correction.contributions(vectors, out.sum(axis=1))
            out = out + added
        return self.names, out

    @property
    def _blind(self) -> npt.NDArray[np.intp]:
        """Places of the features that do not tell of identifiers."""
        hidden = {place for place, name in enumerate(self.names) if _bare(name) in TELLING}
        return np.array([p for p in range(len(self.names)) if p not in hidden], dtype=np.intp)

    def _first(self, vectors: Floats, base: Odds, blind: Odds | None = None) -> Odds:
        if self.free is None:
            found = base if self.evidence is None else self.evidence.log_odds(vectors)
            return _bounded(found)
        odds = self.blind_odds(vectors) if blind is None else blind
        shared, differ = identifier_evidence(vectors, self.names)
        odds = odds + np.where(shared, _SAME_NUMBER, 0.0) + np.where(differ, _OTHER_NUMBER, 0.0)
        return _bounded(odds)

    def _add_numbers(self, out: Odds, vectors: Floats) -> None:
        shared, differ = identifier_evidence(vectors, self.names)
        place = {name: place_of(self.names, name) for name in TELLING}
        by_nhs = vectors[:, place["nhs_equal"]] > 0
        out[shared & by_nhs, place["nhs_equal"]] += _SAME_NUMBER
        out[shared & ~by_nhs, place["other_number"]] += _SAME_NUMBER
        against = vectors[:, place["nhs_conflict"]] > 0
        out[differ & against, place["nhs_conflict"]] += _OTHER_NUMBER
        out[differ & ~against, place["other_number"]] += _OTHER_NUMBER

    def _stacked(self, vectors: Floats, first: Odds) -> Floats:
        out = np.empty((len(vectors), vectors.shape[1] + 1), dtype=np.float32)
        out[:, :-1], out[:, -1] = vectors, first
        return out

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return {
            "names": list(self.names),
            "directions": self.directions.tolist(),
            "free": self.free.to_json() if self.free else None,
            "evidence": self.evidence.to_json() if self.evidence else None,
            "correction": self.correction.to_json() if self.correction else None,
            "taught": self.taught.to_json() if self.taught else None,
            "calibration": [self.calibration.slope, self.calibration.offset]
            if self.calibration
            else None,
            "reliability": [asdict(each) for each in self.reliability],
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Scorer:
        """A scorer as `to_json` gave it."""
        calibration = content["calibration"]
        return cls(
            names=tuple(content["names"]),
            directions=np.array(content["directions"], dtype=np.int8),
            free=Classifier.from_json(content["free"]) if content["free"] else None,
            evidence=Evidence.from_json(content["evidence"]) if content.get("evidence") else None,
            correction=Correction.from_json(content["correction"])
            if content["correction"]
            else None,
            taught=Classifier.from_json(content["taught"]) if content["taught"] else None,
            calibration=Calibration(slope=calibration[0], offset=calibration[1])
            if calibration
            else None,
            reliability=tuple(Bin(**each) for each in content.get("reliability", ())),
        )


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A scorer that learned from labels.

    Attributes:
        held: log odds of each label by what the others teach; untaught if they are too few.
    """

    scorer: Scorer
    held: Odds


def _bounded(odds: Odds) -> Odds:
    return np.asarray(np.clip(odds, -_LIMIT, _LIMIT))


def _suffice(same: npt.NDArray[np.bool_]) -> bool:
    count = int(same.sum())
    return len(same) >= LEAST_JUDGED and min(count, len(same) - count) >= LEAST_JUDGED_EACH


def _bare(name: str) -> str:
    """A cluster feature's name without `best_` or `worst_`."""
    return name.removeprefix("best_").removeprefix("worst_")


def probability(log_odds: Odds) -> Odds:
    """Log odds as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def unscored(names: Sequence[str], directions: npt.NDArray[np.int8]) -> Scorer:
    """A scorer that nothing has taught yet."""
    return Scorer(names=tuple(names), directions=directions)
