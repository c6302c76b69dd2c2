"""How far what was learned can be trusted, told from labels that it did not learn from.

Invariant: plain numbers, stored with the model that they speak of. Only answers to questions that
were drawn at random tell of all pairs; what was asked because the model was unsure never does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.columns import Index
from resolution.linking import second_pass
from resolution.linking.labels import Judged
from resolution.linking.scorer import Odds, probability
from resolution.linking.second_pass import Compared
from resolution.linking.settings import LinkingSettings
from resolution.scoring import Bin, Estimate, choose_threshold, estimate, reliability

LEAST_CONTROL = 40  # control answers from which the threshold is chosen
LEAST_CONTROL_EACH = 10  # of either kind


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What answers to control questions say of the decisions.

    Attributes:
        decisions: reliability of the probabilities, of pairs of records.
        estimate: precision and recall of the pairs joined; None without control answers.
        answers: how many control answers there were, and by how many the threshold was chosen.
    """

    decisions: tuple[Bin, ...] = ()
    estimate: Estimate | None = None
    answers: int = 0
    chosen_from: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; see `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any] | None) -> Measured:
        """What `to_json` gave; None for a model that was stored before it was measured."""
        if content is None:
            return cls()
        told = content["estimate"]
        return cls(
            decisions=tuple(Bin(**each) for each in content["decisions"]),
            estimate=Estimate(**told) if told else None,
            answers=content["answers"],
            chosen_from=content["chosen_from"],
        )


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What was decided of pairs by scorers that did not learn from the answers about them.

    Attributes:
        p: how likely each is one person.
        inside: both are of one group already, whatever the threshold.
        compared: their groups were compared: from the threshold on they are joined.
    """

    p: npt.NDArray[np.float64]
    inside: npt.NDArray[np.bool_]
    compared: npt.NDArray[np.bool_]

    def joined(self, threshold: float) -> npt.NDArray[np.bool_]:
        """Whether they are joined if groups join from the threshold on."""
        return np.asarray(self.inside | (self.compared & (self.p >= threshold)))


def decided_held_out(
    compared: Compared, of_records: Odds, of_groups: Odds, places: Index, judged: Judged
) -> Decided:
    """What was decided of the control pairs among those judged, in their order.

    Args:
        compared: groups that were made without the constraints that judgements are.
        of_records: log odds of each judged pair by what the others teach.
        of_groups: the same of each pair of groups that was told of, by its place.
        places: of these, rising.
    """
    left, right = judged.left, judged.right
    asked = second_pass.compared_places(compared, left, right)
    told = asked >= 0
    odds = of_records.copy()
    odds[told] = of_groups[np.searchsorted(places, asked[told])]
    inside = compared.clusters[left] == compared.clusters[right]
    control = judged.weight > 0
    return Decided(p=probability(odds[control]), inside=inside[control], compared=told[control])


def measure(decided: Decided, judged: Judged, settings: LinkingSettings) -> tuple[float, Measured]:
    """The threshold, and how good what is decided with it should be.

    Args:
        decided: of the control answers among those judged.
    """
    asked = judged.at(judged.weight > 0)
    threshold, chosen_from = _threshold(decided, asked, settings)
    of_records = ~asked.of_groups
    same, weight = asked.same[of_records], asked.weight[of_records]
    joined = decided.joined(threshold)[of_records]
    return threshold, Measured(
        decisions=reliability(decided.p[of_records], same, weight),
        estimate=estimate(same, weight, joined) if len(same) else None,
        answers=len(asked.same),
        chosen_from=chosen_from,
    )


def _threshold(decided: Decided, asked: Judged, settings: LinkingSettings) -> tuple[float, int]:
    """Chosen by the answers about groups that a threshold decides, if they are enough."""
    tells = decided.compared
    same = asked.same[tells]
    count = int(same.sum())
    if len(same) < LEAST_CONTROL or min(count, len(same) - count) < LEAST_CONTROL_EACH:
        return settings.threshold, 0
    weight = _level(asked)[tells]
    cost = settings.cost_of_false_merge
    return choose_threshold(decided.p[tells], same, weight, cost_of_false_merge=cost), len(same)


def _level(asked: Judged) -> Odds:
    """Weights of mean 1 in either form: a pair of records and one of groups are not counted up."""
    out = asked.weight.copy()
    for form in (asked.of_groups, ~asked.of_groups):
        if form.any():
            out[form] /= out[form].mean()
    return out
