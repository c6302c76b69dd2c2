"""How far what was learned can be trusted, told from labels that it did not learn from.

Invariant: plain numbers, stored with the model that they speak of. Only answers to questions that
were drawn at random tell of all pairs; what was asked because the model was unsure never does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from resolution.linking import first_pass, second_pass
from resolution.linking.first_pass import Candidates
from resolution.linking.labels import Judged
from resolution.linking.scorer import Odds, Scorer, probability
from resolution.linking.second_pass import Compared
from resolution.linking.settings import LinkingSettings
from resolution.scoring import Bin, Estimate, choose_threshold, estimate, reliability

LEAST_CONTROL = 40  # control answers from which the threshold is chosen
LEAST_CONTROL_EACH = 10  # of either kind
_FOLDS = 5


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


def decide_held_out(
    candidates: Candidates, compared: Compared, pair: Scorer, across: Scorer, judged: Judged
) -> Decided:
    """Decide the control pairs among those judged, in their order.

    Each is decided by scorers that did not learn from it, calibrated without it.

    Args:
        compared: groups that were made without the constraints that judgements are.
        pair, across: what was learned before any judgement.
    """
    control = np.flatnonzero(judged.weight > 0)
    places = second_pass.compared_places(compared, judged.left, judged.right)
    inside = compared.clusters[judged.left] == compared.clusters[judged.right]
    odds = np.zeros(len(judged.left))
    vectors = candidates.vectors(judged.left, judged.right)
    base = first_pass.base_odds(candidates, pair, judged.left, judged.right)
    lines = pair.held_out(vectors, base, judged.same)
    groups = second_pass.answered(compared, judged)
    group_lines = across.held_out(groups.rows, groups.base, groups.same)
    for fold in range(_FOLDS):
        held = control[fold::_FOLDS]
        # Of two groups there may be several answers; none of them may teach.
        known = np.isin(places, places[held]) & (places >= 0)
        known[held] = True
        line = lines.by(~known) if lines else None
        first = pair.learn(vectors[~known], base[~known], judged.same[~known], line)
        odds[held] = first.log_odds(vectors[held], base[held])
        held = held[places[held] >= 0]
        rest = ~np.isin(groups.places, places[held])
        line = group_lines.by(rest) if group_lines else None
        second = across.learn(groups.rows[rest], groups.base[rest], groups.same[rest], line)
        rows = places[held]
        odds[held] = second.log_odds(compared.rows[rows], compared.base()[rows])
    return Decided(
        p=probability(odds[control]), inside=inside[control], compared=places[control] >= 0
    )


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
