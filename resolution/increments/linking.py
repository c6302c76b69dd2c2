"""Linking after a change: what did not change is remembered, the rest is worked out.

Invariant: clusters, links and open pairs are those of a run over all records with the same model.
Both passes run over all pairs; only the scores of pairs that no change touched are remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from governance.judgements import Judgement
from records.snapshot import Snapshot
from resolution.blocking import Blocking
from resolution.clusters import Constraints
from resolution.columns import Index
from resolution.increments.blocks import Blocks, Touched
from resolution.increments.match_keys import MatchKeys
from resolution.increments.nearby import Nearby, NearbyVectors, Whole
from resolution.increments.numbering import Numbering, renumber
from resolution.increments.remembering import ChangedPasses, Fresh, flags
from resolution.increments.seen import Seen, dwellers, renew, renew_names
from resolution.increments.state import (
    Held,
    LinkingState,
    Records,
    Ruled,
    records_of,
)
from resolution.ladder import Decisions, Lifetimes, decide
from resolution.lifespans import Lifespans
from resolution.linking import first_pass
from resolution.linking.first_pass import Candidates
from resolution.linking.labels import judged_pairs
from resolution.linking.settings import LinkingSettings
from resolution.linking.trained import Trained
from resolution.matched import Matching, Stage, find_links, find_unlinked
from resolution.pairs import Pairs
from resolution.rules import Ladder

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a run over all records would be given too."""

    snapshot: Snapshot
    ladder: Ladder
    blocking: Blocking
    settings: LinkingSettings
    model: Trained
    judgements: Sequence[Judgement]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changed: records by id, and where they were seen."""

    changed: frozenset[str]
    added: frozenset[str]
    removed: frozenset[str]
    seen: Seen


class ChangedLinking:
    """One change on its way through linking.

    Attributes:
        numbering: of this run and the one before.
        records: all of them.
        matching: what linking made of all records; after `match`.
        touched: the records whose pairs were made again.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        given: Given,
        state: LinkingState,
        difference: Difference,
        stage: Stage,
    ) -> None:
        """Args:
        con: a workspace of its own; linking's tables of all records are made in it.
        """
        self.con, self._given, self._state = con, given, state
        self._stage, self._difference = stage, difference
        ids = state.records.ids
        self.numbering: Numbering = renumber(ids, difference.removed, difference.added)
        self._whole = Whole(
            con=con,
            snapshot=given.snapshot,
            ids=self.numbering.ids,
            known=given.model.statistics,
            blocking=given.blocking,
            ladder_keys=given.ladder.keys(),
        )

    def match(self) -> Matching:
        """Link."""
        self._stage("finding candidate pairs")
        touched = self._touch()
        self.touched = touched.numbers
        self._stage("comparing records")
        near = Nearby(
            self._whole, np.concatenate([touched.numbers, touched.pairs.left, touched.pairs.right])
        )
        fresh = self._fresh(touched, near)
        candidates = self._candidates(touched, fresh, near)
        judged = judged_pairs(self._given.judgements, self._judged_numbers())
        constraints = Constraints(
            must=judged.pairs(True),
            cannot=judged.pairs(False),
            number=pd.factorize(self.records.numbers)[0].astype(np.int32),
            spans=self.records.spans,
        )
        passes = ChangedPasses(
            self.con, candidates, constraints, judged, self._given.settings, self._stage
        )
        passes.remember(self._state, self.numbering, touched.numbers, fresh)
        passes.run(self._given.model)
        return Matching(
            labels=passes.labels,
            links=find_links(candidates, passes.kept, passes.labels, passes.joined, by_model=True),
            unlinked=find_unlinked(candidates, passes.kept, passes.labels, passes.lost),
            lost=passes.lost,
            yields=(),
            pairs=len(touched.pairs),
            candidates=candidates,
            kept=passes.kept,
            judged=judged,
            trained=passes.trained,
            rounds=passes.rounds,
        )

    def write_keys(self, folder: Path) -> Records:
        """Write the match keys of all records; the records, their keys under lasting numbers."""
        lasting = self._before.write(self.con, folder, self.numbering, self._dirty, self._keys)
        return replace(self.records, lasting=lasting)

    def _touch(self) -> Touched:
        """The records whose pairs are made again; renews what is known of all records."""
        told = self._difference
        left = renew(self.con, self._state.folder, self.numbering, told.seen)
        dirty = self.numbering.numbers({*told.changed, *told.added, *told.seen.records})
        dwellings, around = dwellers(self.con, dirty, left)
        near = Nearby(self._whole, np.concatenate([dirty, around]))
        shared = renew_names(self.con, near, dirty, dwellings)
        self.records = self._renewed(dirty, near)
        self._dirty = np.union1d(dirty, shared)
        if not np.isin(self._dirty, near.numbers).all():
            near.close()
            near = Nearby(self._whole, self._dirty)
        keys = near.write_keys()
        own = np.isin(keys["rid"].to_numpy(), self._dirty)
        self._keys = keys.filter(pa.array(own))
        near.close()
        cap = self._given.blocking.block_cap
        self._before = MatchKeys(folder=self._state.folder, lasting=self._state.records.lasting)
        blocks = Blocks(self.con, self._before, self.numbering, cap)
        alike = self._state.records.alike, self.records.alike
        return blocks.touch(self._dirty, self._keys, alike)

    def _renewed(self, dirty: Index, near: Nearby) -> Records:
        """All records, what is told of the dirty ones among them anew."""
        old, back = self._state.records, self.numbering.old
        fresh = records_of(near.con, near.spans)
        at = near.at(dirty)

        def column(before: npt.NDArray[Any], now: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = before[np.maximum(back, 0)] if len(before) else np.empty(len(back), now.dtype)
            out[dirty] = now[at]
            return out

        return Records(
            ids=self.numbering.ids,
            numbers=column(old.numbers, fresh.numbers),
            alike=column(old.alike, fresh.alike),
            spans=Lifespans(
                born=column(old.spans.born, fresh.spans.born),
                died=column(old.spans.died, fresh.spans.died),
            ),
            lasting=column(old.lasting, fresh.lasting),
        )

    def _lifetimes(self) -> Lifetimes:
        shared = np.zeros(len(self.numbering.ids), dtype=bool)
        found = self.con.execute("select distinct rid from namesake").fetchnumpy()["rid"]
        shared[np.asarray(found, np.int64)] = True
        return Lifetimes(spans=self.records.spans, shared=shared)

    def _fresh(self, touched: Touched, near: Nearby) -> Fresh:
        """The candidate pairs of touched records, decided and scored."""
        life = self._lifetimes()
        pairs = touched.pairs
        local = Pairs(
            left=near.at(pairs.left), right=near.at(pairs.right), mask=pairs.mask, yields=()
        )
        mine = Lifetimes(
            spans=Lifespans(born=life.spans.born[near.numbers], died=life.spans.died[near.numbers]),
            shared=life.shared[near.numbers],
        )
        given = self._given
        decisions = decide(local, near.keys, given.ladder, near.comparer, mine)
        candidates = Candidates(
            pairs=local,
            decisions=decisions,
            ladder=given.ladder,
            vectors=near.vectors,
            comparer=near.comparer,
            life=mine,
            known=given.model.statistics,
        )
        kept = first_pass.score_candidates(candidates, given.model.pair)
        place = np.flatnonzero(decisions.rule >= 0)
        return Fresh(
            held=Held(
                left=pairs.left[kept.place],
                right=pairs.right[kept.place],
                probability=kept.scored.probability,
                added=kept.added,
            ),
            ruled=Ruled(
                left=pairs.left[place],
                right=pairs.right[place],
                rule=decisions.rule[place],
                refusal=decisions.refusal[place],
            ),
            life=life,
        )

    def _candidates(self, touched: Touched, fresh: Fresh, near: Nearby) -> Candidates:
        """All candidate pairs that a rule decided; vectors of any pair."""
        is_touched = flags(touched.numbers, len(self.numbering.ids))
        old = self._state.ruled
        there, (left, right) = self.numbering.carried(old.left, old.right)
        clean = ~(is_touched[left] | is_touched[right])
        new = fresh.ruled
        columns = [
            np.concatenate([before, after])
            for before, after in (
                (left[clean], new.left),
                (right[clean], new.right),
                (old.rule[there][clean], new.rule),
                (old.refusal[there][clean], new.refusal),
            )
        ]
        order = np.lexsort((columns[1], columns[0]))
        left, right, rule, refusal = (column[order] for column in columns)
        vectors = NearbyVectors(self._whole, near)
        return Candidates(
            pairs=Pairs(
                left=left, right=right, mask=np.zeros(len(left), dtype=np.uint64), yields=()
            ),
            decisions=Decisions(rule=rule, refusal=refusal, fired=np.zeros(0, np.int64)),
            ladder=self._given.ladder,
            vectors=vectors,
            comparer=vectors,
            life=fresh.life,
            known=self._given.model.statistics,
        )

    def _judged_numbers(self) -> dict[str, int]:
        judged = {
            name for entry in self._given.judgements for name in (entry.record_a, entry.record_b)
        }
        numbers = self.numbering.numbers(judged)
        return dict(zip(self.numbering.ids[numbers].tolist(), numbers.tolist(), strict=True))
