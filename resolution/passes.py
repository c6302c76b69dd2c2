"""The two passes of linking: pairs of records, then pairs of the clusters that they make.

Invariant: the partition follows from the scored pairs, the settings, the judgements and the
model. Where the scores come from is for `scored_candidates`, `scored_more` and `compare` to say:
a run over all records works them out, a run over a change remembers most of them.
"""

from __future__ import annotations

import duckdb
import numpy as np

from resolution.cluster_pairs import Summaries
from resolution.clusters import (
    Clustering,
    Constraints,
    Floats,
    Scored,
    cluster,
    components,
    unscored_inside,
)
from resolution.columns import Index
from resolution.distinct import compact
from resolution.linking import first_pass, second_pass
from resolution.linking.first_pass import Candidates, Kept
from resolution.linking.labels import Judged
from resolution.linking.scorer import Odds, Scorer, probability
from resolution.linking.settings import LinkingSettings
from resolution.linking.trained import Trained, learn_across
from resolution.matched import NOTHING, Across, Lost, Stage
from resolution.partitions import same_groups
from resolution.pieces import lowest
from resolution.portions import by_portions
from resolution.scoring import ModelError
from resolution.vectors.similarity import Floats as Vector

NEUTRAL = 0.5  # what a pair counts for that no rule decided and nothing speaks against
CLOSED_AT = 0.3  # components at this probability are completed with the pairs between


