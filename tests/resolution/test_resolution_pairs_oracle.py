"""Candidate pairs against every pair of records compared by hand."""

from __future__ import annotations

import itertools

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.pairs import candidate_pairs

VALUE = st.sampled_from([None, "a", "b", "c"])
ROW = st.fixed_dictionaries({"phone": VALUE, "nino": VALUE, "birth_day": VALUE})
KEYS = [("phone",), ("nino", "birth_day")]
_COLUMNS = (
    *("given", "middle", "family", "birth", "sex", "nhs_number", "upn", "uln"),
    *("nino", "phone", "email", "birth_day"),
)


def prepared(rows: list[dict[str, str | None]]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"create table person (rid integer, {', '.join(f'{c} varchar' for c in _COLUMNS)})")
    for number, row in enumerate(rows):
        values = [number, *(row.get(column) for column in _COLUMNS)]
        con.execute(f"insert into person values ({', '.join('?' * len(values))})", values)
    return con


def shared(one: dict[str, str | None], other: dict[str, str | None], key: tuple[str, ...]) -> bool:
    return all(one[name] is not None and one[name] == other[name] for name in key)


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, max_size=9))
def test_pairs_are_those_that_share_every_column_of_a_key(
    rows: list[dict[str, str | None]],
) -> None:
    with prepared(rows) as con:
        found = candidate_pairs(con, KEYS, 100)
    expected = {
        (i, j): sum(shared(rows[i], rows[j], key) << place for place, key in enumerate(KEYS))
        for i, j in itertools.combinations(range(len(rows)), 2)
    }
    masks = zip(found.left.tolist(), found.right.tolist(), found.mask.tolist(), strict=True)
    assert {(i, j): mask for i, j, mask in masks} == {p: m for p, m in expected.items() if m}
    assert list(zip(found.left, found.right, strict=True)) == sorted(
        zip(found.left, found.right, strict=True)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, max_size=12), st.integers(min_value=1, max_value=5))
def test_a_block_over_the_cap_gives_chains_of_copies_alone(
    rows: list[dict[str, str | None]], cap: int
) -> None:
    with prepared(rows) as con:
        found = candidate_pairs(con, [("phone",)], cap)
    sizes = {value: sum(row["phone"] == value for row in rows) for value in "abc"}
    for i, j in zip(found.left.tolist(), found.right.tolist(), strict=True):
        value = rows[i]["phone"]
        assert value is not None
        assert value == rows[j]["phone"]
        assert sizes[value] <= cap or rows[i]["nino"] == rows[j]["nino"]
    [told] = found.yields
    assert told.skipped_blocks == sum(size > cap and size > 1 for size in sizes.values())
    assert told.records == sum(size for size in sizes.values() if 1 < size <= cap)
