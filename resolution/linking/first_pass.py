"""Every candidate pair scored: by a model if anything taught one, by the ladder if nothing did.

Invariant: pairs are scored in bounded pieces and only those that could matter are kept; a rule on
a number that tells one person outweighs the model, a hard guard outweighs both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from resolution.clusters import Scored
from resolution.columns import Index, Levels
from resolution.guards import speaks_against
from resolution.ladder import Decisions, Lifetimes, decisive
from resolution.linking.labels import Judged, evidence_of, free_labels
from resolution.linking.scorer import Learned, Odds, Scorer, probability, unscored
from resolution.pairs import Pairs
from resolution.portions import by_portions
from resolution.rules import Ladder
from resolution.statistics import Statistics
from resolution.unsupervised import fit_evidence
from resolution.vectors.similarity import Floats, Found

LEAST_KEPT = 0.02  # pairs below this probability are as good as never compared
AGAINST = 0.1  # what a pair counts for whose records oppose each other
_ODDS_AGAINST = float(np.log(AGAINST / (1 - AGAINST)))
_AT_ONCE = 500_000


class PairVectors(Protocol):
    """What makes comparison vectors of pairs of record numbers; see `resolution.vectors`."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def directions(self) -> npt.NDArray[np.int8]: ...
    def identifiers(self, left: Index, right: Index) -> Found: ...
    def __call__(self, left: Index, right: Index) -> Floats: ...


class Levelled(Protocol):
    """What compares pairs of record numbers in levels; see `resolution.comparisons`."""

    def compare(self, left: Index, right: Index) -> dict[str, Levels]: ...
    def chance_odds(self, left: Index, right: Index) -> npt.NDArray[np.float64]: ...


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Candidate pairs with their decisions, and what compares their records."""

    pairs: Pairs
    decisions: Decisions
    ladder: Ladder
    vectors: PairVectors
    comparer: Levelled
    life: Lifetimes
    known: Statistics

    def base(self, left: Index, right: Index) -> Odds:
        """Label-free log odds."""
        return self.comparer.chance_odds(left, right)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Scored pairs that could matter.

    Attributes:
        place: where its decision stands among the candidates', or -1 for nowhere.
        added: no key brought it together; it lies inside a component.
        blind: first layer's log odds, identifiers unseen; empty without one.
    """

    scored: Scored
    place: Index
    added: npt.NDArray[np.bool_]
    blind: Odds


