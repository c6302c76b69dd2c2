"""The figures, against partitions whose figures are known, and truth files that are wrong."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.snapshot import Resolved, Snapshot
from resolution import TruthError, evaluate
from resolution.scores import score
from tests.resolution.builders import Row, lives, record, snapshot
from tests.resolution.conftest import Resolve

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14)


def slow_scores(true: Sequence[int], made: Sequence[int]) -> tuple[float, float, float, float]:
    """Precision and recall, pairwise and B-cubed, straight from their definitions."""
    pairs = list(itertools.combinations(range(len(true)), 2))
    in_true = {pair for pair in pairs if true[pair[0]] == true[pair[1]]}
    in_made = {pair for pair in pairs if made[pair[0]] == made[pair[1]]}
    both = len(in_true & in_made)
    groups = [
        (
            {j for j, label in enumerate(true) if label == true[i]},
            {j for j, label in enumerate(made) if label == made[i]},
        )
        for i in range(len(true))
    ]
    return (
        both / len(in_made) if in_made else 1.0,
        both / len(in_true) if in_true else 1.0,
        sum(len(t & m) / len(m) for t, m in groups) / len(groups),
        sum(len(t & m) / len(t) for t, m in groups) / len(groups),
    )


@given(both=labels)
def test_figures_agree_with_their_definitions(both: list[tuple[int, int]]) -> None:
    true, made = [a for a, _ in both], [b for _, b in both]
    found = score(true, made)
    expected = slow_scores(true, made)
    assert (
        found.precision,
        found.recall,
        found.bcubed_precision,
        found.bcubed_recall,
    ) == pytest.approx(expected)
    groups = [
        {frozenset(i for i, label in enumerate(side) if label == value) for value in side}
        for side in (true, made)
    ]
    exact = 2 * len(groups[0] & groups[1]) / (len(groups[0]) + len(groups[1]))
    assert found.cluster_f1 == pytest.approx(exact)


def test_nothing_to_compare_is_perfect() -> None:
    assert score([], []).f1 == 1.0


def two_people(tmp_path: Path, resolve: Resolve) -> tuple[Snapshot, Resolved, list[Row]]:
    shared = {"family_name": "Shaw", "birth_date": "1984-03-09"}
    everyone = [
        record("1", given_name="Ada", **shared),
        record("2", "nhs/pds", given_name="Ada", **shared),
        record("3", "nhs/pds", given_name="Tom", family_name="Reed", birth_date="1951-01-20"),
    ]
    stays = [lives(row, "12 Alder Road", "WS1 1AA") for row in everyone]
    given = snapshot(tmp_path / "s", everyone, stays)
    return given, resolve(given), everyone


GOOD = "agency,system,source_key,person\npolice,niche,1,A\nnhs,pds,2,A\nnhs,pds,3,B\n"


def test_people_and_households_are_judged(tmp_path: Path, resolve: Resolve) -> None:
    given, resolved, _ = two_people(tmp_path, resolve)
    truth = tmp_path / "truth.csv"
    truth.write_text(GOOD + "nhs,pds,404,C\n", encoding="utf-8")
    (tmp_path / "truth_households.csv").write_text(
        "address,person,from,to\nD1,A,2001-01-01,\nD1,B,2001-01-01,\nD2,B,1990-01-01,2001-01-01\n",
        encoding="utf-8",
    )
    found = evaluate(truth, resolved, given)
    assert (found.people.f1, found.people.records, found.not_loaded) == (1.0, 3, 1)
    assert found.households is not None
    assert (found.households.f1, found.households.true_pairs) == (1.0, 1)
    printed = {row[0]: row[1:] for row in found.table()}
    assert printed["F1"] == ("1.0000", "1.0000")
    assert json.loads(json.dumps(found.as_json()))["people"]["recall"] == 1.0


def test_without_a_file_of_households_they_are_left_out(tmp_path: Path, resolve: Resolve) -> None:
    given, resolved, _ = two_people(tmp_path, resolve)
    truth = tmp_path / "truth.csv"
    truth.write_text(GOOD, encoding="utf-8")
    assert evaluate(truth, resolved, given).households is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("agency,system,source_key,person\n", "no rows"),
        ("agency,key\na,b\n", "no column 'system'; it has no column 'source_key'"),
        ("agency,system,source_key,person\npolice,niche,1,\n", "values are missing in line 2"),
        (GOOD + "nhs,pds,3,C\n", "there twice in line 5"),
        (GOOD + "nhs,pds,4,C,D\n", "number of columns is wrong in line 5"),
        (GOOD + "nhs,pds\n", "number of columns is wrong in line 5"),
        ("agency,system,source_key,person\nx,y,secret-key,P\n", "names none of the records"),
    ],
)
def test_a_wrong_truth_file_is_explained(
    tmp_path: Path, resolve: Resolve, text: str, words: str
) -> None:
    given, resolved, _ = two_people(tmp_path, resolve)
    truth = tmp_path / "truth.csv"
    truth.write_text(text, encoding="utf-8")
    with pytest.raises(TruthError) as caught:
        evaluate(truth, resolved, given)
    assert words in str(caught.value)
    assert "secret-key" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path, resolve: Resolve) -> None:
    given, resolved, _ = two_people(tmp_path, resolve)
    noise = tmp_path / "noise.csv"
    noise.write_bytes(b"\xff\xfe\x00\x80")
    for path in (tmp_path / "none.csv", noise):
        with pytest.raises(TruthError, match="cannot be read"):
            evaluate(path, resolved, given)
