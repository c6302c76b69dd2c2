"""The ladder applied: candidate pairs decided by the first rule that fires, guards in between.

Invariant: a pair is decided once, by its first rule in order of priority; what a guard refuses
is never a link, whatever the rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from governance.judgements import Judgement
from resolution.clusters import Clustering, Constraints, Edges, Opposition, cluster
from resolution.columns import Index, Levels
from resolution.comparisons import Comparer, level
from resolution.guards import REASONS, refuse_pairs, speaks_against
from resolution.pairs import Pairs, candidate_pairs
from resolution.rules import Ladder, Rule

_COMPARED_AT_ONCE = 500_000


@dataclass(frozen=True, kw_only=True)
class RuleYield:
    """What one rule of the ladder gave."""

    name: str
    blocks: int
    skipped_blocks: int
    skipped_records: int
    pairs: int
    fired: int
    decided: int


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

    clustering: Clustering
    links: Edges
    unlinked: Unlinked
    yields: tuple[RuleYield, ...]
    pairs: int


@dataclass(frozen=True, kw_only=True)
class _Decided:
    edges: Edges
    refusal: npt.NDArray[np.int8]
    fired: npt.NDArray[np.int64]


def match_records(
    con: duckdb.DuckDBPyConnection, ladder: Ladder, judgements: Sequence[Judgement]
) -> Matching:
    """Find, decide and cluster. Reads the tables of `prepare` and `lodged`."""
    keys = ladder.keys()
    pairs = candidate_pairs(con, keys, ladder.block_cap)
    comparer = Comparer(con)
    life = _Lifetimes(con)
    decided = _decide(pairs, keys, ladder, comparer, life)
    edges = decided.edges
    chosen = (edges.probability >= ladder.link_at) & (decided.refusal < 0)
    links = _take(edges, chosen)
    constraints = _constraints(con, judgements, comparer)

    def oppose(left: Index, right: Index) -> Opposition:
        levels = comparer.compare(left, right)
        return Opposition(against=speaks_against(levels), parted=life.apart(left, right))

    clustering = cluster(links, constraints, oppose, ladder.mean_support)
    return Matching(
        clustering=clustering,
        links=links,
        unlinked=_unlinked(decided, chosen, links, clustering, ladder),
        yields=_yields(ladder.rules, keys, pairs, decided),
        pairs=len(pairs),
    )


_NAMESAKES = """
with named as (
  select l.dwelling, c.given, c.family, c.rid, left(p.birth, 4)::int y
  from lodged l join called c using (rid) join person p using (rid)
  where l.dwelling is not null and c.given is not null and c.family is not null)
select distinct rid from named semi join (
  select dwelling, given, family from named group by all
  having max(y) - min(y) >= 12 and count(distinct y) > 1) using (dwelling, given, family)
