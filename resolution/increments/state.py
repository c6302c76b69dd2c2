"""What linking leaves for a run over a change: every score that need not be worked out again.

Invariant: everything in it follows from the snapshot, the judgements and the model of the run
whose folder it lies in; a state of other rules, settings, model or software is not read.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from governance.judgements import Judgement
from resolution.columns import Index
from resolution.errors import StateError
from resolution.lifespans import Lifespans
from resolution.linking.second_pass import Compared
from resolution.matched import Lost, Matching
from resolution.pairs import ALIKE
from resolution.vectors.similarity import Floats

FOLDER = "state"
TABLES = ("known", "together", "called", "namesake")
"""Tables by record number that stay in files; those of `write_tables`."""

Verdict = tuple[str, str, str, str]
"""Two record ids, what a steward said of them, and who."""

_ABOUT = "about.json"
_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Records:
    """All records in the order of their numbers.

    Attributes:
        ids: record ids.
        numbers: valid NHS numbers; None for none.
        alike: a digest that records alike in everything share.
        spans: when each was alive.
        lasting: the number under which its match keys stand.
    """

    ids: npt.NDArray[np.object_]
    numbers: npt.NDArray[np.object_]
    alike: npt.NDArray[np.uint64]
    spans: Lifespans
    lasting: Index


@dataclass(frozen=True, kw_only=True)
class Held:
    """Scored pairs of records; `added` are those that no key brought together."""

    left: Index
    right: Index
    probability: npt.NDArray[np.float64]
    added: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """Candidate pairs that a rule decided, in order, and the guard that refuses them or -1."""

    left: Index
    right: Index
    rule: npt.NDArray[np.int16]
    refusal: npt.NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round of the second pass: the partition, and its pairs of clusters.

    Attributes:
        labels: the lowest record number of each record's cluster.
        left, right: of each pair of clusters the lowest record numbers.
        rows: comparison vectors.
        likeliest, first, second: the probability of the likeliest pair of records, and that pair.
    """

    labels: Index
    left: Index
    right: Index
    rows: Floats
    likeliest: npt.NDArray[np.float64]
    first: Index
    second: Index


@dataclass(frozen=True, kw_only=True)
class LinkingState:
    """All of it; the tables of `TABLES` and the keys are in the folder."""

    folder: Path
    records: Records
    held: Held
    ruled: Ruled
    labels: Index
    rounds: tuple[Round, ...]
    lost: list[Lost]
    verdicts: set[Verdict]


def basis_of(model: str, *rules: object) -> str:
    """A digest of all that scores follow from beside the records.

    Args:
        model: its version.
        rules: the ladder, the match keys and the settings.
    """
    versions = [importlib.metadata.version(name) for name in ("kithgraph", "duckdb")]
    return hashlib.sha256(repr((_VERSION, versions, model, rules)).encode()).hexdigest()


def round_of(compared: Compared) -> Round:
    """A round's comparison as it is remembered."""
    lowest = np.unique(compared.clusters, return_index=True)[1]
    told = compared.vectors.summaries
    return Round(
        labels=lowest[compared.clusters],
        left=lowest[compared.left],
        right=lowest[compared.right],
        rows=compared.rows,
        likeliest=told.likeliest,
        first=told.first,
        second=told.second,
    )


def held_of(matching: Matching) -> Held:
    """The scored pairs of a run."""
    scored = matching.kept.scored
    return Held(
        left=scored.left,
        right=scored.right,
        probability=scored.probability,
        added=matching.kept.added,
    )


def ruled_of(matching: Matching) -> Ruled:
    """The candidate pairs of a run that a rule decided."""
    pairs, decisions = matching.candidates.pairs, matching.candidates.decisions
    place = np.flatnonzero(decisions.rule >= 0)
    return Ruled(
        left=pairs.left[place],
        right=pairs.right[place],
        rule=decisions.rule[place],
        refusal=decisions.refusal[place],
    )


def records_of(con: duckdb.DuckDBPyConnection, spans: Lifespans) -> Records:
    """Of the records in the table `person`."""
    found: pa.Table = con.sql(_RECORDS).to_arrow_table()
    return Records(
        ids=found["record_id"].to_numpy(),
        numbers=found["nhs_number"].to_numpy(),
        alike=np.array(found["alike"].to_numpy()),
        spans=spans,
        lasting=np.arange(found.num_rows),
    )


