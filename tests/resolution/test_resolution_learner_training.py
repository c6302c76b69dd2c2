"""Labels as dedupe's training JSON: dedupe reads them, they come back, hostile files do nothing."""

from __future__ import annotations

import datetime as dt
import json
import stat
from pathlib import Path
from typing import Any

import dedupe
import pytest
from dedupe import serializer
from dedupe.variables.string import StringType

from resolution.errors import QuestionsError
from resolution.learner import SourceKey, export_training, import_training, match_records
from resolution.learner import training_files as module

RECORDS: dict[str, dict[str, Any]] = {
    f"r{n}": {
        "record_id": f"r{n}",
        "agency": "police",
        "dataset": "niche",
        "source_key": f"N-{n}",
        "given_name": name,
        "family_name": "Ó Briain\u2028\"'",
        "birth_date": "1990-02",
        "dead": False,
        "updated_on": dt.date(2026, 1, 2),
        "nhs_number": "",
        "address": "12 Alder Road",
        "postcode": "WS1 1AA",
        "not_a_field": "left out",
    }
    for n, name in enumerate(["Ann", "Anne", "Bob", "Rob", "Cat", None])
}
LABELS = [
    ("r0", "r1", "same"),
    ("r2", "r3", "different"),
    ("r4", "r5", "unsure"),
    ("r1", "r0", "different"),
    ("r0", "gone", "same"),
]


def key(number: int) -> SourceKey:
    return SourceKey("police", "niche", f"N-{number}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "training.json"
    export_training(path, RECORDS, LABELS)
    return path


def test_labels_come_back(file: Path) -> None:
    assert import_training(file) == [
        (key(0), key(1), "same"),
        (key(2), key(3), "different"),
        (key(1), key(0), "different"),
    ]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    done = export_training(tmp_path / "t.json", RECORDS, LABELS)

    assert (done.written, done.unsure, done.unknown) == (3, 1, 1)


def test_dedupe_reads_the_file_and_writes_it_the_same(file: Path, tmp_path: Path) -> None:
    with file.open(encoding="utf-8") as given:
        read = serializer.read_training(given)
    again = tmp_path / "again.json"
    with again.open("w", encoding="utf-8") as out:
        serializer.write_training(read, out)

    assert again.read_bytes() == file.read_bytes()
    left, right = read["match"][0]
    assert isinstance(read["match"][0], tuple)
    assert left.keys() == right.keys() == set(module.FIELDS)
    assert left["updated_on"] == "2026-01-02"
    assert left["nhs_number"] is None
    assert left["family_name"] == RECORDS["r0"]["family_name"]


def test_dedupe_is_trained_from_the_file(file: Path) -> None:
    fields = [StringType("given_name", has_missing=True), StringType("family_name")]
    matcher = dedupe.Dedupe(fields, num_cores=0)

    with file.open(encoding="utf-8") as given:
        matcher.mark_pairs(serializer.read_training(given))

    assert len(matcher.training_pairs["match"]) == 1
    assert len(matcher.training_pairs["distinct"]) == 2


def test_what_dedupe_wrote_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "dedupes.json"
    sides: Any = [
        {"agency": "nhs", "dataset": "pds", "source_key": str(n), "name": "x"} for n in (1, 2)
    ]
    with path.open("w", encoding="utf-8") as out:
        serializer.write_training({"match": [tuple(sides)], "distinct": []}, out)

    assert import_training(path) == [
        (SourceKey("nhs", "pds", "1"), SourceKey("nhs", "pds", "2"), "same")
    ]


def test_no_labels_are_a_file_too(tmp_path: Path) -> None:
    export_training(tmp_path / "none.json", {}, [])

    assert import_training(tmp_path / "none.json") == []


def test_only_the_owner_reads_the_file(file: Path) -> None:
    file.chmod(0o644)
    export_training(file, RECORDS, LABELS)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_unknown_records_are_counted(file: Path) -> None:
    known = {key(n): f"here{n}" for n in (0, 1, 2)} | {key(3): "here2"}

    found = match_records(import_training(file), known)

    assert found.labels == [("here0", "here1", "same"), ("here1", "here0", "different")]
    assert found.unknown == 1


SECRET = "Mary-Secret"
PAIR = [{"given_name": SECRET, "source_key": "1", "agency": "a"}, {"given_name": SECRET}]
NAMED = {"agency": "a", "dataset": "d", "source_key": "k", "given_name": SECRET}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not dedupe's training JSON"),
        (SECRET.encode(), "not dedupe's training JSON"),
        (b"\xff\xfe" + SECRET.encode("utf-16-le"), "not dedupe's training JSON"),
        (b"[" * 200_000, "not dedupe's training JSON"),
        (b"9" * 10_000, "not dedupe's training JSON"),
        (b'{"__class__": "frozenset"}', "not dedupe's training JSON"),
        (b'{"__class__": "frozenset", "__value__": [[1]]}', "not dedupe's training JSON"),
        (b'{"__class__": "tuple", "__value__": 3}', "not dedupe's training JSON"),
        (json.dumps([PAIR]).encode(), "no object"),
        (json.dumps(SECRET).encode(), "no object"),
        (json.dumps({"match": [], "distinct": SECRET}).encode(), "distinct is no list"),
        (json.dumps({"match": {SECRET: 1}}).encode(), "match is no list; distinct is no list"),
        (json.dumps({"match": [PAIR[:1]], "distinct": []}).encode(), "1 of 1 in match"),
        (json.dumps({"match": [], "distinct": [SECRET, PAIR]}).encode(), "1 of 2 in distinct"),
        (json.dumps({"match": [[SECRET, None]], "distinct": []}).encode(), "1 of 1 in match"),
        (json.dumps({"match": [PAIR], "distinct": []}).encode(), "1 of 1 pairs do not name"),
        (
            json.dumps({"match": [[NAMED, NAMED | {"source_key": 7}]], "distinct": []}).encode(),
            "1 of 1 pairs do not name",
        ),
        (
            json.dumps({"match": [[NAMED, NAMED | {"agency": {}}]], "distinct": []}).encode(),
            "1 of 1 pairs do not name",
        ),
    ],
)
def test_what_is_no_training_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(content)

    with pytest.raises(QuestionsError, match=says) as caught:
        import_training(path)

    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_too_large_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", file.stat().st_size - 1)

    with pytest.raises(QuestionsError, match="too large"):
        import_training(file)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="cannot be read"):
        import_training(tmp_path / "nowhere.json")
    with pytest.raises(QuestionsError, match="cannot be read"):
        import_training(tmp_path)
    with pytest.raises(QuestionsError, match="cannot be written"):
        export_training(tmp_path / "no" / "folder.json", RECORDS, LABELS)


def test_an_unknown_verdict_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="not 'maybe'"):
        export_training(tmp_path / "t.json", RECORDS, [("r0", "r1", "maybe")])

    assert not (tmp_path / "t.json").exists()
