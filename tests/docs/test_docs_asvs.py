"""The list of ASVS requirements is whole, and what it names is there."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "security"
STATUSES = ("met", "not applicable", "gap")
# Of ASVS 5.0.0: the level of each requirement of a section, in their order.
LEVELS = """
1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123
2.1 122  2.2 112  2.3 12223  2.4 23
3.1 3  3.2 113  3.3 12223  3.4 11222233  3.5 11122333  3.6 3  3.7 22333
4.1 12233  4.2 23333  4.3 22  4.4 1222
5.1 2  5.2 112333  5.3 113  5.4 222
6.1 122  6.2 111111112222  6.3 11223333  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222
7.1 222  7.2 1111  7.3 22  7.4 11222  7.5 223  7.6 22
8.1 1233  8.2 1123  8.3 133  8.4 23
9.1 111  9.2 1222
10.1 22  10.2 223  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222
11.1 2233  11.2 22233  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33
12.1 12233  12.2 11  12.3 22223
13.1 2333  13.2 222223  13.3 2233  13.4 1222233
14.1 22  14.2 12223333  14.3 122
15.1 12233  15.2 12233  15.3 1222222  15.4 3333
16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223
17.1 23  17.2 22223333  17.3 22
"""


def required() -> dict[str, int]:
    """Every requirement of levels 1 and 2, with its level."""
    words = LEVELS.split()
    levels = {
        f"{section}.{place}": int(level)
        for section, marks in zip(words[::2], words[1::2], strict=True)
        for place, level in enumerate(marks, 1)
    }
    assert len(levels) == 345
    return {number: level for number, level in levels.items() if level < 3}


def rows() -> list[dict[str, str]]:
    with (FOLDER / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    listed = [(row["id"], int(row["level"])) for row in rows()]
    assert listed == list(required().items())
    assert len(listed) == 253


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_each_status_has_what_it_needs(row: dict[str, str]) -> None:
    assert row["requirement"]
    assert row["status"] in STATUSES
    if row["status"] == "met":
        assert row["evidence"], "what is met names its test or file"
    else:
        assert row["reason"], "what is not met says why"
    for named in filter(None, row["evidence"].split(";")):
        path, _, test = named.partition("::")
        assert (ROOT / path).is_file(), path
        assert not test or test in names_in(ROOT / path), named


def test_the_page_counts_what_the_list_holds() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    counted = Counter((row["level"], row["status"]) for row in rows())
    for level in ("1", "2"):
        told = re.search(rf"^\| {level} \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
        assert told, f"no line of counts for level {level}"
        assert [int(count) for count in told.groups()] == [
            counted[level, status] for status in STATUSES
        ]
