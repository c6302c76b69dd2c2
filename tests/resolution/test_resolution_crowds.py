"""One person many hundred times, and as many people of one name, where a model decides."""

from __future__ import annotations

import pytest

from tests.resolution.builders import Row, lives, record, snapshot
from tests.resolution.test_resolution_learning import County, county, opened, pairs_of

COPIES, NAMESAKES = 600, 700


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[Row], list[Row]]:
    """Who is who, and the records of one person and of the namesakes."""
    folder = tmp_path_factory.mktemp("crowd")
    records, stays, person = county(7)
    one = [
        record(
            f"c{n}",
            "police/niche",
            given_name="Bartholomew",
            family_name="Quill",
            birth_date="1971-03-09",
            sex="male",
        )
        for n in range(COPIES)
    ]
    stays += [lives(row, "4 Elm Road, Walsall", "WS1 1AA") for row in one]
    others = [
        record(
            f"n{n}",
            "police/niche",
            given_name="Mary",
            family_name="Shaw",
            birth_date=f"{1930 + n // 28 % 80}-{1 + n // 2240 % 12:02}-{1 + n % 28:02}",
        )
        for n in range(NAMESAKES)
    ]
    all_of_them = County(
        snapshot(folder / "s", [*records, *one, *others], stays), records, person, folder
    )
    for register in opened(folder):
        resolved, trained = all_of_them.resolve(register)
        assert trained is not None
        return pairs_of(resolved), one, others
    raise AssertionError


def test_hundreds_of_copies_of_a_record_are_one_person(
    crowd: tuple[dict[str, str], list[Row], list[Row]],
) -> None:
    found, one, _ = crowd
    assert len({found[row["record_id"]] for row in one}) == 1


def test_people_who_share_a_name_alone_stay_apart(
    crowd: tuple[dict[str, str], list[Row], list[Row]],
) -> None:
    found, _, others = crowd
    assert len({found[row["record_id"]] for row in others}) > 0.98 * NAMESAKES
