"""The ladder applied: candidate pairs decided by the first rule that fires, guards beside.

Invariant: a pair is decided once, by its first rule in order of priority; a guard's refusal is
told for every pair that shares a key of the ladder, whether a rule fires or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from resolution.columns import Index, Levels
from resolution.comparisons import Comparer, level
from resolution.guards import refuse_pairs
from resolution.lifespans import Lifespans
from resolution.pairs import Pairs
from resolution.portions import by_portions
from resolution.rules import Ladder, Rule

NUMBERS = frozenset({"local_id", "nhs_number", "upn", "uln", "nino"})


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
class Decisions:
    """Per candidate pair its first rule (place in the ladder) and refusing guard; -1 for none."""

    rule: npt.NDArray[np.int16]
    refusal: npt.NDArray[np.int8]
    fired: npt.NDArray[np.int64]  # per rule


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """When each record's person was alive, and who shares a name, for the guards.

    Attributes:
        spans: between which days, for pairs and for groups of records.
        shared: who bears a name that two generations bear at its address.
    """

    spans: Lifespans
    shared: npt.NDArray[np.bool_]

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection) -> Lifetimes:
        """Of all records; makes the table `namesake` (`rid`, `dwelling`)."""
        spans = read_spans(con)
        shared = np.zeros(len(spans.born), dtype=bool)
        write_namesakes(con)
        shared[con.execute("select distinct rid from namesake").fetchnumpy()["rid"]] = True
        return cls(spans=spans, shared=shared)

    def namesakes(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        """Where one of the pair bears a name that two generations bear at its address."""
        return np.asarray(self.shared[left] | self.shared[right])

    def apart(self, left: Index, right: Index) -> npt.NDArray[np.bool_]:
        """Where one of the pair died before the other was born."""
        return self.spans.apart(left, right)


def read_spans(con: duckdb.DuckDBPyConnection) -> Lifespans:
    """When each record's person was alive, by record number."""
    found = con.execute(_SPANS).fetchnumpy()
    return Lifespans(
        born=np.asarray(found["born"], dtype=np.int64), died=np.asarray(found["died"], np.int64)
    )


def write_namesakes(con: duckdb.DuckDBPyConnection) -> None:
    """The table `namesake`: at which `dwelling` two generations bear the name of a record."""
    con.execute(_NAMESAKES)


# Days as whole numbers: of a birth in part the first that it may be, of a death the last.
_SPANS = """
with said as (
  select rid, rpad(replace(birth, '-', ''), 8, '0') b, rpad(replace(death_date, '-', ''), 8, '9') d
  from person)
select coalesce(2 * try_cast(b as bigint) - 1, -1) born,
  coalesce(2 * try_cast(d as bigint), 9223372036854775807) died
from said order by rid
"""

_NAMESAKES = """
create or replace temp table namesake as
with named as (
  select l.dwelling, c.given, c.family, c.rid, left(p.birth, 4)::int y
  from lodged l join called c using (rid) join person p using (rid)
  where l.dwelling is not null and c.given is not null and c.family is not null)
select distinct rid, dwelling from named semi join (
  select dwelling, given, family from named group by all
  having max(y) - min(y) >= 12 and count(distinct y) > 1) using (dwelling, given, family)
"""


def decide(
    pairs: Pairs,
    keys: Sequence[tuple[str, ...]],
    ladder: Ladder,
    comparer: Comparer,
    life: Lifetimes,
) -> Decisions:
    """Give each pair that shares a key of the ladder its first rule and its refusing guard."""
    rule = np.full(len(pairs), -1, dtype=np.int16)
    refusal = np.full(len(pairs), -1, dtype=np.int8)
    wanted = [_bits(keys, entry) for entry in ladder.rules]
    everything = np.bitwise_or.reduce(np.array(wanted, dtype=np.uint64))
    own = np.flatnonzero(pairs.mask & everything)

    def compare(portion: slice) -> npt.NDArray[np.int64]:
        part = own[portion]
        left, right, mask = pairs.left[part], pairs.right[part], pairs.mask[part]
        levels = comparer.compare(left, right)
        refusal[part] = refuse_pairs(
            levels, life.apart(left, right), life.namesakes(left, right)
        ).reason
        count = np.zeros(len(ladder.rules), dtype=np.int64)
        for place in reversed(range(len(ladder.rules))):
            fires = (mask & wanted[place]) != 0
            fires &= _reaches(levels, ladder.rules[place].require, len(left))
            rule[part[fires]] = place
            count[place] = fires.sum()
        return count

    fired = sum(by_portions(len(own), compare), np.zeros(len(ladder.rules), dtype=np.int64))
    return Decisions(rule=rule, refusal=refusal, fired=fired)


def decisive(ladder: Ladder) -> npt.NDArray[np.bool_]:
    """Which rules rest on a number that tells one person, whatever a model says."""
    return np.array(
        [all(NUMBERS & set(key) for key in rule.keys) for rule in ladder.rules], dtype=bool
    )


def _bits(keys: Sequence[tuple[str, ...]], rule: Rule) -> np.uint64:
    return np.uint64(sum(1 << keys.index(key) for key in rule.keys))


def _reaches(
    levels: Mapping[str, Levels], require: Mapping[str, str], count: int
) -> npt.NDArray[np.bool_]:
    out = np.ones(count, dtype=bool)
    for name, wanted in require.items():
        out &= levels[name] >= level(name, wanted)
    return out


def rule_yields(
    ladder: Ladder, keys: Sequence[tuple[str, ...]], pairs: Pairs, decisions: Decisions
) -> tuple[RuleYield, ...]:
    """What each rule gave, for the report of a run."""
    decided = decisions.rule[decisions.rule >= 0]
    counts = np.bincount(decided, minlength=len(ladder.rules))
    shared = [int(pairs.sharing(place).sum()) for place in range(min(len(keys), 64))]
    found = []
    for place, rule in enumerate(ladder.rules):
        own = [keys.index(key) for key in rule.keys]
        blocks = [pairs.yields[key] for key in own]
        found.append(
            RuleYield(
                name=rule.name,
                blocks=sum(block.blocks for block in blocks),
                skipped_blocks=sum(block.skipped_blocks for block in blocks),
                skipped_records=sum(block.skipped_records for block in blocks),
                pairs=sum(shared[key] for key in own),
                fired=int(decisions.fired[place]),
                decided=int(counts[place]),
            )
        )
    return tuple(found)
