"""Pairs that no comparison tells apart count as so many of one pattern."""

from __future__ import annotations

import numpy as np
import pytest

from resolution.unsupervised.levels import Compared
from resolution.unsupervised.patterns import patterns

FLOAT = np.float32


def some(pairs: int) -> dict[str, Compared]:
    dice = np.random.default_rng(4)
    bits = dice.choice([3.0, 7.5], pairs).astype(FLOAT)
    return {
        "name": Compared(
            levels=dice.integers(0, 3, pairs), size=3, feature="name", equal=(2,), bits=bits
        ),
        "sex": Compared(levels=dice.integers(0, 2, pairs), size=2, feature="sex"),
    }


def told(found: dict[str, Compared], place: int) -> tuple[float, ...]:
    """What a pair's comparisons tell: rarity only of what is the same."""
    name, sex = found["name"], found["sex"]
    assert name.bits is not None
    rarity = name.bits[place] if name.levels[place] == 2 else 0.0
    return int(name.levels[place]), float(rarity), int(sex.levels[place])


def test_a_pattern_tells_what_each_of_its_pairs_tells() -> None:
    found = some(200)
    made = patterns(found, 200)
    assert [told(found, pair) for pair in range(200)] == [
        told(dict(made.compared), pattern) for pattern in made.of_pair
    ]


def test_patterns_differ_and_count_every_pair() -> None:
    found = some(200)
    made = patterns(found, 200)
    assert made.count.sum() == 200
    each = [told(dict(made.compared), pattern) for pattern in range(len(made.count))]
    assert len(set(each)) == len(each) == 8


def test_the_total_is_that_of_its_pairs() -> None:
    found = some(50)
    made = patterns(found, 50)
    values = np.arange(50.0)
    for pattern, total in enumerate(made.total(values, slice(None))):
        assert total == pytest.approx(values[made.of_pair == pattern].sum())
    third = slice(None, None, 3)
    assert made.total(values[third], third).sum() == pytest.approx(3 * values[third].sum(), rel=0.1)


def test_of_no_pairs_there_is_no_pattern() -> None:
    assert len(patterns(some(0), 0).count) == 0
