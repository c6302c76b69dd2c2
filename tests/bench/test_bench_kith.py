"""Kith's side of the benchmark, end to end by its commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import resolution


@pytest.mark.slow
def test_kith_alone_on_a_thousand_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, text = tmp_path / "figures.json", tmp_path / "table.md"
    given = ["--data", "fake1000", "--only", "kith", "--budget", "0", "--cache", str(tmp_path)]
    monkeypatch.setattr(
        sys, "argv", ["resolution", *given, "--json", str(out), "--markdown", str(text)]
    )
    resolution.main()
    found = json.loads(out.read_text(encoding="utf-8"))["data"]["fake1000"]["kith"]
    assert found["load"]["records"] == 1000
    assert found["load"]["quarantined"] == 0
    first = found["first"]
    assert first["scores"]["records"] == 1000
    assert first["scores"]["true_pairs"] == 2031
    assert 0 < first["linking_seconds"] < first["wall_seconds"]
    assert first["peak_mb"] > 50
    assert "Kith, no labels" in text.read_text(encoding="utf-8")
    assert "fake1000" in capsys.readouterr().out
