"""A hundred thousand records with one date of birth, filled in where none was known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.resolution.builders import NHS_NUMBERS, Row, people, record, snapshot
from tests.resolution.test_resolution_learning import County, opened

COUNT, TWINS = 100_000, len(NHS_NUMBERS)
DATE = "1900-01-01"


def crowd() -> list[Row]:
    """Everybody of a name of their own, mostly; some are there twice, with their number."""
    draw = random.Random(5)

    def names(count: int, letters: int) -> list[str]:
        return ["".join(draw.choices("abdeghiklmnoprstu", k=letters)).title() for _ in range(count)]

    given, family = names(2_000, 6), names(8_000, 7)
    rows = [
        record(
            str(n),
            given_name=draw.choice(given),
            family_name=draw.choice(family),
            birth_date=DATE,
            nhs_number=NHS_NUMBERS[n] if n < TWINS else None,
        )
        for n in range(COUNT)
    ]
    twins = [
        record(
            f"t{n}",
            "police/niche",
            **{name: rows[n][name] for name in ("given_name", "family_name", "nhs_number")},
            birth_date=DATE,
        )
        for n in range(TWINS)
    ]
    return [*rows, *twins]


@pytest.mark.slow
def test_a_default_date_joins_nobody_and_does_not_hold_up_a_run(tmp_path: Path) -> None:
    rows = crowd()
    listed = County(snapshot(tmp_path / "s", rows, []), rows, {}, tmp_path)
    for register in opened(tmp_path):
        found = people(listed.resolve(register)[0])
    assert len(set(found.values())) == COUNT
    for row, twin in zip(rows, rows[COUNT:], strict=False):
        assert found[row["record_id"]] == found[twin["record_id"]]
