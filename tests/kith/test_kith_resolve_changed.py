"""`kith resolve --changed`: on real files, beside a run over everything, and where it cannot be."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kith import pipeline
from kith.cli import kith
from kith.cli.demo import prepare
from kith.home import Home
from kith.settings import Settings
from tests.kith.test_kith_resolve_stopped import links, sign_in


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that was resolved once, with a model that it learned."""
    folder = tmp_path_factory.mktemp("changed") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder.parent / "state"))
        for name in ("NEO4J_URI", "KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
            patch.delenv(name, raising=False)
        patch.setattr(pipeline, "project", lambda *_args, **_options: None)
        prepare(folder, "walsall", 300, seed=5).close()
        yield folder


def copied(resolved: Path, folder: Path) -> Home:
    shutil.copytree(resolved, folder)
    return Home.open(Settings(home=folder))


def load_a_day_later(home: Home, out: Path) -> int:
    """A dataset sent anew, the surname of a few of its people mistyped; how many."""
    file = home.folder / "extracts" / "ed_patients.csv"
    rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    place = rows[0].index("Surname")
    changed = 0
    for row in rows[5::9]:
        if len(row[place]) > 3:
            row[place] = row[place][:2] + row[place][3:]
            changed += 1
    copy = out / file.name
    with copy.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert pipeline.load_file(home, copy, dataset="nhs/emergency").state == "staged"
    return changed


def test_what_changed_is_resolved_as_everything_would_be(resolved: Path, tmp_path: Path) -> None:
    told = []
    ways: dict[str, dict[str, bool]] = {"part": {"changed": True}, "whole": {"keep_model": True}}
    for name, how in ways.items():
        (tmp_path / f"{name}-files").mkdir()
        with copied(resolved, tmp_path / name) as home:
            count = load_a_day_later(home, tmp_path / f"{name}-files")
            outcome = pipeline.resolve(
                home, changed=how.get("changed", False), keep_model=how.get("keep_model", False)
            )
            told.append((links(home), outcome.counts))
    (part, counts), (whole, _) = told
    assert count > 0
    assert part == whole
    assert counts["changed"]["changed"] == count
    assert counts["changed"]["added"] == counts["changed"]["removed"] == 0
    assert counts["changed"]["compared_again"] < counts["records"]


def test_the_command_says_how_much_was_done_again(resolved: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with copied(resolved, tmp_path / "home") as home:
        sign_in(home)
        count = load_a_day_later(home, tmp_path / "files")
    shown = CliRunner().invoke(kith, ["resolve", "--changed", "--home", str(tmp_path / "home")])
    assert shown.exit_code == 0, shown.output
    assert f"0 records came, {count:,} changed and 0 went" in shown.output
    again = CliRunner().invoke(kith, ["resolve", "--changed", "--home", str(tmp_path / "home")])
    assert "Nothing has changed since the last resolution." in again.output


def test_with_nothing_to_go_on_from_everything_is_resolved(resolved: Path, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with copied(resolved, tmp_path / "home") as home:
        load_a_day_later(home, tmp_path / "files")
        shutil.rmtree(pipeline.current_result(home).folder / "state")
        counts = pipeline.resolve(home, changed=True).counts
        assert "changed" not in counts
        assert (pipeline.current_result(home).folder / "state" / "about.json").exists()
