"""The pool of questions: what is written is read, and nothing broken is taken for a pool."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from resolution.errors import QuestionsError
from resolution.questions import Pool, read_pool, write_pool


def a_pool(count: int = 3, width: int = 2, form: str = "records", **changes: Any) -> Pool:
    rng = np.random.default_rng(count)
    parts: dict[str, Any] = {
        "form": form,
        "record_a": [f"a{n}" for n in range(count)],
        "record_b": [f"b{n}" for n in range(count)],
        "members_a": [[f"a{n}"] for n in range(count)],
        "members_b": [[f"b{n}", f"c{n}"] for n in range(count)],
        "vectors": rng.random((count, width), dtype=np.float32),
        "names": tuple(f"name {n}" for n in range(width)),
        "directions": np.ones(width, np.int8),
        "prior": rng.normal(size=count),
        "control": rng.random(count) < 0.5,
        "weight": rng.random(count) * 10,
    }
    return Pool(**(parts | changes))


@pytest.mark.parametrize(("count", "width"), [(0, 0), (0, 2), (1, 1), (3, 0), (50, 7)])
@pytest.mark.parametrize("form", ["records", "clusters"])
def test_what_is_written_is_read(tmp_path: Path, count: int, width: int, form: str) -> None:
    given = a_pool(count, width, form)

    write_pool(tmp_path / "questions", form, given)
    got = read_pool(tmp_path / "questions", form)

    for part in dataclasses.fields(Pool):
        one, other = getattr(given, part.name), getattr(got, part.name)
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
            assert one.dtype == other.dtype
        else:
            assert one == other


def test_writing_again_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    write_pool(tmp_path, "records", a_pool(3))
    write_pool(tmp_path, "records", a_pool(5))

    assert len(read_pool(tmp_path, "records")) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["pairs.parquet"]


def test_a_missing_pool_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="no questions about clusters"):
        read_pool(tmp_path, "clusters")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all" * 50])
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pairs.parquet").write_bytes(content)

    with pytest.raises(QuestionsError, match="broken"):
        read_pool(tmp_path, "records")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    write_pool(tmp_path, "records", a_pool(50))
    path = tmp_path / "pairs.parquet"
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(QuestionsError, match="broken"):
        read_pool(tmp_path, "records")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    write_pool(tmp_path, "records", a_pool())
    path = tmp_path / "pairs.parquet"
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)

    with pytest.raises(QuestionsError, match="broken"):
        read_pool(tmp_path, "records")


def test_a_pool_of_one_form_is_not_read_as_the_other(tmp_path: Path) -> None:
    write_pool(tmp_path, "records", a_pool())
    (tmp_path / "pairs.parquet").rename(tmp_path / "clusters.parquet")

    with pytest.raises(QuestionsError, match="another form"):
        read_pool(tmp_path, "clusters")
    with pytest.raises(QuestionsError, match="of records was given"):
        write_pool(tmp_path, "clusters", a_pool())


def test_an_unknown_form_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="not about"):
        read_pool(tmp_path, "../records")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"vectors": np.full((3, 2), np.nan, np.float32)}, "not a number in name 0"),
        ({"vectors": np.full((3, 2), np.inf, np.float32)}, "not a number in name 1"),
        ({"vectors": np.zeros((3, 1), np.float32)}, "2 numbers each"),
        ({"vectors": np.zeros((2, 2), np.float32)}, "2 of vectors for 3 pairs"),
        ({"record_b": ["b"]}, "1 of record_b for 3 pairs"),
        ({"prior": np.array([0, np.nan, 0])}, "prior"),
        ({"weight": np.array([1.0, -1, 1])}, "weight"),
        ({"directions": np.array([1, 2], np.int8)}, "directions"),
        ({"names": ("x", "x")}, "one name"),
        ({"form": "people"}, "unknown form"),
    ],
)
def test_a_pool_that_does_not_fit_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(QuestionsError, match=says):
        a_pool(**changes)
