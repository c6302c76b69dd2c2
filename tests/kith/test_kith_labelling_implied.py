"""What follows from answers is not asked."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kith.labelling.implied import Implied, Pair


def told(*answers: tuple[str, str, str | None]) -> Implied:
    implied = Implied()
    implied.take(((a, b), verdict) for a, b, verdict in answers)
    return implied


def test_the_same_as_the_same_is_the_same_and_other_than_it_is_other() -> None:
    implied = told(("a", "b", "same"), ("b", "c", "same"), ("c", "d", "different"))
    asked: list[Pair] = [("a", "c"), ("a", "d"), ("d", "e"), ("a", "e"), ("b", "c")]
    assert implied.places(asked) == {0, 1, 4}


def test_two_who_differ_from_a_third_may_be_one() -> None:
    implied = told(("a", "b", "different"), ("b", "c", "different"))
    assert implied.places([("a", "c")]) == set()


def test_what_is_unsure_or_undone_decides_nothing() -> None:
    implied = told(("a", "b", "same"), ("b", "c", "unsure"), ("c", "d", "same"))
    assert implied.places([("a", "c"), ("a", "d")]) == set()
    implied.take([(("b", "c"), "same")])
    assert implied.places([("a", "d")]) == {0}
    implied.take([(("a", "b"), None)])
    assert implied.places([("a", "d"), ("b", "d")]) == {1}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["same", "different"])),
        max_size=25,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_answers_does_not_matter(
    answers: list[tuple[int, int, str]], draw: random.Random
) -> None:
    given_answers = {(f"r{min(a, b)}", f"r{max(a, b)}"): v for a, b, v in answers if a != b}
    pairs = [(f"r{a}", f"r{b}") for a in range(10) for b in range(a + 1, 10)]
    one, other, shuffled = Implied(), Implied(), list(given_answers.items())
    one.take(shuffled)
    draw.shuffle(shuffled)
    for each in shuffled:
        other.take([each])
        other.places(pairs)
    assert one.places(pairs) == other.places(pairs)
    assert {place for place, pair in enumerate(pairs) if pair in given_answers} <= one.places(pairs)
