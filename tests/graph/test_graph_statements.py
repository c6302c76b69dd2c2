"""Every Cypher file: its header says what its text does, and nothing forbidden stands in it."""

from __future__ import annotations

import re

import pytest

from graph import statements
from graph.model import LINKS, NODES
from graph.statements import parse

FOLDERS = ("", "write", "neo4j", "embedded")
ALL = [name for folder in FOLDERS for name in statements.names(folder)]
READS = [name for name in statements.names() if name not in ("agencies", "projection_state")]


@pytest.mark.parametrize("name", ALL)
def test_header_and_text_agree(name: str) -> None:
    statement = statements.load(name)
    assert set(re.findall(r"\$(\w+)", statement.text)) == statement.params
    assert _returned(statement.text) == statement.returns
    assert statement.purpose.endswith(".")


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_an_engine_answers_wrong(name: str) -> None:
    text = statements.text(name)
    assert not re.search(r"\.(id|name|title|type)\b", text)
    assert not re.search(r"properties\(|keys\(|duration\.between|shortestPath|\{\s*\.\*", text)
    assert not re.search(r"\*\s*\.\.|\*\d*\.\.\s*\]", text), "unbounded path"
    assert "/*" not in text


@pytest.mark.parametrize("name", READS)
def test_every_read_asks_for_grants_or_gives_a_heading_only(name: str) -> None:
    params = statements.load(name).params
    assert "grants" in params or name == "address_cards"
    assert params & {"grants"} <= {"grants"}


@pytest.mark.parametrize("table", [n.table for n in NODES] + [x.table for x in LINKS])
def test_every_table_of_the_model_can_be_written_and_dropped(table: str) -> None:
    for verb in ("put", "drop"):
        assert statements.load(f"write/{verb}_{table}").params == {"rows"}


def test_both_engines_have_the_same_schema() -> None:
    names = [
        {name.partition("/")[2] for name in statements.names(engine)}
        for engine in ("neo4j", "embedded")
    ]
    assert names[0] == names[1]


def test_a_header_with_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="header"):
        parse("x", "// Something.\n// params: none\nRETURN 1 AS a\n")


def _returned(text: str) -> tuple[str, ...]:
    found = re.search(r"^RETURN (.*?)(?:^ORDER BY.*)?\Z", text, re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r"\bAS (\w+)", found[1])) if found else ()
