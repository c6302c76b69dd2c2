"""What differs between two values, and the learning curve."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.labels.curve import HEIGHT, WIDTH, curve
from webapp.labels.differing import differing, parts


def marked(value: str, *others: str, by_word: bool = False) -> str:
    """The value with what differs in brackets."""
    found = parts(value, others, by_word=by_word)
    return "".join(f"[{part.text}]" if part.differs else part.text for part in found)


@pytest.mark.parametrize(
    ("value", "other", "left", "right"),
    [
        ("Katherine", "Catherine", "[K]atherine", "[C]atherine"),
        ("Ann", "Anne", "Ann", "Ann[e]"),
        ("Smith", "SMITH", "Smith", "SMITH"),
        ("Smith", "Jones", "Smith", "Jones"),
        ("José", "Jose\N{COMBINING ACUTE ACCENT}", "José", "Jose\N{COMBINING ACUTE ACCENT}"),
        ("Jose\N{COMBINING ACUTE ACCENT}", "Jose", "Jos[e\N{COMBINING ACUTE ACCENT}]", "Jos[e]"),
        ("Straße", "Strasse", "Stra[ß]e", "Stra[ss]e"),
        ("", "Moss", "", "Moss"),
    ],
)
def test_letters_that_differ(value: str, other: str, left: str, right: str) -> None:
    assert marked(value, other) == left
    assert marked(other, value) == right


def test_of_a_date_the_word_that_differs() -> None:
    assert marked("3 Mar 1985", "3 May 1985", by_word=True) == "3 [Mar] 1985"
    assert marked("5 Jan 1960", "3 Mar 1985", by_word=True) == "5 Jan 1960"


def test_a_value_is_held_against_the_nearest_of_several() -> None:
    assert marked("Dean Moss", "Mia Carter", "Dene Moss") == "De[an] Moss"
    assert marked("Dean Moss", "Dene Moss", "Dean Moss") == "Dean Moss"
    assert marked("Dean Moss") == "Dean Moss"


def test_marks_are_told_in_words() -> None:
    assert differing(parts("Katherine", ["Catherene"])) == "“K”, “i”"


@given(st.text(), st.lists(st.text(), max_size=3), st.booleans())
def test_nothing_of_a_value_is_lost(value: str, others: list[str], by_word: bool) -> None:
    found = parts(value, others, by_word=by_word)
    assert "".join(part.text for part in found) == value


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 1)), max_size=60))
def test_the_curve_stays_within_its_frame(points: list[tuple[int, float]]) -> None:
    found = curve(points)
    if found is None:
        assert len(points) < 2
        return
    assert len(found.dots) == min(len(points), 24)
    assert (found.dots[0].labels, found.dots[-1].labels) == (min(points)[0], max(points)[0])
    for dot in found.dots:
        assert 0 <= dot.x <= WIDTH
        assert 0 <= dot.y <= HEIGHT


def test_a_comma_makes_no_other_word_of_a_word() -> None:
    cut = parts("9 Alder Street Walsall", ["9 Alder Street, Walsall, WS3"], by_word=True)
    assert not any(part.differs for part in cut)
