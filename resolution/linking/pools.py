"""What stewards may be asked about: candidate pairs and pairs of clusters, from sure to unlikely.

Invariant: a pool is spread over all degrees of likeness, each pair with how many of the file's
it stands for; control pairs are drawn at random within their degree, whatever else is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from resolution.columns import Index
from resolution.linking.first_pass import PairVectors, base_odds
from resolution.linking.scorer import Odds
from resolution.linking.second_pass import Compared
from resolution.linking.settings import LinkingSettings
from resolution.matched import Matching
from resolution.questions import Pool

_STRATA = 14
_LIMIT = 9.0  # log odds; beyond it a pair is as sure as can be
_UNSCORED = 40_000  # candidate pairs that were not kept, of which some are asked about
_CONTROL_OF = 10  # one of so many is for control: what measures cannot be chosen to teach
_MOST_MEMBERS = 12  # records shown of each of two clusters


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """Places drawn, which of them are control pairs, and how many pairs each stands for."""

    places: Index
    control: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float64]


def record_pool(
    matching: Matching, ids: npt.NDArray[np.object_], settings: LinkingSettings, seed: int = 0
) -> Pool | None:
    """Pairs of records to ask about; None if there are no candidate pairs.

    Args:
        ids: the record id of each record number.
    """
    if not matching.pairs:
        return None
    random = np.random.default_rng(seed)
    left, right, odds, stands_for = _population(matching, random)
    drawn = _draw(odds, stands_for, settings, random)
    return _record_pool(left, right, odds, drawn, matching.candidates.vectors, ids)


def drawn_pairs(
    left: Index,
    right: Index,
    odds: Odds,
    vectors: PairVectors,
    ids: npt.NDArray[np.object_],
    settings: LinkingSettings,
    seed: int = 0,
) -> Pool | None:
    """Of pairs of record numbers those to ask about, none for control; None if there are none."""
    if not len(left):
        return None
    uncontrolled = replace(settings, control=0)
    drawn = _draw(odds, np.ones(len(odds)), uncontrolled, np.random.default_rng(seed))
    return _record_pool(left, right, odds, drawn, vectors, ids)


def _record_pool(
    left: Index,
    right: Index,
    odds: Odds,
    drawn: _Drawn,
    vectors: PairVectors,
    ids: npt.NDArray[np.object_],
) -> Pool:
    a, b = left[drawn.places], right[drawn.places]
    sides = [ids[a].tolist(), ids[b].tolist()]
    return Pool(
        form="records",
        record_a=sides[0],
        record_b=sides[1],
        members_a=[[each] for each in sides[0]],
        members_b=[[each] for each in sides[1]],
        vectors=vectors(a, b),
        names=vectors.names,
        directions=vectors.directions,
        prior=odds[drawn.places],
        control=drawn.control,
        weight=drawn.weight,
    )


def cluster_pool(
    compared: Compared,
    odds: Odds,
    ids: npt.NDArray[np.object_],
    settings: LinkingSettings,
    seed: int = 0,
) -> Pool | None:
    """Pairs of clusters to ask about; None if there are none."""
    if not len(compared.left):
        return None
    random = np.random.default_rng(seed)
    drawn = _draw(odds, np.ones(len(odds)), settings, random)
    left, right = compared.left[drawn.places], compared.right[drawn.places]
    strongest = compared.vectors.strongest(left, right)
    members = pd.Series(ids).groupby(compared.clusters).apply(list)
    return Pool(
        form="clusters",
        record_a=ids[strongest[0]].tolist(),
        record_b=ids[strongest[1]].tolist(),
        members_a=_members(members, compared.clusters[strongest[0]], ids[strongest[0]]),
        members_b=_members(members, compared.clusters[strongest[1]], ids[strongest[1]]),
        vectors=compared.rows[drawn.places],
        names=compared.vectors.names,
        directions=compared.vectors.directions,
        prior=odds[drawn.places],
        control=drawn.control,
        weight=drawn.weight,
    )


def _members(
    members: pd.Series[list[str]], clusters: Index, first: npt.NDArray[np.object_]
) -> list[list[str]]:
    """The records of each cluster, the one that stands for it first."""
    return [
        [name, *[other for other in members[number] if other != name]][:_MOST_MEMBERS]
        for number, name in zip(clusters.tolist(), first.tolist(), strict=True)
    ]


def _population(
    matching: Matching, random: np.random.Generator
) -> tuple[Index, Index, Odds, npt.NDArray[np.float64]]:
    """Pairs that matter and a sample of the rest, their log odds and what each stands for."""
    pairs, kept = matching.candidates.pairs, matching.kept
    unkept = np.ones(len(pairs), dtype=bool)
    unkept[kept.place[kept.place >= 0]] = False
    rest = np.flatnonzero(unkept)
    some = np.sort(random.choice(rest, min(len(rest), _UNSCORED), replace=False))
    left, right = pairs.left[some], pairs.right[some]
    odds = _odds(matching, left, right)
    stands_for = np.full(len(some), len(rest) / max(len(some), 1))
    scored = kept.scored
    p = np.clip(scored.probability, 1e-6, 1 - 1e-6)
    kept_odds = np.log(p / (1 - p))
    if matching.trained is None:  # the ladder's figures are no odds
        kept_odds = _odds(matching, scored.left, scored.right)
    return (
        np.concatenate([scored.left, left]),
        np.concatenate([scored.right, right]),
        np.concatenate([kept_odds, odds]),
        np.concatenate([np.ones(len(p)), stands_for]),
    )


def _odds(matching: Matching, left: Index, right: Index) -> Odds:
    trained = matching.trained
    if trained is None:
        return matching.candidates.base(left, right)
    base = base_odds(matching.candidates, trained.pair, left, right)
    return trained.pair.log_odds(matching.candidates.vectors(left, right), base)


def _draw(
    odds: Odds,
    stands_for: npt.NDArray[np.float64],
    settings: LinkingSettings,
    random: np.random.Generator,
) -> _Drawn:
    """Control pairs at random within each degree of likeness, then others, evenly over degrees."""
    stratum = ((np.clip(odds, -_LIMIT, _LIMIT) + _LIMIT) / (2 * _LIMIT) * _STRATA).astype(int)
    stratum = np.minimum(stratum, _STRATA - 1)
    places, control, weight = [], [], []
    present = np.unique(stratum)
    each_controls = max(settings.control // len(present), 1) if settings.control else 0
    shares = _shares(np.bincount(stratum)[present], settings.questions)
    for each, share in zip(present.tolist(), shares.tolist(), strict=True):
        own = np.flatnonzero(stratum == each)
        chosen = random.choice(own, min(share, len(own)), replace=False)
        few = min(each_controls, -(-len(chosen) // _CONTROL_OF))
        places.append(chosen)
        control.append(np.arange(len(chosen)) < few)
        total = float(stands_for[own].sum())
        weight.append(np.where(control[-1], total / max(few, 1), total / len(chosen)))
    return _Drawn(
        places=np.concatenate(places),
        control=np.concatenate(control),
        weight=np.concatenate(weight),
    )


def _shares(sizes: Index, of: int) -> Index:
    """How many to draw of each degree: evenly, and what the small ones leave goes to the others."""
    shares = np.zeros(len(sizes), dtype=np.int64)
    for nth, each in enumerate(np.argsort(sizes, kind="stable").tolist()):
        fair = max((of - int(shares.sum())) // (len(sizes) - nth), 1)
        shares[each] = min(int(sizes[each]), fair)
    return shares
