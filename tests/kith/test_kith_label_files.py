"""Files of labels from elsewhere: odd keys, pairs told both ways, thousands of strangers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from governance import judgements
from kith.labelling.files import ImportedLabels, import_labels
from resolution.errors import QuestionsError
from tests.kith.labelling_builders import LabelHome

Key = tuple[str, str, str]


def side(key: Key, **more: Any) -> dict[str, Any]:
    return {**dict(zip(("agency", "dataset", "source_key"), key, strict=True)), **more}


def write(file: Path, match: list[tuple[Key, Key]], distinct: list[tuple[Key, Key]]) -> Path:
    def listed(pairs: list[tuple[Key, Key]]) -> list[list[dict[str, Any]]]:
        return [[side(one), side(other)] for one, other in pairs]

    text = json.dumps({"match": listed(match), "distinct": listed(distinct)})
    file.write_text(text, encoding="utf-8")
    return file


def taken(label_home: LabelHome, file: Path) -> ImportedLabels:
    return import_labels(label_home.home, label_home.viewer(), label_home.user, file)


def held(label_home: LabelHome) -> dict[tuple[str, str], str]:
    with label_home.home.register.session() as session:
        return {(e.record_a, e.record_b): e.verdict for e in judgements.judgements(session)}


@pytest.mark.parametrize(
    "odd",
    ["\x00", "a\nb", "9" * 100_000, "' or 1=1 --", "ﷺ"],
    ids=["nothing", "two lines", "long", "sql", "ligature"],
)
def test_keys_that_nobody_has_are_unknown(label_home: LabelHome, tmp_path: Path, odd: str) -> None:
    here = list(label_home.keys.values())[:2]
    strange = (here[0][0], here[0][1], odd)
    file = write(tmp_path / "labels.json", [(here[0], here[1]), (here[0], strange)], [])
    assert taken(label_home, file) == ImportedLabels(labels=1, held=0, unknown=1)


def test_half_a_character_is_no_key_and_nothing_is_taken(
    label_home: LabelHome, tmp_path: Path
) -> None:
    here = list(label_home.keys.values())[:2]
    half = (here[0][0], here[0][1], "\ud800")
    file = write(tmp_path / "labels.json", [(here[0], here[1]), (here[0], half)], [])
    with pytest.raises(QuestionsError, match="1 of 2 pairs do not name both records"):
        taken(label_home, file)
    assert held(label_home) == {}


def test_a_pair_told_both_ways_is_taken_as_different(label_home: LabelHome, tmp_path: Path) -> None:
    """To keep apart does less harm than to join, and the file's order says nothing."""
    one, other = list(label_home.keys.values())[:2]
    file = write(tmp_path / "labels.json", [(one, other)], [(other, one)])
    assert taken(label_home, file).labels == 1
    assert list(held(label_home).values()) == ["different"]


def test_a_record_against_itself_is_left_out(label_home: LabelHome, tmp_path: Path) -> None:
    one = next(iter(label_home.keys.values()))
    file = write(tmp_path / "labels.json", [(one, one)], [(one, one)])
    assert taken(label_home, file) == ImportedLabels(labels=0, held=0, unknown=2)
    assert held(label_home) == {}


def test_ten_thousand_labels_of_strangers_are_counted_and_those_from_here_taken(
    label_home: LabelHome, tmp_path: Path
) -> None:
    here = list(label_home.keys.values())[:4]
    strangers = [(("elsewhere", "x", f"{n}"), ("elsewhere", "y", f"{n}")) for n in range(10_000)]
    file = write(tmp_path / "labels.json", [(here[0], here[1]), *strangers], [(here[2], here[3])])
    assert taken(label_home, file) == ImportedLabels(labels=2, held=0, unknown=10_000)
    assert sorted(held(label_home).values()) == ["different", "same"]
