"""Invented numbers are well formed and can belong to nobody."""

from __future__ import annotations

import re

import numpy as np
from nhs_number.validate import is_valid
from stdnum.gb import upn

from areas.maker.columns import stream, texts
from areas.maker.numbers import (
    landlines,
    mobiles,
    nhs_numbers,
    story_nhs_numbers,
    upns,
    uprns,
)


def test_nhs_numbers_are_valid_distinct_and_synthetic() -> None:
    numbers = list(nhs_numbers(stream(1, "t"), 5_000))
    assert len(set(numbers)) == 5_000
    assert all(is_valid(number) for number in numbers)
    assert all(number.startswith("999") for number in numbers)


def test_the_stories_numbers_are_never_given_to_others() -> None:
    told = set(story_nhs_numbers(100))
    everyone = set(nhs_numbers(stream(3, "t"), 950_000))
    assert len(told) == 100
    assert len(everyone) > 900_000
    assert not told & everyone


def test_upns_pass_the_check_of_another_library() -> None:
    count = 500
    council = texts(["335"] * count)
    made = upns(council, np.arange(count) % 20 + 2005, np.arange(count) * 37)
    assert all(upn.is_valid(number) for number in made)


def test_telephones_are_for_drama_only() -> None:
    drama = re.compile(
        r"07700 900\d{3}|01632 960\d{3}|0113 496 0\d{3}|0117 496 0\d{3}|0121 496 0\d{3}"
        r"|029 2018 0\d{3}|020 7946 0\d{3}"
    )
    rng = stream(1, "t")
    for number in [*mobiles(rng, 300), *landlines(rng, 300)]:
        assert drama.fullmatch(number), number


def test_property_numbers_are_distinct_and_of_our_own_prefix() -> None:
    made = list(uprns(stream(1, "t"), 20_000))
    assert len(set(made)) == 20_000
    assert all(re.fullmatch(r"99900\d{7}", number) for number in made)