def train_free(candidates: Candidates) -> Scorer:
    """A scorer that learned what shared identifiers give for nothing, or else the list itself."""
    pairs, vectors = candidates.pairs, candidates.vectors
    places, shared, differ = [], [], []
    for start in range(0, len(pairs), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        same, other = evidence_of(vectors.identifiers(pairs.left[part], pairs.right[part]))
        found = np.flatnonzero(same | other)
        places.append(found + start)
        shared.append(same[found])
        differ.append(other[found])
    scorer = unscored(vectors.names, vectors.directions)
    if not places:
        return scorer  # there are no pairs
    labels = free_labels(np.concatenate(places), np.concatenate(shared), np.concatenate(differ))
    left, right = pairs.left[labels.places], pairs.right[labels.places]
    taught = scorer.learn_free(vectors(left, right), labels)
    return taught if taught.free else _by_evidence(candidates, scorer)


def _by_evidence(candidates: Candidates, scorer: Scorer) -> Scorer:
    """The scorer with what the list tells without any label, if it tells enough."""
    pairs = candidates.pairs
    made = fit_evidence(
        candidates.vectors,
        scorer.names,
        pairs.left,
        pairs.right,
        candidates.base,
        records=candidates.known.records,
        people=candidates.known.people,
    )
    return replace(scorer, evidence=made)


def learn_judged(candidates: Candidates, scorer: Scorer, judged: Judged) -> Learned:
    """The scorer with what stewards said of pairs of records."""
    vectors = candidates.vectors(judged.left, judged.right)
    return scorer.learn(
        vectors, base_odds(candidates, scorer, judged.left, judged.right), judged.same
    )


def base_odds(candidates: Candidates, scorer: Scorer, left: Index, right: Index) -> Odds:
    """Label-free log odds where the scorer goes by them."""
    return candidates.base(left, right) if scorer.asks_chance else np.zeros(len(left))


Score = Callable[[Index, Index], tuple[Floats, Odds]]


def scoring(candidates: Candidates, scorer: Scorer) -> Score:
    """A function from pairs of record numbers to their vectors and log odds."""

    def score(left: Index, right: Index) -> tuple[Floats, Odds]:
        vectors = candidates.vectors(left, right)
        base = base_odds(candidates, scorer, left, right)
        return vectors, scorer.log_odds(vectors, base)

    return score


def score_candidates(candidates: Candidates, scorer: Scorer) -> Kept:
    """Score every candidate pair and keep those that could matter."""
    pairs = candidates.pairs

    def score(part: slice) -> tuple[Index, Odds, Odds]:
        left, right = pairs.left[part], pairs.right[part]
        vectors = candidates.vectors(left, right)
        if scorer.free:
            unseen = scorer.blind_odds(vectors)
            found = scorer.log_odds(vectors, unseen, unseen)
        else:
            base = base_odds(candidates, scorer, left, right)
            unseen = found = scorer.log_odds(vectors, base)
        found = _with_rules(candidates, part, found, scorer.by_evidence)
        least = np.log(LEAST_KEPT / (1 - LEAST_KEPT))
        matters = np.flatnonzero((found >= least) | (unseen >= least))
        return matters + part.start, found[matters], unseen[matters]

    done = list(by_portions(len(pairs), score))
    place, odds, blind = (np.concatenate(each) for each in zip(*done, strict=True))
    left, right = pairs.left[place], pairs.right[place]
    scored = Scored(
        left=left,
        right=right,
        probability=probability(odds),
        parted=candidates.life.apart(left, right),
    )
    return Kept(
        scored=scored,
        place=place,
        added=np.zeros(len(place), dtype=bool),
        blind=blind,
    )


def _with_rules(candidates: Candidates, part: slice, odds: Odds, every_rule: bool) -> Odds:
    """A rule on a telling number lifts a pair, unless a guard refuses it.

    Args:
        every_rule: no label speaks: then every rule that links lifts, and every guard lowers.
    """
    ladder = candidates.ladder
    rule, refusal = candidates.decisions.rule[part], candidates.decisions.refusal[part]
    stated = np.array([entry.probability for entry in ladder.rules] + [0.5])[rule]
    sure = np.append(decisive(ladder), False)[rule]
    if every_rule:
        sure |= stated >= ladder.link_at
        odds = np.where(refusal >= 0, np.minimum(odds, _ODDS_AGAINST), odds)
    lifted = np.maximum(odds, np.log(stated / (1 - stated)))
    return np.asarray(np.where(sure & (refusal < 0), lifted, odds))


def ladder_pairs(candidates: Candidates) -> Kept:
    """What the ladder alone decides, as scored pairs; refused and weak ones are left out."""
    pairs, decisions, ladder = candidates.pairs, candidates.decisions, candidates.ladder
    stated = np.array([entry.probability for entry in ladder.rules] + [0.0])[decisions.rule]
    place = np.flatnonzero((stated >= ladder.link_at) & (decisions.refusal < 0))
    left, right = pairs.left[place], pairs.right[place]
    scored = Scored(
        left=left,
        right=right,
        probability=stated[place],
        parted=candidates.life.apart(left, right),
    )
    return Kept(
        scored=scored, place=place, added=np.zeros(len(place), dtype=bool), blind=np.zeros(0)
    )


def opposing(candidates: Candidates, left: Index, right: Index) -> npt.NDArray[np.float64]:
    """For pairs that no rule decided: a probability where they oppose each other, else NaN."""
    levels = candidates.comparer.compare(left, right)
    against = speaks_against(levels) | candidates.life.apart(left, right)
    return np.asarray(np.where(against, AGAINST, np.nan))


def add_pairs(
    kept: Kept,
    candidates: Candidates,
    left: Index,
    right: Index,
    p: npt.NDArray[np.float64],
    blind: Odds | None = None,
) -> Kept:
    """The kept pairs and some more, that no key had brought together."""
    scored = kept.scored
    more = Scored(
        left=np.concatenate([scored.left, left]),
        right=np.concatenate([scored.right, right]),
        probability=np.concatenate([scored.probability, p]),
        parted=np.concatenate([scored.parted, candidates.life.apart(left, right)]),
    )
    return Kept(
        scored=more,
        place=np.concatenate([kept.place, np.full(len(left), -1, dtype=np.int64)]),
        added=np.concatenate([kept.added, np.ones(len(left), dtype=bool)]),
        blind=kept.blind if blind is None else np.concatenate([kept.blind, blind]),
    )