def write_tables(con: duckdb.DuckDBPyConnection, folder: Path, records: Records) -> None:
    """Write what linking read of a workspace over all records."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, query in _TABLES.items():
        con.sql(query).write_parquet(str(folder / f"{name}.parquet"))
    write_records(folder, records)


def verdicts(judged: Iterable[Judgement]) -> set[Verdict]:
    """What stewards say, as a run remembers it."""
    return {(each.record_a, each.record_b, each.verdict, each.user_id) for each in judged}


def write_state(folder: Path, basis: str, matching: Matching, judged: Iterable[Judgement]) -> None:
    """Write what linking found, beside the tables."""
    held, ruled = held_of(matching), ruled_of(matching)
    _write(folder / "held.parquet", vars(held))
    _write(folder / "ruled.parquet", vars(ruled))
    _write(folder / "labels.parquet", {"label": matching.labels})
    lost = [pa.array([each[place] for each in matching.lost]) for place in range(4)]
    kinds = (pa.int64(), pa.int64(), pa.float64(), pa.string())
    columns = [column.cast(kind) for column, kind in zip(lost, kinds, strict=True)]
    names = ["left", "right", "probability", "why"]
    pq.write_table(pa.Table.from_arrays(columns, names=names), folder / "lost.parquet")
    for turn, compared in enumerate(matching.rounds):
        _write_round(folder, turn, round_of(compared))
    about = {
        "basis": basis,
        "rounds": len(matching.rounds),
        "verdicts": sorted(verdicts(judged)),
    }
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def is_of(folder: Path, basis: str) -> bool:
    """Whether there is a state of this basis in a folder."""
    return _about(folder).get("basis") == basis


def _about(folder: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about


def read_state(folder: Path, basis: str) -> LinkingState:
    """The state in a folder.

    Raises:
        StateError: if there is none of this basis.
    """
    about = _about(folder)
    if about.get("basis") != basis:
        raise StateError("the run before left nothing to go on from")
    lost = pq.read_table(folder / "lost.parquet").to_pydict()
    return LinkingState(
        folder=folder,
        records=_read_records(folder),
        held=Held(**_read(folder / "held.parquet")),
        ruled=Ruled(**_read(folder / "ruled.parquet")),
        labels=_read(folder / "labels.parquet")["label"],
        rounds=tuple(_read_round(folder, turn) for turn in range(about["rounds"])),
        lost=list(zip(*lost.values(), strict=True)),
        verdicts={tuple(each) for each in about["verdicts"]},
    )


def write_records(folder: Path, records: Records) -> None:
    """Write the table `record` anew."""
    columns: dict[str, Any] = {
        "record_id": pa.array(records.ids, pa.string()),
        "nhs_number": pa.array(records.numbers, pa.string()),
        "alike": records.alike,
        "born": records.spans.born,
        "died": records.spans.died,
        "lasting": records.lasting,
    }
    pq.write_table(pa.table(columns), folder / "record.parquet")


def _read_records(folder: Path) -> Records:
    table = pq.read_table(folder / "record.parquet")
    texts = {name: table[name].to_numpy() for name in ("record_id", "nhs_number")}
    born, died = (np.array(table[name].to_numpy()) for name in ("born", "died"))
    return Records(
        ids=texts["record_id"],
        numbers=texts["nhs_number"],
        alike=np.array(table["alike"].to_numpy()),
        spans=Lifespans(born=born, died=died),
        lasting=np.array(table["lasting"].to_numpy()),
    )


def _write_round(folder: Path, turn: int, found: Round) -> None:
    _write(folder / f"round{turn}.labels.parquet", {"label": found.labels})
    np.save(folder / f"round{turn}.rows.npy", found.rows, allow_pickle=False)
    pairs = {name: value for name, value in vars(found).items() if name not in ("labels", "rows")}
    _write(folder / f"round{turn}.pairs.parquet", pairs)


def _read_round(folder: Path, turn: int) -> Round:
    return Round(
        labels=_read(folder / f"round{turn}.labels.parquet")["label"],
        rows=np.load(folder / f"round{turn}.rows.npy", allow_pickle=False),
        **_read(folder / f"round{turn}.pairs.parquet"),
    )


def _write(file: Path, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    pq.write_table(pa.table(dict(columns)), file)


def _read(file: Path) -> dict[str, Any]:
    table = pq.read_table(file)
    return {name: np.array(table[name].to_numpy()) for name in table.column_names}


_RECORDS = f"select p.record_id, p.nhs_number, {ALIKE} alike from person p order by p.rid"

_TABLES = {
    "known": """
select k.rid, a.mark, k.until, k.since, k.dwelling, k.postcode, k.area, k.home, a.number, a.street
from known k join address a using (address_no)
""",
    "together": "select rid, x from together",
    "called": """
select distinct rid, left(given_sound, 1) given_sound from called where given_sound is not null
""",
    "namesake": "select rid, dwelling from namesake",
}
