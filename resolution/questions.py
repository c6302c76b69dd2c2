"""The pool of questions that a run leaves for stewards: pairs, their vectors, what they stand for.

Invariant: a pool that could be made is whole: every column has as many rows as there are pairs,
every vector is finite and as long as there are names. On disk it is complete when it exists (it
is written beside and renamed into place); names and directions stand in the file's metadata, so
that vectors are never read with the names of another version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resolution.errors import QuestionsError

_FILES = {"records": "pairs.parquet", "clusters": "clusters.parquet"}
_META = b"kith.pool"
_VERSION = 1
_COLUMNS = ("record_a", "record_b", "members_a", "members_b", "prior", "control", "weight")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Pairs that may be asked about, n of them, each with a comparison vector of k numbers.

    Args:
        form: "records" (are these two records one person?) or "clusters" (are these two people?).
        record_a: one record id for each pair; for clusters, of the strongest pair across the two.
        record_b: the other record id.
        members_a: the records of that side; one for the form "records".
        members_b: the records of the other side.
        vectors: comparison vectors, (n, k).
        names: what each of the k numbers is.
        directions: per number, +1 more is more alike, -1 more is less alike, 0 neither.
        prior: log odds that the two are one person, made without any label.
        control: drawn at random from all candidates with a known weight, to estimate from.
        weight: how many candidate pairs of the whole file each pair stands for.

    Raises:
        QuestionsError: the parts do not fit each other, or a number is not finite.
    """

    form: str
    record_a: list[str]
    record_b: list[str]
    members_a: list[list[str]]
    members_b: list[list[str]]
    vectors: NDArray[np.float32]
    names: tuple[str, ...]
    directions: NDArray[np.int8]
    prior: NDArray[np.float64]
    control: NDArray[np.bool_]
    weight: NDArray[np.float64]

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise QuestionsError("this pool of questions cannot be used: " + "; ".join(faults))

    def __len__(self) -> int:
        return len(self.record_a)


def write_pool(folder: Path, form: str, pool: Pool) -> None:
    """Writes a pool into the folder, in place of an earlier one of its form."""
    if pool.form != form:
        raise QuestionsError(f"a pool of {pool.form} was given where one of {form} belongs")
    path = _path(folder, form)
    beside = path.with_name(f".{path.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(pool), beside, compression="zstd")
        beside.replace(path)
    except OSError as error:
        raise QuestionsError(f"questions cannot be written to {path}: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def read_pool(folder: Path, form: str) -> Pool:
    """The pool of a form that a run left in the folder.

    Raises:
        QuestionsError: there is none, or it is broken or of another version.
    """
    path = _path(folder, form)
    if not path.is_file():
        raise QuestionsError(f"no questions about {form} are there: {path} is missing")
    try:
        table = pq.ParquetFile(path).read()
        return _pool(table, form)
    except QuestionsError as error:
        raise QuestionsError(f"{path}: {error}") from error
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionsError(f"the questions in {path} are broken; resolve again") from error


def _path(folder: Path, form: str) -> Path:
    if form not in _FILES:
        raise QuestionsError(f"questions are about {' or '.join(_FILES)}, not about {form!r}")
    return folder / _FILES[form]


def _table(pool: Pool) -> pa.Table:
    flat = pa.array(np.ascontiguousarray(pool.vectors, dtype=np.float32).ravel())
    texts = pa.list_(pa.string())
    columns: dict[str, Any] = {
        "record_a": pa.array(pool.record_a, pa.string()),
        "record_b": pa.array(pool.record_b, pa.string()),
        "members_a": pa.array(pool.members_a, texts),
        "members_b": pa.array(pool.members_b, texts),
        "prior": pa.array(pool.prior, pa.float64()),
        "control": pa.array(pool.control, pa.bool_()),
        "weight": pa.array(pool.weight, pa.float64()),
    }
    if pool.names:
        columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, len(pool.names))
    about = {
        "version": _VERSION,
        "form": pool.form,
        "names": pool.names,
        "directions": pool.directions.tolist(),
    }
    return pa.table(columns).replace_schema_metadata({_META: json.dumps(about)})


def _pool(table: pa.Table, form: str) -> Pool:
    about = json.loads((table.schema.metadata or {})[_META])
    if about["version"] != _VERSION or about["form"] != form:
        raise QuestionsError("written for another form or by another version; resolve again")
    names = tuple(about["names"])
    held: dict[str, Any] = {name: table[name].combine_chunks() for name in _COLUMNS}
    vectors = np.zeros((table.num_rows, 0), np.float32)
    if names:
        flat = table["vector"].combine_chunks().flatten()
        vectors = flat.to_numpy(zero_copy_only=False).reshape(table.num_rows, len(names))
    return Pool(
        form=form,
        **{name: held[name].to_pylist() for name in _COLUMNS[:4]},
        **{name: held[name].to_numpy(zero_copy_only=False) for name in _COLUMNS[4:]},
        vectors=vectors,
        names=names,
        directions=np.asarray(about["directions"], dtype=np.int8),
    )


def _faults(pool: Pool) -> list[str]:
    count, width = len(pool.record_a), len(pool.names)
    faults = [] if pool.form in _FILES else ["it is of an unknown form"]
    faults += [
        f"{len(column)} of {name} for {count} pairs"
        for name in (*_COLUMNS[1:], "vectors")
        if len(column := getattr(pool, name)) != count
    ]
    if len(set(pool.names)) != width:
        faults.append("two numbers of a vector have one name")
    if pool.vectors.ndim != 2 or pool.vectors.shape[1] != width:
        faults.append(f"the vectors do not have {width} numbers each")
    elif not np.isfinite(pool.vectors).all():
        bad = np.flatnonzero(~np.isfinite(pool.vectors).all(axis=0))
        faults += [f"not a number in {pool.names[place]}" for place in bad]
    if pool.directions.shape != (width,) or not np.isin(pool.directions, (-1, 0, 1)).all():
        faults.append(f"the directions are not {width} of -1, 0, 1")
    if not np.isfinite(pool.prior).all():
        faults.append("a prior is not a number")
    if not (np.isfinite(pool.weight).all() and (pool.weight >= 0).all()):
        faults.append("a weight is not a positive number")
    return faults
