"""The manual's tables are those of the schema, and its example is a sound mapping."""

from __future__ import annotations

import re
from pathlib import Path

import loaders
from loaders.manual import with_tables
from records.schema import TABLES, source_fields
from tests.loaders.conftest import ROOT

MANUAL = ROOT / "docs" / "mapping.md"


def test_generated_tables_are_in_step() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    assert with_tables(text) == text, "run: python -m loaders.manual docs/mapping.md"
    for table in TABLES.values():
        assert all(f"| `{entry.name}` |" in text for entry in source_fields(table))


def test_the_example_is_a_sound_mapping(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    file = tmp_path / "police-niche-nominals.toml"
    file.write_text(found[1], encoding="utf-8")
    (mapping,) = loaders.read_mappings([file])
    assert [emit.table for emit in mapping.emits] == ["record", "residence"]


def test_every_option_of_a_field_is_in_the_manual() -> None:
    from loaders.mapping_fields import _OPTIONS

    text = MANUAL.read_text(encoding="utf-8")
    assert [option for option in sorted(_OPTIONS) if f"`{option}`" not in text] == []
