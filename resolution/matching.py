"""From prepared records to clusters: candidate pairs, scores, two passes, what is left to decide.

Invariant: the answer is a function of the prepared tables, the rules, the settings, the
judgements and the model. Without anything to learn from, the ladder alone decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from governance.judgements import Judgement
from resolution.blocking import Blocking, read_blocking, suited_keys
from resolution.clusters import (
    Clustering,
    Constraints,
    Scored,
    cluster,
    components,
    unscored_inside,
)
from resolution.columns import Index
from resolution.comparisons import Comparer
from resolution.guards import REASONS
from resolution.ladder import Lifetimes, RuleYield, decide, decisive, rule_yields
from resolution.linking import first_pass, second_pass
from resolution.linking.first_pass import Candidates, Kept
from resolution.linking.labels import Judged, judged_pairs
from resolution.linking.scorer import Odds, Scorer, probability
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.linking.trained import Trained, learn_across
from resolution.observing import observe
from resolution.pairs import candidate_pairs
from resolution.rules import Ladder
from resolution.scoring import ModelError
from resolution.vectors import Vectors
from resolution.vectors.similarity import Floats

_NEUTRAL = 0.5  # what a pair counts for that no rule decided and nothing speaks against
_CLOSED_AT = 0.3  # components at this probability are completed with the pairs between
_POSSIBLE = 0.1  # from here a pair that was not joined is worth a steward's look
NOT_SURE = "The records agree, but not enough to join them"

Stage = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Links:
    """Pairs inside clusters: the rule that decided (-1: the model) and the log odds."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]
    rule: npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Unlinked:
    """Pairs for a steward: record numbers, probability and the reason in words."""

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
    refused: int
    yields: tuple[RuleYield, ...]
    pairs: int
    candidates: Candidates
    kept: Kept
    judged: Judged
    trained: Trained | None
    compared: second_pass.Compared | None


def match_records(
    con: duckdb.DuckDBPyConnection,
    ladder: Ladder,
    judgements: Sequence[Judgement],
    *,
    settings: LinkingSettings | None = None,
    blocking: Blocking | None = None,
    model: Trained | None = None,
    stage: Stage = lambda _words: None,
) -> Matching:
    """Find, score and cluster.

    Reads the tables of `prepare`, `resolve_addresses` and `find_whereabouts`.

    Args:
        model: what was learned before, used as it is; None: learn from what there is.
        stage: called as each stage begins.
    """
    settings, blocking = settings or read_linking(), blocking or read_blocking()
    stage("finding candidate pairs")
    known = model.statistics if model else observe(con)
    keys = list(dict.fromkeys([*ladder.keys(), *suited_keys(con, blocking, known)]))
    pairs = candidate_pairs(con, keys, blocking.block_cap)
    stage("comparing records")
    comparer, life = Comparer(con, known), Lifetimes(con)
    decisions = decide(pairs, keys, ladder, comparer, life)
    candidates = Candidates(
        pairs=pairs,
        decisions=decisions,
        ladder=ladder,
        vectors=Vectors(con, known),
        comparer=comparer,
        life=life,
        known=known,
    )
    judged = judged_pairs(judgements, _numbers(con, judgements))
    constraints = Constraints(
        must=judged.pairs(True),
        cannot=judged.pairs(False),
        number=comparer.nhs_number.codes,
        spans=life.spans(),
    )
    made = _Made(con, candidates, constraints, judged, settings, stage)
    made.run(model)
    return Matching(
        labels=made.labels,
        links=_links(candidates, made.kept, made.labels, made.joined, made.trained is not None),
        unlinked=_unlinked(candidates, made.kept, made.labels, made.lost),
        refused=len(made.lost),
        yields=rule_yields(ladder, keys, pairs, decisions),
        pairs=len(pairs),
        candidates=candidates,
        kept=made.kept,
        judged=judged,
        trained=made.trained,
        compared=made.compared,
    )


