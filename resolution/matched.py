"""What linking leaves: clusters, the pairs that made them, and what a steward may yet decide.

Invariant: pairs stand lower record number first; a link lies inside a cluster, a pair that was
not linked across two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.columns import Index
from resolution.guards import REASONS
from resolution.ladder import RuleYield, decisive
from resolution.linking import second_pass
from resolution.linking.first_pass import Candidates, Kept
from resolution.linking.labels import Judged
from resolution.linking.trained import Trained

_LIKELY = 0.5  # from here a pair inside a cluster is a link
_POSSIBLE = 0.1  # from here a pair that was not joined is worth a steward's look
NOT_SURE = "The records agree, but not enough to join them"

Stage = Callable[[str], None]
Lost = tuple[int, int, float, str]
"""A merge refused: two records, their probability and why."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Pairs inside clusters: the rule that decided (-1: the model) and the log odds."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]
    rule: npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Unlinked:
    """Pairs for a steward, one of two clusters and a reason: record numbers, probability, words."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]
    reason: npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Clusters of records, the pairs that made them, and what was left to decide."""

    labels: Index
    links: Links
    unlinked: Unlinked
    lost: list[Lost]
    yields: tuple[RuleYield, ...]
    pairs: int
    candidates: Candidates
    kept: Kept
    judged: Judged
    trained: Trained | None
    rounds: tuple[second_pass.Compared, ...] = ()

    @property
    def refused(self) -> int:
        """How many merges were refused."""
        return len(self.lost)

    @property
    def compared(self) -> second_pass.Compared | None:
        """The pairs of clusters that the last round decided."""
        return self.rounds[-1] if self.rounds else None


@dataclass(frozen=True, kw_only=True)
class Across:
    """The strongest pair of records of each pair of clusters, and how likely they are one."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]


NOTHING = Across(left=np.zeros(0, np.int64), right=np.zeros(0, np.int64), probability=np.zeros(0))


def find_links(
    candidates: Candidates, kept: Kept, labels: Index, joined: Across, by_model: bool
) -> Links:
    """Every scored pair inside a cluster, and the strongest pair of clusters that joined.

    Where a model decides, a rule is named only if it outweighs the model.
    """
    scored = kept.scored
    rules = np.append(candidates.decisions.rule, np.int16(-1))[kept.place]
    if by_model:
        weighty = np.append(decisive(candidates.ladder), False)
        rules = np.where(weighty[rules], rules, np.int16(-1))
    inside = labels[scored.left] == labels[scored.right]
    inside &= (scored.probability >= _LIKELY) | (rules >= 0)
    also = labels[joined.left] == labels[joined.right]
    left = np.concatenate([scored.left[inside], joined.left[also]])
    right = np.concatenate([scored.right[inside], joined.right[also]])
    p = np.concatenate([scored.probability[inside], joined.probability[also]])
    rule = np.concatenate([rules[inside], np.full(int(also.sum()), -1, dtype=np.int16)])
    # A pair that both passes name stands once, as likely as the second found it.
    order = np.lexsort((-np.arange(len(left)), right, left))
    last = np.r_[True, (np.diff(left[order]) != 0) | (np.diff(right[order]) != 0)]
    one = np.sort(order[last[: len(order)]])
    return Links(left=left[one], right=right[one], probability=p[one], rule=rule[one])


def find_unlinked(candidates: Candidates, kept: Kept, labels: Index, lost: list[Lost]) -> Unlinked:
    """What might be one person, and merges refused, across clusters only.

    Two clusters of ten records have a hundred pairs: the likeliest speaks for all that are apart
    for the same reason.
    """
    decisions, ladder, scored = candidates.decisions, candidates.ladder, kept.scored
    weak = np.flatnonzero(scored.probability >= _POSSIBLE)
    ruled = np.flatnonzero(decisions.rule >= 0)
    rule, refusal = decisions.rule[ruled].astype(np.int64), decisions.refusal[ruled]
    said = [rule.words for rule in ladder.rules] + list(REASONS) + [NOT_SURE]
    refused = np.array([(a, b) for a, b, _, _ in lost], dtype=np.int64).reshape(-1, 2)
    words, at = np.unique(
        np.array([*said, *(why for _, _, _, why in lost)], dtype=object), return_inverse=True
    )
    by_rule = np.where(refusal >= 0, len(ladder.rules) + refusal.astype(np.int64), rule)
    reason = np.concatenate([np.full(len(weak), at[len(said) - 1]), at[by_rule], at[len(said) :]])
    left = np.concatenate([scored.left[weak], candidates.pairs.left[ruled], refused[:, 0]])
    right = np.concatenate([scored.right[weak], candidates.pairs.right[ruled], refused[:, 1]])
    stated = np.array([each.probability for each in ladder.rules])[rule]
    p = np.concatenate(
        [scored.probability[weak], stated, np.array([each[2] for each in lost], dtype=float)]
    )
    one = likeliest_apart(labels[left], labels[right], reason, (left, right, p))
    return Unlinked(left=left[one], right=right[one], probability=p[one], reason=words[reason[one]])


def likeliest_apart(
    one: Index,
    other: Index,
    reason: npt.NDArray[np.intp],
    pairs: tuple[Index, Index, npt.NDArray[np.float64]],
) -> npt.NDArray[np.intp]:
    """The places of pairs that speak for the two clusters they lie in, for each reason."""
    left, right, p = pairs
    apart = np.flatnonzero(one != other)
    low, high = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
    why = reason[apart]
    order = np.lexsort((right[apart], left[apart], -p[apart], why, high, low))
    of = np.stack([low, high, why])[:, order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(of, axis=1) != 0).any(axis=0)
    return np.sort(apart[order[first]])
