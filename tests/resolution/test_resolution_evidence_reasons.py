"""What a vector says of two records, in words; every topic's words and that they add up."""

from __future__ import annotations

import numpy as np
import pytest

from resolution.cluster_pairs import companions
from resolution.cluster_pairs.vectors import WORST
from resolution.reasons import SHARED, TOPICS, speaks, tell
from resolution.vectors import FEATURES


def say(**values: float) -> list[str]:
    """What topics say of one pair with these features."""
    vector = np.array([list(values.values())], dtype=np.float32)
    return list(tell(list(values), vector, np.zeros(vector.shape)).words[0])


def test_contributions_of_a_topic_are_summed() -> None:
    names = ["given_written", "sex", "given_alike", "family_alike"]
    vectors = np.array([[1, 1, 1, 0.2], [0.5, -1, 0.5, 1]], dtype=np.float32)
    parts = np.array([[0.5, 0.1, 1.0, -2.0], [-1.0, -0.5, -2.0, 0.5]])
    found = tell(names, vectors, parts)
    assert found.words.tolist() == [
        ["Same forename", "Same sex", "Surnames differ"],
        ["Forenames differ", "Different sex", "Same surname"],
    ]
    assert found.parts.tolist() == [[1.5, 0.1, -2.0], [-3.0, -0.5, 0.5]]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"given_known": 0, "given_alike": 0.6}, "A forename is not known"),
        (
            {"given_known": 1, "given_written": 0.7, "given_form": 1},
            "Forenames are forms of one name",
        ),
        (
            {"given_known": 1, "given_written": 0.7, "given_form": 0.5},
            "One forename is the initial of the other",
        ),
        ({"given_known": 1, "given_written": 0.4, "given_unlike": 1}, "Different forenames"),
        (
            {"given_known": 1, "given_written": 0.9, "given_alike": 0.9},
            "Forenames are written alike",
        ),
        (
            {"family_known": 1, "family_written": 0.3, "family_alike": 0.97},
            "A surname that both have or had",
        ),
        ({"birth_known": 1, "birth_equal": 1}, "Same date of birth"),
        (
            {"birth_known": 1, "birth_turned": 1, "birth_parts": 2.5},
            "Day and month of birth are swapped",
        ),
        (
            {"birth_known": 1, "birth_written": 0.9, "birth_parts": 2},
            "Dates of birth differ by a slip",
        ),
        ({"birth_known": 1, "birth_written": 0.5, "birth_parts": 0}, "Dates of birth differ"),
        ({"birth_known": 0, "birth_parts": 1.2}, "A date of birth is not known"),
        ({"birth_known": 0, "birth_partial": 1, "birth_parts": 0}, "Years of birth differ"),
        ({"nhs_equal": 0, "nhs_near": 0, "nhs_conflict": 1}, "Two different valid NHS numbers"),
        ({"sex": 0}, "Sex is not known of both"),
        ({"place": 0.7}, "Homes are not known of both"),
        ({"place": 0}, "Homes differ"),
        ({"place": 4}, "Same home address"),
        ({"companions": 0, "companions_likely": 0}, "Nobody was seen with both"),
        ({"companions": 1}, "1 other person was seen with both, at different places"),
        ({"companions": 4}, "4 people were seen with both, at different places"),
        ({"companions": 12}, "10 or more people were seen with both, at different places"),
        ({"worst_birth_far": 1}, "Dates of birth are far apart in some of their records"),
        ({"worst_given_alike": 0.6}, "A forename is not known in some of their records"),
        ({"worst_sex": 1}, "Same sex in all their records"),
        ({"best_nhs_equal": 1}, "Same NHS number"),
        ({"never_heard_of_it": 1}, "Never heard of it"),
        ({"without_labels": 1}, "How alike they are as a whole"),
    ],
)
def test_words_depend_on_the_values(values: dict[str, float], words: str) -> None:
    assert say(**values) == [words]


def test_every_feature_has_one_topic_of_words() -> None:
    told = [feature for topic in TOPICS for feature in topic.features]
    assert len(told) == len(set(told))
    missing = {*FEATURES, *companions.NAMES, *WORST} - set(told) - set(SHARED)
    assert not missing


def test_what_is_not_known_or_reads_the_other_way_is_no_reason() -> None:
    assert not speaks("A forename is not known", 1.0)
    assert not speaks("How many records they have", -1.0)
    assert speaks("Same forename", 1.0)
    assert not speaks("Same forename", -1.0)
    assert speaks("Dates of birth differ in some of their records", -1.0)
    assert not speaks("Different forenames", 1.0)


def test_what_is_of_several_topics_is_shared_out_among_them() -> None:
    names = ["given_known", "family_known", "birth_known", "name_and_birth"]
    found = tell(names, np.ones((1, 4), dtype=np.float32), np.array([[1.0, 2.0, 3.0, 0.3]]))
    assert found.parts == pytest.approx(np.array([[1.1, 2.1, 3.1]]))


def test_two_single_records_have_no_other_records() -> None:
    said = say(worst_birth_far=1, pairs=1)
    assert said[0] == "Dates of birth are far apart"