class _Made:
    """The passes of one run, in order."""

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
        self.compared: second_pass.Compared | None = None
        self.joined = _NOTHING
        self.lost: list[tuple[int, int, float, str]] = []

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
        self.kept = self.complete(first_pass.score_candidates(self.candidates, pair), pair)
        # The second pass can add little that nothing taught: then the first joins all it may.
        at = _NEUTRAL if pair.by_evidence else self.settings.strict
        strict = self.clustered(at, self.constraints)
        self.stage("comparing clusters")
        compared = self.compare(strict.labels, pair)
        self.trained = model or self.teach_clusters(pair)
        self.labels, self.compared, p, made = second_pass.rounds(
            compared,
            lambda labels: self.compare(labels, pair),
            self.trained.across,
            self.constraints,
            count=self.settings.rounds,
            threshold=self.trained.threshold,
        )
        self.tell(strict, made, p)

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
            missing=_NEUTRAL,
        )
        self.labels = made.labels
        self.lost = _told(made, scored)

    def teach_pairs(self) -> Scorer:
        self.untaught = first_pass.train_free(self.candidates)
        return first_pass.learn_judged(self.candidates, self.untaught, self.judged)

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
        untaught = self.untaught, across
        return learn_across(self.candidates, compared, untaught, pair, self.judged, self.settings)

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

    def compare(self, labels: Index, pair: Scorer) -> second_pass.Compared:
        return second_pass.compare_clusters(
            self.con,
            labels,
            self.kept.scored,
            self.scores(pair),
            self.candidates.vectors.names,
            self.candidates.vectors.directions,
        )

    def scores(self, pair: Scorer, blind: bool = False) -> second_pass.ScorePairs:
        score = first_pass.scoring(self.candidates, pair)

        def vectors_and_probability(
            left: Index, right: Index
        ) -> tuple[Floats, npt.NDArray[np.float64]]:
            if blind:
                vectors = self.candidates.vectors(left, right)
                return vectors, probability(pair.blind_odds(vectors))
            vectors, odds = score(left, right)
            return vectors, probability(odds)

        return vectors_and_probability

    def complete(self, kept: Kept, pair: Scorer) -> Kept:
        """Pairs that blocking missed inside components are scored too."""
        self.kept = kept
        left, right = unscored_inside(self.rough(_CLOSED_AT), kept.scored)
        if not len(left):
            return kept
        vectors = self.candidates.vectors(left, right)
        base = first_pass.base_odds(self.candidates, pair, left, right)
        odds = pair.log_odds(vectors, base)
        blind = pair.blind_odds(vectors) if pair.free else odds
        return first_pass.add_pairs(kept, self.candidates, left, right, probability(odds), blind)

    def rough(self, at: float) -> Index:
        scored = self.kept.scored
        strong = scored.probability >= at
        return components(len(self.constraints.number), scored.left[strong], scored.right[strong])

    def clustered(self, at: float, constraints: Constraints) -> Clustering:
        return cluster(self.kept.scored, constraints, link_at=at, mean_support=at, missing=0.0)

    def tell(self, strict: Clustering, made: Clustering, p: Odds) -> None:
        """What the passes joined and refused, as pairs of records."""
        compared = self.compared
        assert compared is not None
        left, right = compared.vectors.strongest(compared.left, compared.right)
        self.joined = _Across(left=left, right=right, probability=p)
        self.lost = _told(strict, self.kept.scored)
        self.lost += [
            (int(left[place]), int(right[place]), float(p[place]), why)
            for place, why in made.refused
        ]


@dataclass(frozen=True, kw_only=True)
class _Across:
    """The strongest pair of records of each pair of clusters, and how likely they are one."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]


_NOTHING = _Across(left=np.zeros(0, np.int64), right=np.zeros(0, np.int64), probability=np.zeros(0))


def _told(made: Clustering, scored: Scored) -> list[tuple[int, int, float, str]]:
    return [
        (
            int(scored.left[place]),
            int(scored.right[place]),
            float(scored.probability[place]),
            why,
        )
        for place, why in made.refused
    ]


def _numbers(con: duckdb.DuckDBPyConnection, judgements: Sequence[Judgement]) -> dict[str, int]:
    judged = {name for entry in judgements for name in (entry.record_a, entry.record_b)}
    query = "select record_id, rid from person where record_id in (select unnest($ids::varchar[]))"
    return dict(con.execute(query, {"ids": sorted(judged)}).fetchall())


def _links(
    candidates: Candidates, kept: Kept, labels: Index, joined: _Across, by_model: bool
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
    inside &= (scored.probability >= _NEUTRAL) | (rules >= 0)
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


def _unlinked(
    candidates: Candidates, kept: Kept, labels: Index, lost: list[tuple[int, int, float, str]]
) -> Unlinked:
    """Pairs that might be one person, and merges refused, across clusters only."""
    decisions, ladder, scored = candidates.decisions, candidates.ladder, kept.scored
    words = np.array([rule.words for rule in ladder.rules] + [NOT_SURE], dtype=object)
    place = np.flatnonzero(decisions.rule >= 0)
    pairs = candidates.pairs
    stated = np.array([rule.probability for rule in ladder.rules])[decisions.rule[place]]
    refusal = decisions.refusal[place]
    why = np.where(
        refusal >= 0, np.array(REASONS, dtype=object)[refusal], words[decisions.rule[place]]
    )
    weak = np.flatnonzero(scored.probability >= _POSSIBLE)
    gone = np.array([(a, b) for a, b, _, _ in lost], dtype=np.int64).reshape(-1, 2)
    left = np.concatenate([scored.left[weak], pairs.left[place], gone[:, 0]])
    right = np.concatenate([scored.right[weak], pairs.right[place], gone[:, 1]])
    p = np.concatenate(
        [scored.probability[weak], stated, np.array([each[2] for each in lost], dtype=float)]
    )
    reason = np.concatenate(
        [
            np.full(len(weak), NOT_SURE, dtype=object),
            why,
            np.array([each[3] for each in lost], dtype=object),
        ]
    )
    apart = labels[left] != labels[right]
    return Unlinked(
        left=left[apart], right=right[apart], probability=p[apart], reason=reason[apart]
    )
