"""Wrong use and broken surroundings of commands: one clear line, an exit code, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from governance.errors import AccountError, PurposeNeeded, RegistrationError
from kith import cli

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as the terminal would; its exit code and all that it showed."""
    monkeypatch.chdir(tmp_path)
    for name in ("KITH_HOME", "KITH_REGISTER_URL", "KITH_AUDIT_URL"):
        monkeypatch.delenv(name, raising=False)

    def go(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["kith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, shown.out + shown.err

    return go


@pytest.mark.parametrize("place", ["nosuch/figures.json", "."])
def test_figures_with_nowhere_to_go_are_refused_before_the_work(
    run: Run, tmp_path: Path, place: str
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("agency,system,source_key,person\n", encoding="utf-8")
    code, shown = run("evaluate", "--truth", truth, "--json", place)
    assert code == 2
    assert "folder" in shown
    assert "kith init" not in shown


@pytest.mark.parametrize(
    "options",
    [
        ("--dataset", "a b/c d"),
        ("--dataset", "a/b", "--kind", "nosuch"),
        ("--dataset", "a/b", "--dataset", "a/b"),
    ],
)
def test_a_source_that_is_refused_leaves_no_home(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, shown = run("init", "--home", "home", *options)
    assert code in {2, 4}
    assert "cannot be registered" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_mappings_is_not_called_sound(run: Run, tmp_path: Path) -> None:
    code, shown = run("mapping", "check", tmp_path)
    assert code == 2
    assert "no mapping" in shown


def test_refused_input_and_wrong_use_have_codes_of_their_own() -> None:
    assert RegistrationError("x").exit_code == 4
    assert AccountError("x").exit_code == 4
    assert PurposeNeeded("x").exit_code == 2
