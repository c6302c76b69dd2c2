"""Whom a change makes to be told of again: the people of which something is said otherwise.

Invariant: of everybody else a run over all records would say what the run before said: they have
the same records, joined by the same pairs with the same figures, judged alike by stewards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from governance.judgements import Judgement
from resolution.columns import Index
from resolution.distinct import among, distinct, places_among
from resolution.explaining import tell_links
from resolution.increments.derived import Relinked
from resolution.increments.linking import ChangedLinking
from resolution.increments.numbering import Numbering
from resolution.increments.remembering import carried_labels
from resolution.increments.state import (
    LinkingState,
    Round,
    Verdict,
    held_of,
    round_of,
    verdicts,
)
from resolution.matched import Links, Matching, Unlinked
from resolution.partitions import same_groups
from resolution.rules import Ladder
from resolution.tables import derived_rows, steward_pairs, write_links

Flags = npt.NDArray[np.bool_]


def relink(
    linking: ChangedLinking,
    matching: Matching,
    state: LinkingState,
    judged: Sequence[Judgement],
    ladder: Ladder,
    today: dt.date,
) -> Relinked:
    """The clusters that are told again, their links, and what may yet be one person."""
    numbering = linking.numbering
    again = _again(matching, state, numbering, linking.touched, verdicts(judged))
    some = _narrowed(matching, again)
    told = tell_links(some, ladder)
    con = linking.con
    _write_people(con, numbering, matching.labels)
    write_links(con, some, ladder, told, steward_pairs(con, judged))
    con.register("again", pa.table({"rid": np.flatnonzero(again)}))
    edges = con.sql(_EDGES).to_arrow_table()
    con.unregister("again")
    return Relinked(
        clusters=_clusters(matching.labels, again, numbering),
        edges=edges,
        pairs=derived_rows(con, "possible_pair", today),
        asked=frozenset(numbering.ids[again].tolist()),
    )


def _again(
    matching: Matching,
    state: LinkingState,
    numbering: Numbering,
    touched: Index,
    judged: set[Verdict],
) -> Flags:
    """The records of clusters of which anything is told that was not told before."""
    labels = matching.labels
    none = np.zeros(len(labels), dtype=bool)
    changed = none.copy()
    changed[touched] = True
    changed |= same_groups(labels, carried_labels(state.labels, numbering)) < 0
    named = {name for each in judged ^ state.verdicts for name in each[:2]}
    changed[numbering.numbers(named)] = True
    for ends in (_pairs_otherwise(matching, state, numbering), _lost(matching, state, numbering)):
        changed[ends] = True
    if matching.rounds:
        changed |= _rounds_otherwise(round_of(matching.rounds[-1]), state.rounds[-1], numbering)
    groups = np.zeros(len(labels), dtype=bool)
    groups[labels[changed]] = True
    return groups[labels]


def _pairs_otherwise(matching: Matching, state: LinkingState, numbering: Numbering) -> Index:
    """The records of scored pairs that came, went or are scored otherwise."""
    held, now = state.held, held_of(matching)
    there, (left, right) = numbering.carried(held.left, held.right)
    frames = [
        pd.DataFrame({"a": a, "b": b, "p": p})
        for a, b, p in (
            (left, right, held.probability[there]),
            (now.left, now.right, now.probability),
        )
    ]
    once = pd.concat(frames).drop_duplicates(keep=False)
    return distinct(once[["a", "b"]].to_numpy(dtype=np.int64).ravel())


def _lost(matching: Matching, state: LinkingState, numbering: Numbering) -> Index:
    """The records of merges that are refused now and were not, or the other way round."""
    new = numbering.new
    before = {(int(new[a]), int(new[b]), p, why) for a, b, p, why in state.lost}
    ends = {end for each in before ^ set(matching.lost) for end in each[:2]}
    return np.array(sorted(ends - {-1}), dtype=np.int64)


def _rounds_otherwise(now: Round, before: Round, numbering: Numbering) -> Flags:
    """The records of clusters that are others, or of whose pairs the figures are others."""
    none = np.zeros(len(now.labels), dtype=bool)
    changed = same_groups(now.labels, carried_labels(before.labels, numbering)) < 0
    there, (left, right) = numbering.carried(before.left, before.right)
    rows = before.rows[there]
    count = len(now.labels)
    old, new = left * count + right, now.left * count + now.right
    order = np.argsort(old)
    place = places_among(old[order], new)
    same = place >= 0
    same[same] = (rows[order[place[same]]] == now.rows[same]).all(axis=1)
    gone = ~among(old, new)
    ends = np.concatenate([now.left[~same], now.right[~same], left[gone], right[gone]])
    clusters = none
    clusters[now.labels[ends]] = True
    return np.asarray(changed | clusters[now.labels])


def _narrowed(matching: Matching, again: Flags) -> Matching:
    """What linking made, of some records alone."""
    links, weak = matching.links, matching.unlinked
    own = again[links.left]
    asked = again[weak.left] | again[weak.right]
    return replace(
        matching,
        links=Links(
            left=links.left[own],
            right=links.right[own],
            probability=links.probability[own],
            rule=links.rule[own],
        ),
        unlinked=Unlinked(
            left=weak.left[asked],
            right=weak.right[asked],
            probability=weak.probability[asked],
            reason=weak.reason[asked],
        ),
    )


def _write_people(con: duckdb.DuckDBPyConnection, numbering: Numbering, labels: Index) -> None:
    """The tables `person` and `member` that links are told by."""
    con.register("made", pa.table({"record_id": numbering.ids, "label": labels}))
    con.execute(
        "create or replace temp table person as"
        " select (row_number() over (order by record_id) - 1)::bigint rid, record_id from made"
    )
    con.unregister("made")
    con.register("made", pa.table({"rid": np.arange(len(labels)), "person_id": labels}))
    con.execute("create or replace temp table member as select * from made")
    con.unregister("made")


def _clusters(labels: Index, again: Flags, numbering: Numbering) -> list[list[str]]:
    """Record ids by cluster, in the order of their first."""
    numbers = np.flatnonzero(again)
    found: dict[int, list[str]] = {}
    ids = numbering.ids[numbers].tolist()
    for label, record_id in zip(labels[numbers].tolist(), ids, strict=True):
        found.setdefault(label, []).append(record_id)
    return list(found.values())


_EDGES = """
select a.record_id record_a, b.record_id record_b, e.p, e.decided_by, e.words, e.reasons, e.place
from edge e join person a on a.rid = e.i join person b on b.rid = e.j
semi join again g on g.rid = e.i
"""