"""


class _Lifetimes:
    """Days of birth and death as sortable text, and who shares a name, for the guards."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        found = con.execute(
            "select coalesce(birth, '') b, coalesce(rpad(death_date, 10, '-99'), '9999') d"
            " from person order by rid"
        ).df()
        self._birth = found["b"].to_numpy(dtype="U10")
        self._death = found["d"].to_numpy(dtype="U10")
        self._shared = np.zeros(len(found), dtype=bool)
        self._shared[con.execute(_NAMESAKES).fetchnumpy()["rid"]] = True

    def namesakes(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        """Where one of the pair bears a name that two generations bear at its address."""
        return np.asarray(self._shared[left] | self._shared[right])

    def apart(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        """Where one of the pair died before the other was born."""
        return np.asarray(
            (self._death[left] < self._birth[right]) | (self._death[right] < self._birth[left])
        )


def _decide(
    pairs: Pairs,
    keys: Sequence[tuple[str, ...]],
    ladder: Ladder,
    comparer: Comparer,
    life: _Lifetimes,
) -> _Decided:
    """Give each pair its first rule; pairs that no rule decides are dropped."""
    rule = np.full(len(pairs), -1, dtype=np.int16)
    refusal = np.full(len(pairs), -1, dtype=np.int8)
    fired = np.zeros(len(ladder.rules), dtype=np.int64)
    wanted = [_bits(keys, entry) for entry in ladder.rules]
    for start in range(0, len(pairs), _COMPARED_AT_ONCE):
        part = slice(start, start + _COMPARED_AT_ONCE)
        left, right = pairs.left[part], pairs.right[part]
        levels = comparer.compare(left, right)
        refusal[part] = refuse_pairs(
            levels, life.apart(left, right), life.namesakes(left, right)
        ).reason
        mask = pairs.mask[part]
        for place in reversed(range(len(ladder.rules))):
            fires = (mask & wanted[place]) != 0
            fires &= _reaches(levels, ladder.rules[place].require, len(left))
            rule[part][fires] = place
            fired[place] += int(fires.sum())
    probability = np.array([entry.probability for entry in ladder.rules] + [0.0])
    edges = Edges(left=pairs.left, right=pairs.right, probability=probability[rule], rule=rule)
    kept = rule >= 0
    return _Decided(edges=_take(edges, kept), refusal=refusal[kept], fired=fired)


def _bits(keys: Sequence[tuple[str, ...]], rule: Rule) -> np.uint64:
    return np.uint64(sum(1 << keys.index(key) for key in rule.keys))


def _reaches(
    levels: Mapping[str, Levels], require: Mapping[str, str], count: int
) -> npt.NDArray[np.bool_]:
    out = np.ones(count, dtype=bool)
    for name, wanted in require.items():
        out &= levels[name] >= level(name, wanted)
    return out


def _take(edges: Edges, which: npt.NDArray[np.bool_]) -> Edges:
    return Edges(
        left=edges.left[which],
        right=edges.right[which],
        probability=edges.probability[which],
        rule=edges.rule[which],
    )


def _constraints(
    con: duckdb.DuckDBPyConnection, judgements: Sequence[Judgement], comparer: Comparer
) -> Constraints:
    judged = {name for entry in judgements for name in (entry.record_a, entry.record_b)}
    query = "select record_id, rid from person where record_id in (select unnest($ids::varchar[]))"
    number = dict(con.execute(query, {"ids": sorted(judged)}).fetchall())
    found: dict[str, list[tuple[int, int]]] = {"same": [], "different": [], "unsure": []}
    for entry in judgements:
        if entry.record_a in number and entry.record_b in number:
            pair = sorted((number[entry.record_a], number[entry.record_b]))
            found[entry.verdict].append((pair[0], pair[1]))
    return Constraints(
        must=found["same"], cannot=found["different"], number=comparer.nhs_number.codes
    )


def _unlinked(
    decided: _Decided,
    chosen: npt.NDArray[np.bool_],
    links: Edges,
    clustering: Clustering,
    ladder: Ladder,
) -> Unlinked:
    """Weak pairs, pairs that a guard refused and merges refused, across clusters only."""
    words = np.array([rule.words for rule in ladder.rules], dtype=object)
    rest = _take(decided.edges, ~chosen)
    refusal = decided.refusal[~chosen]
    reason = np.where(refusal >= 0, np.array(REASONS, dtype=object)[refusal], words[rest.rule])
    lost = np.array([place for place, _ in clustering.refused], dtype=np.int64)
    why = np.array([text for _, text in clustering.refused], dtype=object)
    left = np.concatenate([rest.left, links.left[lost]])
    right = np.concatenate([rest.right, links.right[lost]])
    probability = np.concatenate([rest.probability, links.probability[lost]])
    apart = clustering.labels[left] != clustering.labels[right]
    return Unlinked(
        left=left[apart],
        right=right[apart],
        probability=probability[apart],
        reason=np.concatenate([reason, why])[apart],
    )


def _yields(
    rules: Sequence[Rule], keys: Sequence[tuple[str, ...]], pairs: Pairs, decided: _Decided
) -> tuple[RuleYield, ...]:
    counts = np.bincount(decided.edges.rule, minlength=len(rules))
    shared = [int(pairs.sharing(place).sum()) for place in range(len(keys))]
    found = []
    for place, rule in enumerate(rules):
        own = [keys.index(key) for key in rule.keys]
        blocks = [pairs.yields[key] for key in own]
        found.append(
            RuleYield(
                name=rule.name,
                blocks=sum(block.blocks for block in blocks),
                skipped_blocks=sum(block.skipped_blocks for block in blocks),
                skipped_records=sum(block.skipped_records for block in blocks),
                pairs=sum(shared[key] for key in own),
                fired=int(decided.fired[place]),
                decided=int(counts[place]),
            )
        )
    return tuple(found)
