"""Rules files: what ships is sound, what is wrong is named, all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from resolution import RulesError, read_ladder, read_survivorship
from resolution.comparisons import COMPARISONS
from resolution.keys import COLUMNS, key_select


def test_the_shipped_ladder_is_in_order_and_ends_with_questions() -> None:
    ladder = read_ladder()
    priorities = [rule.priority for rule in ladder.rules]
    assert priorities == sorted(priorities)
    assert ladder.rules[0].probability >= ladder.link_at > ladder.rules[-1].probability


def test_every_rule_says_why_in_words() -> None:
    for rule in read_ladder().rules:
        assert len(rule.words) > 20
        assert "_" not in rule.words


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        """
version = 1
link_at = 0.9
block_cap = 150
mean_support = 0.5
[[rule]]
name = "a"
priority = 1
keys = [["shoe_size"]]
require = { aura = "bright", birth = "vaguely" }
probability = 1.5
words = "..."
[[rule]]
name = "a"
priority = 1
keys = ["given"]
require = {}
probability = 0.5
words = "..."
extra = 1
""",
        encoding="utf-8",
    )
    with pytest.raises(RulesError) as caught:
        read_ladder(path)
    text = str(caught.value)
    for fault in (
        "shoe_size",
        "aura",
        "vaguely",
        "probability",
        "'extra' is not known",
        "name a is there twice",
        "priority 1 is there twice",
    ):
        assert fault in text


@pytest.mark.parametrize("text", ["", "not toml [", "version = 1"])
def test_a_file_that_is_no_ladder_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError):
        read_ladder(path)
    with pytest.raises(RulesError):
        read_survivorship(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError):
        read_ladder(tmp_path / "none.toml")


def test_no_text_of_a_rule_reaches_sql() -> None:
    with pytest.raises(RulesError):
        key_select(["given; drop table person"])


def test_the_survivorship_file_names_unknown_words(tmp_path: Path) -> None:
    path = tmp_path / "survivorship.toml"
    path.write_text(
        """
version = 1
trust = ["health", "astrology"]
residence_trusted = []
largest_household = 20
[field.sex]
order = ["loudest"]
[field.star_sign]
order = ["longest"]
""",
        encoding="utf-8",
    )
    with pytest.raises(RulesError) as caught:
        read_survivorship(path)
    for fault in ("astrology", "loudest", "star_sign", "birth_date has no rule"):
        assert fault in str(caught.value)


def test_the_manual_lists_every_key_comparison_and_rule() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "resolution.md").read_text(encoding="utf-8")
    names = [*COLUMNS, *COMPARISONS, *(rule.name for rule in read_ladder().rules)]
    assert [name for name in names if f"`{name}`" not in manual] == []
