"""Lists of people that nobody and no number tells of: what they tell themselves, and no more."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.addresses import resolve_addresses
from resolution.matched import Matching
from resolution.matching import match_records
from resolution.prepare import open_workspace, prepare
from resolution.rules import read_ladder
from resolution.scores import Scores, score
from resolution.unsupervised import Evidence, fit_evidence
from resolution.unsupervised.evidence import LIMIT
from resolution.unsupervised.levels import compare
from resolution.whereabouts import find_whereabouts
from tests.resolution.builders import Row, record, snapshot

_SYLLABLES = ["ka", "lo", "mi", "ren", "ta", "vor", "sel", "du", "pa", "nix", "bro", "zan"]
_SOURCES = ("police/niche", "nhs/pds")

Match = Callable[[list[Row]], Matching]


def name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.choice([2, 3]))).title()


def slip(chance: random.Random, text: str) -> str:
    place = chance.randrange(len(text))
    return text[:place] + chance.choice("aeiorst") + text[place + 1 :]


def listed(people: int, seed: int, copies: int) -> tuple[list[Row], list[int]]:
    """People of few names and one town, each recorded so often, with slips; and who is who."""
    chance = random.Random(seed)
    given_names = [name(chance) for _ in range(60)]
    family_names = [name(chance) for _ in range(150)]
    records, person = [], []
    for number in range(people):
        given, family = chance.choice(given_names), chance.choice(family_names)
        born = f"{chance.randint(1940, 2020)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        for copy in range(copies):
            fault = chance.random()
            fields = {
                "given_name": slip(chance, given) if fault < 0.15 else given,
                "family_name": slip(chance, family) if 0.15 <= fault < 0.3 else family,
                "birth_date": slip_of_date(chance, born) if 0.3 <= fault < 0.4 else born,
            }
            records.append(record(f"{number}-{copy}", _SOURCES[copy % 2], **fields))
            person.append(number)
    return records, person


def slip_of_date(chance: random.Random, born: str) -> str | None:
    return None if chance.random() < 0.5 else f"{born[:8]}{chance.randint(1, 28):02}"


@pytest.fixture
def match(tmp_path: Path) -> Match:
    def matched(records: list[Row]) -> Matching:
        with open_workspace() as con:
            whole = snapshot(tmp_path / "s", records)
            prepare(con, whole)
            resolve_addresses(con, whole, None)
            find_whereabouts(con, whole)
            return match_records(con, read_ladder(), [])

    return matched


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matching, list[int]]:
    records, _ = listed(1_500, 3, 2)
    con: duckdb.DuckDBPyConnection = open_workspace()
    whole = snapshot(tmp_path_factory.mktemp("list") / "s", records)
    prepare(con, whole)
    resolve_addresses(con, whole, None)
    find_whereabouts(con, whole)
    keys = con.execute("select source_key from numbered order by rid").fetchall()
    return match_records(con, read_ladder(), []), [int(key.split("-")[0]) for (key,) in keys]


def evidence_of(matching: Matching) -> Evidence:
    assert matching.trained is not None
    evidence = matching.trained.pair.evidence
    assert evidence is not None
    return evidence


def test_a_list_of_names_and_dates_tells_who_is_who(learned: tuple[Matching, list[int]]) -> None:
    matching, person = learned
    found: Scores = score(person, matching.labels)
    assert found.precision > 0.98
    assert found.recall > 0.8


def test_what_is_promised_is_found(learned: tuple[Matching, list[int]]) -> None:
    matching, person = learned
    pairs, who = matching.candidates.pairs, np.array(person)
    odds = evidence_of(matching).log_odds(matching.candidates.vectors(pairs.left, pairs.right))
    same = who[pairs.left] == who[pairs.right]
    assert same[odds > 2].mean() > 0.97
    assert same[odds < -4].mean() < 0.03


def test_reasons_add_up_and_what_is_stored_answers_the_same(
    learned: tuple[Matching, list[int]],
) -> None:
    matching, _ = learned
    evidence, pairs = evidence_of(matching), matching.candidates.pairs
    vectors = matching.candidates.vectors(pairs.left, pairs.right)
    odds = evidence.log_odds(vectors)
    assert np.allclose(evidence.contributions(vectors).sum(axis=1), odds)
    again = Evidence.from_json(json.loads(json.dumps(evidence.to_json())))
    assert np.array_equal(again.log_odds(vectors), odds)
    turned = matching.candidates.vectors(pairs.right, pairs.left)
    assert np.array_equal(evidence.log_odds(turned), odds)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_any_vector_has_finite_odds_and_known_levels(
    learned: tuple[Matching, list[int]], data: st.DataObject
) -> None:
    evidence = evidence_of(learned[0])
    numbers = st.floats(-50, 50, width=32)
    width = len(evidence.names)
    vector = data.draw(st.lists(numbers, min_size=width, max_size=width))
    rows = np.array([vector], dtype=np.float32)
    assert abs(float(evidence.log_odds(rows)[0])) <= LIMIT
    for each in compare(rows, evidence.names).values():
        assert 0 <= int(each.levels[0]) < each.size


def test_a_list_without_duplicates_links_hardly_anybody(match: Match) -> None:
    records, person = listed(3_000, 5, 1)
    found = match(records)
    assert len(set(found.labels.tolist())) > 0.995 * len(person)


def test_namesakes_without_dates_of_birth_are_not_one_person(match: Match) -> None:
    records, person = listed(2_000, 7, 1)
    found = match([row | {"birth_date": None} for row in records])
    assert len(set(found.labels.tolist())) > 0.99 * len(person)


@pytest.mark.parametrize("count", [1, 2, 50])
def test_a_few_records_are_left_to_the_rules(match: Match, count: int) -> None:
    records, _ = listed(count, 9, 2)
    assert match(records).trained is None


def test_without_pairs_there_is_nothing_to_learn_from() -> None:
    nobody = np.zeros(0, np.int64)

    def never(_left: object, _right: object) -> np.ndarray:
        raise AssertionError

    made = fit_evidence(never, (), nobody, nobody, never, records=900, people=900)
    assert made is None
