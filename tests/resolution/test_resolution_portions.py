"""Portions come back in order, cover every pair, and their faults are not lost."""

from __future__ import annotations

import time

import pytest

from resolution import portions


def test_portions_cover_every_pair_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_AT_ONCE", 3)

    def work(part: slice) -> list[int]:
        time.sleep(0.02 if part.start == 0 else 0)  # the first is ready last
        return list(range(10))[part]

    found = [each for part in portions.by_portions(10, work) for each in part]
    assert found == list(range(10))


@pytest.mark.parametrize(("count", "portions_made"), [(9, 1), (10, 2), (40, 2), (41, 3)])
def test_few_pairs_are_shared_out_and_very_few_are_not(
    monkeypatch: pytest.MonkeyPatch, count: int, portions_made: int
) -> None:
    monkeypatch.setattr(portions, "_AT_ONCE", 20)
    monkeypatch.setattr(portions, "_LEAST", 9)
    sizes = list(portions.by_portions(count, lambda part: len(range(count)[part])))
    assert len(sizes) == portions_made
    assert sum(sizes) == count


def test_of_no_pairs_there_is_one_empty_portion() -> None:
    assert list(portions.by_portions(0, lambda part: len(range(5)[part]))) == [0]


def test_a_fault_in_a_portion_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "_AT_ONCE", 1)

    def work(part: slice) -> int:
        if part.start == 2:
            raise ValueError("the third")
        return part.start or 0

    with pytest.raises(ValueError, match="the third"):
        list(portions.by_portions(4, work))
