"""Wrong use and broken surroundings of commands: one clear line, an exit code, nothing left."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from governance.errors import AccountError, PurposeNeeded, RegistrationError
from kith import cli
from kith.cli.storage import disk_fault
from kith.home import Home
from kith.settings import Settings

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


@pytest.mark.parametrize("place", ["/proc/zz", "file", "file/below"])
def test_extracts_with_nowhere_to_go_are_refused_before_anybody_is_invented(
    run: Run, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("taken", encoding="utf-8")
    code, shown = run("area", "make", "--people", "50", "--out", place)
    assert code == 2
    assert "not foresee" not in shown
    assert shown.strip().splitlines()[-1].startswith("Error: ")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "taken"


@pytest.mark.parametrize("variable", ["KITH_REGISTER_URL", "KITH_AUDIT_URL"])
@pytest.mark.parametrize(
    "url", ["nonsense", "foo://user:Sesame-9@h/x", "http://[", "mysql+nosuch://u:Sesame-9@h/x"]
)
def test_an_address_that_is_no_database_s_is_refused_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    Home.create(Settings(home=tmp_path / "home"), "walsall").close()
    monkeypatch.setenv(variable, url)
    for words in (("status", "--home", "home"), ("init", "--home", "new", "--area", "walsall")):
        code, shown = run(*words)
        assert code == 2
        assert [line[:7] for line in shown.strip().splitlines()] == ["Error: "]
        assert variable in shown
        assert "Sesame" not in shown
    assert not (tmp_path / "new").exists()


def test_a_register_that_is_not_there_is_told_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Home.create(Settings(home=tmp_path / "home"), "walsall").close()
    monkeypatch.setenv("KITH_REGISTER_URL", "sqlite:////nosuch/folder/register.sqlite")
    code, shown = run("status", "--home", "home")
    assert code == 2
    assert [line[:7] for line in shown.strip().splitlines()] == ["Error: "]
    assert "KITH_REGISTER_URL" in shown


def test_a_password_file_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    Home.create(Settings(home=tmp_path / "home"), "walsall").close()
    (tmp_path / "password").write_bytes(b"\xff\xfe\xc3")
    code, shown = run(
        "login", "--home", "home", "--user", "admin", "--password-file", tmp_path / "password"
    )
    assert code == 2
    assert "UTF-8" in shown
    assert "not foresee" not in shown


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left"), "the disk is full"),
        (OSError("IO Error: could not write: No space left on device"), "the disk is full"),
        (RuntimeError("database or disk is full"), "the disk is full"),
        (RuntimeError("attempt to write a readonly database"), "the disk is read-only"),
        (ValueError("Zebedee Quillfeather"), None),
    ],
)
def test_a_fault_of_the_disk_is_told_from_others(error: Exception, words: str | None) -> None:
    above = LookupError("something above it")
    above.__cause__ = error
    assert disk_fault(above) == disk_fault(error) == words


def test_a_folder_without_mappings_is_not_called_sound(run: Run, tmp_path: Path) -> None:
    code, shown = run("mapping", "check", tmp_path)
    assert code == 2
    assert "no mapping" in shown


def test_refused_input_and_wrong_use_have_codes_of_their_own() -> None:
    assert RegistrationError("x").exit_code == 4
    assert AccountError("x").exit_code == 4
    assert PurposeNeeded("x").exit_code == 2
