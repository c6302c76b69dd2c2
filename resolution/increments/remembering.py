"""The passes of linking with what a run before left: only what a change touched is worked out.

Invariant: what is remembered of a pair of records, or of two clusters, is used if none of their
records was touched and the clusters have the records that they had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.cluster_pairs import Summaries
from resolution.cluster_pairs.companions import NAMES as OF_COMPANIONS
from resolution.clusters import Floats, Scored
from resolution.columns import Index
from resolution.distinct import compact, places_among
from resolution.increments.numbering import Numbering
from resolution.increments.state import Held, LinkingState, Ruled
from resolution.ladder import Lifetimes
from resolution.linking import second_pass
from resolution.linking.first_pass import Kept
from resolution.linking.scorer import Odds, Scorer
from resolution.partitions import same_groups
from resolution.passes import Passes

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """What was worked out of touched records' candidate pairs, and of all records' lives."""

    held: Held
    ruled: Ruled
    life: Lifetimes


class ChangedPasses(Passes):
    """The two passes over all records, with what is remembered of the run before."""

    def remember(
        self, state: LinkingState, numbering: Numbering, touched: Index, fresh: Fresh
    ) -> None:
        """Give it what the run before left."""
        self._state, self._numbering, self._fresh = state, numbering, fresh
        self._touched = flags(touched, len(numbering.ids))
        self._turn = 0
        there, (left, right) = numbering.carried(state.held.left, state.held.right)
        clean = ~(self._touched[left] | self._touched[right])
        self._held = Held(
            left=left[clean],
            right=right[clean],
            probability=state.held.probability[there][clean],
            added=state.held.added[there][clean],
        )

    def scored_candidates(self, _pair: Scorer) -> Kept:
        """Those remembered that no change touched, and those worked out."""
        old, new = self._held, self._fresh.held
        candidate = ~old.added
        left = np.concatenate([old.left[candidate], new.left])
        right = np.concatenate([old.right[candidate], new.right])
        p = np.concatenate([old.probability[candidate], new.probability])
        order = np.lexsort((right, left))
        left, right, p = left[order], right[order], p[order]
        decided = self.candidates.pairs
        count = len(self._numbering.ids)
        return Kept(
            scored=Scored(
                left=left,
                right=right,
                probability=p,
                parted=self.candidates.life.apart(left, right),
            ),
            place=places_among(decided.left * count + decided.right, left * count + right),
            added=np.zeros(len(left), dtype=bool),
            blind=np.zeros(len(left)),
        )

    def scored_more(self, pair: Scorer, left: Index, right: Index) -> tuple[Floats, Odds]:
        """As remembered, where it is."""
        count, old = len(self._numbering.ids), self._held
        known = np.flatnonzero(old.added)
        keys = old.left[known] * count + old.right[known]
        order = np.argsort(keys)
        place = places_among(keys[order], left * count + right)
        p = np.empty(len(left))
        p[place >= 0] = old.probability[known[order[place[place >= 0]]]]
        new = np.flatnonzero(place < 0)
        if len(new):
            p[new] = super().scored_more(pair, left[new], right[new])[0]
        return p, np.zeros(len(left))

    def compare(self, labels: Index, pair: Scorer) -> second_pass.Compared:
        """The pairs of clusters."""
        compared = super().compare(labels, pair)
        self._turn += 1
        return compared

    def remembered(self, labels: Index) -> Summaries | None:
        """What the run before left of the same round."""
        turn = self._turn
        if turn >= len(self._state.rounds):
            return None
        found, numbering = self._state.rounds[turn], self._numbering
        same = same_groups(labels, carried_labels(found.labels, numbering), self._touched)
        # by the old label of a cluster that is as it was, its number now
        now = np.full(len(found.labels), -1, dtype=np.int64)
        now[same[same >= 0]] = compact(labels)[same >= 0]
        told = Summaries(
            left=found.left,
            right=found.right,
            vectors=found.rows[:, : found.rows.shape[1] - len(OF_COMPANIONS)],
            likeliest=found.likeliest,
            first=numbering.new[found.first],
            second=numbering.new[found.second],
        )
        return told.renumbered(now)


def carried_labels(labels: Index, numbering: Numbering) -> Index:
    """Labels of the run before by new number; -1 for who came, or whose group lost a record."""
    whole = np.ones(len(labels), dtype=bool)
    whole[labels[numbering.gone]] = False
    before = np.where(numbering.old >= 0, labels[np.maximum(numbering.old, 0)], -1)
    return np.where((before >= 0) & whole[np.maximum(before, 0)], before, -1)


def flags(numbers: Index, count: int) -> Flags:
    out = np.zeros(count, dtype=bool)
    out[numbers] = True
    return out
