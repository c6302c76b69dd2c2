"""A day's difference changes one row in a hundred, and nothing else of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import daily
from bench.data import SAMPLES, Source


@pytest.mark.parametrize(
    ("encoding", "delimiter", "ending"),
    [("utf-8", ",", "\n"), ("utf-8-sig", ",", "\r\n"), ("cp1252", ";", "\r\n")],
)
def test_one_row_in_a_hundred_loses_a_letter_of_the_surname(
    tmp_path: Path, encoding: str, delimiter: str, ending: str
) -> None:
    header = delimiter.join(("unique_id", "first_name", "surname", "dob", "city", "email"))
    lines = [f"{n},Zo\u00eb,Marrable,1980-01-02,,".replace(",", delimiter) for n in range(1000)]
    file = tmp_path / "people.csv"
    file.write_bytes((ending.join([header, *lines]) + ending).encode(encoding))
    source = Source(file=file, dataset="people/fake1000", mapping=SAMPLES / "people-fake1000.toml")
    out = tmp_path / "changed"
    out.mkdir()
    (changed,), count = daily.changed((source,), out)
    before = file.read_text(encoding=encoding).splitlines()
    after = changed.file.read_text(encoding=encoding).splitlines()
    differ = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(differ) == count == 10
    assert all(new == old.replace("Marrable", "Marable") for old, new in differ)
