"""From prepared records to clusters: candidate pairs, scores, two passes, what is left to decide.

Invariant: the answer is a function of the prepared tables, the rules, the settings, the
judgements and the model. Without anything to learn from, the ladder alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from governance.judgements import Judgement
from resolution.blocking import Blocking, read_blocking, suited_keys
from resolution.clusters import Constraints
from resolution.comparisons import Comparer
from resolution.ladder import Lifetimes, decide, rule_yields
from resolution.linking.first_pass import Candidates
from resolution.linking.labels import judged_pairs
from resolution.linking.settings import LinkingSettings, read_linking
from resolution.linking.trained import Trained
from resolution.matched import Matching, Stage, find_links, find_unlinked
from resolution.observing import observe
from resolution.pairs import candidate_pairs
from resolution.passes import Passes
from resolution.rules import Ladder
from resolution.vectors import Vectors


def match_records(
    con: duckdb.DuckDBPyConnection,
    ladder: Ladder,
    judgements: Sequence[Judgement],
    *,
    settings: LinkingSettings | None = None,
    blocking: Blocking | None = None,
    model: Trained | None = None,
    stage: Stage = lambda _words: None,
    keep_keys: Path | None = None,
) -> Matching:
    """Find, score and cluster.

    Reads the tables of `prepare`, `resolve_addresses` and `find_whereabouts`.

    Args:
        model: what was learned before, used as it is; None: learn from what there is.
        stage: called as each stage begins.
        keep_keys: a Parquet file that is made of every record's match keys.
    """
    settings, blocking = settings or read_linking(), blocking or read_blocking()
    stage("finding candidate pairs")
    known = model.statistics if model else observe(con)
    keys = list(dict.fromkeys([*ladder.keys(), *suited_keys(con, blocking, known)]))
    pairs = candidate_pairs(con, keys, blocking.block_cap, keep_keys)
    stage("comparing records")
    comparer, life = Comparer(con, known), Lifetimes.read(con)
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
        spans=life.spans,
    )
    made = Passes(con, candidates, constraints, judged, settings, stage)
    made.run(model)
    return Matching(
        labels=made.labels,
        links=find_links(candidates, made.kept, made.labels, made.joined, made.trained is not None),
        unlinked=find_unlinked(candidates, made.kept, made.labels, made.lost),
        lost=made.lost,
        yields=rule_yields(ladder, keys, pairs, decisions),
        pairs=len(pairs),
        candidates=candidates,
        kept=made.kept,
        judged=judged,
        trained=made.trained,
        rounds=tuple(made.rounds),
    )


def _numbers(con: duckdb.DuckDBPyConnection, judgements: Sequence[Judgement]) -> dict[str, int]:
    judged = {name for entry in judgements for name in (entry.record_a, entry.record_b)}
    query = "select record_id, rid from person where record_id in (select unnest($ids::varchar[]))"
    return dict(con.execute(query, {"ids": sorted(judged)}).fetchall())