class Passes:
    """The passes of one run, in order.

    Attributes:
        kept: the scored pairs of records that could matter.
        labels: the lowest record number of each record's cluster.
        trained: what scored them; None if the rules alone decided.
        rounds: the pairs of clusters of each round of the second pass; the last decided.
        joined: the strongest pair of records of each pair of clusters of the last round.
        lost: the merges refused.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        candidates: Candidates,
        constraints: Constraints,
        judged: Judged,
        settings: LinkingSettings,
        stage: Stage,
    ) -> None:
        self.con, self.candidates, self.constraints = con, candidates, constraints
        self.judged, self.settings, self.stage = judged, settings, stage
        self.trained: Trained | None = None
        self.rounds: tuple[second_pass.Compared, ...] = ()
        self.joined: Across = NOTHING
        self.lost: list[Lost] = []
        self._before: second_pass.Compared | None = None

    def run(self, model: Trained | None) -> None:
        """Both passes with what a model or the labels teach, or the ladder alone.

        Raises:
            ModelError: if the model was made for other comparisons.
        """
        if model and model.pair.names != self.candidates.vectors.names:
            raise ModelError(
                "the stored model was made for other comparisons than these; learn anew:"
                " kith resolve without --keep-model"
            )
        self.stage("learning")
        pair = model.pair if model else self.teach_pairs()
        if not pair.trained:
            self.by_ladder()
            return
        self.stage("scoring pairs")
        self.kept = self.complete(self.scored_candidates(pair), pair)
        # The second pass can add little that nothing taught: then the first joins all it may.
        at = NEUTRAL if pair.by_evidence else self.settings.strict
        strict = self.clustered(at, self.constraints)
        self.stage("comparing clusters")
        first = self.compare(strict.labels, pair)
        self.trained = model or self.teach_clusters(pair)
        self.labels, self.rounds, p, made = second_pass.rounds(
            first,
            lambda labels: self.compare(labels, pair),
            self.trained.across,
            self.constraints,
            count=self.settings.rounds_of(by_stewards=pair.taught is not None),
            threshold=self.trained.threshold,
        )
        self.tell(strict, made, p)

    def scored_candidates(self, pair: Scorer) -> Kept:
        """The candidate pairs that could matter, scored."""
        return first_pass.score_candidates(self.candidates, pair)

    def scored_more(self, pair: Scorer, left: Index, right: Index) -> tuple[Odds, Odds]:
        """The probability of pairs that no key brought together, and what the blind layer says."""

        def score(part: slice) -> tuple[Odds, Odds]:
            vectors = self.candidates.vectors(left[part], right[part])
            base = first_pass.base_odds(self.candidates, pair, left[part], right[part])
            odds = pair.log_odds(vectors, base)
            return odds, pair.blind_odds(vectors) if pair.free else odds

        odds, blind = zip(*by_portions(len(left), score), strict=True)
        return probability(np.concatenate(odds)), np.concatenate(blind)

    def compare(self, labels: Index, pair: Scorer) -> second_pass.Compared:
        """The pairs of clusters of a partition; of clusters as they were in the one before it
        their records need no comparing."""
        compared = second_pass.compare_clusters(
            self.con,
            labels,
            self.kept.scored,
            self.scores(pair),
            self.candidates.vectors.names,
            self.candidates.vectors.directions,
            self.remembered(labels),
        )
        self._before = compared
        return compared

    def remembered(self, labels: Index) -> Summaries | None:
        """What the partition compared before tells of the pairs of clusters of another."""
        if self._before is None:
            return None
        before = self._before.clusters
        same = same_groups(labels, lowest(before)) >= 0
        numbers = np.full(int(before.max(initial=-1)) + 1, -1, dtype=np.int64)
        numbers[before[same]] = compact(labels)[same]
        return self._before.vectors.summaries.renumbered(numbers)

    def by_ladder(self) -> None:
        """What the rules decide, and no more."""
        ladder = self.candidates.ladder
        self.stage("scoring pairs")
        self.kept = first_pass.ladder_pairs(self.candidates)
        left, right = unscored_inside(self.rough(ladder.link_at), self.kept.scored)
        p = first_pass.opposing(self.candidates, left, right)
        known = ~np.isnan(p)
        self.kept = first_pass.add_pairs(
            self.kept, self.candidates, left[known], right[known], p[known]
        )
        self.stage("comparing clusters")
        scored = self.kept.scored
        made = cluster(
            scored,
            self.constraints,
            link_at=ladder.link_at,
            mean_support=ladder.mean_support,
            missing=NEUTRAL,
        )
        self.labels = made.labels
        self.lost = _told(made, scored)

    def teach_pairs(self) -> Scorer:
        free = first_pass.train_free(self.candidates)
        self.learned = first_pass.learn_judged(self.candidates, free, self.judged)
        return self.learned.scorer

    def teach_clusters(self, pair: Scorer) -> Trained:
        """Learned from clusters made without what it learns: identifiers, and judgements."""
        number = self.constraints.number
        if pair.free is not None:
            blind = self.blind_clusters(pair)
            across = second_pass.train_free(blind)
        untold = self.clustered(self.settings.strict, Constraints(number=number))
        compared = self.compare(untold.labels, pair)
        if pair.free is None:
            across = second_pass.blank(compared)
        return learn_across(
            self.candidates, compared, across, self.learned, self.judged, self.settings
        )

    def blind_clusters(self, pair: Scorer) -> second_pass.Compared:
        scored = self.kept.scored
        unseen = Scored(
            left=scored.left,
            right=scored.right,
            probability=probability(self.kept.blind),
            parted=scored.parted,
        )
        none = Constraints(number=np.full_like(self.constraints.number, -1))
        strict = self.settings.strict
        labels = cluster(unseen, none, link_at=strict, mean_support=strict, missing=0.0).labels
        return second_pass.compare_clusters(
            self.con,
            labels,
            unseen,
            self.scores(pair, blind=True),
            self.candidates.vectors.names,
            self.candidates.vectors.directions,
        )

    def scores(self, pair: Scorer, blind: bool = False) -> second_pass.ScorePairs:
        score = first_pass.scoring(self.candidates, pair)

        def vectors_and_probability(left: Index, right: Index) -> tuple[Vector, Floats]:
            if blind:
                vectors = self.candidates.vectors(left, right)
                return vectors, probability(pair.blind_odds(vectors))
            vectors, odds = score(left, right)
            return vectors, probability(odds)

        return vectors_and_probability

    def complete(self, kept: Kept, pair: Scorer) -> Kept:
        """Pairs that blocking missed inside components are scored too."""
        self.kept = kept
        left, right = unscored_inside(self.rough(CLOSED_AT), kept.scored)
        if not len(left):
            return kept
        p, blind = self.scored_more(pair, left, right)
        return first_pass.add_pairs(kept, self.candidates, left, right, p, blind)

    def rough(self, at: float) -> Index:
        scored = self.kept.scored
        strong = scored.probability >= at
        return components(len(self.constraints.number), scored.left[strong], scored.right[strong])

    def clustered(self, at: float, constraints: Constraints) -> Clustering:
        return cluster(self.kept.scored, constraints, link_at=at, mean_support=at, missing=0.0)

    def tell(self, strict: Clustering, made: Clustering, p: Odds) -> None:
        """What the passes joined and refused, as pairs of records."""
        compared = self.rounds[-1]
        left, right = compared.vectors.strongest(compared.left, compared.right)
        self.joined = Across(left=left, right=right, probability=p)
        self.lost = _told(strict, self.kept.scored)
        self.lost += [
            (int(left[place]), int(right[place]), float(p[place]), why)
            for place, why in made.refused
        ]


def _told(made: Clustering, scored: Scored) -> list[Lost]:
    return [
        (
            int(scored.left[place]),
            int(scored.right[place]),
            float(scored.probability[place]),
            why,
        )
        for place, why in made.refused
    ]
