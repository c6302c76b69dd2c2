"""Signing in at the terminal with a second factor, and what an administrator may do for users."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from governance import accounts
from governance.errors import AccountError, PasswordRefused, SignInRefused
from governance.second_factor import Enrolment
from kith.cli import kith, signing, tokens
from kith.home import Home
from kith.settings import Settings, SettingsError
from records.errors import KithError

PASSWORD = "a grey heron by the canal"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Home.create(Settings(home=tmp_path / "home"), "walsall") as home:
        with home.register.session() as session:
            agency = home.keeper(session) or ""
            for name, role in (("ada", "administrator"), ("wren", "practitioner")):
                accounts.create_user(session, name, PASSWORD, agency, [role], home.clock())
            session.commit()
        yield home


def run(home: Home, *arguments: str, typed: str = "") -> Result:
    given = [*arguments, "--home", str(home.folder)]
    return CliRunner().invoke(kith, given, input=typed, standalone_mode=False)


def log_in(home: Home, name: str, *more: str) -> Result:
    return run(home, "login", "--user", name, "--password-file", "-", *more, typed=PASSWORD + "\n")


def set_up(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The administrator's first sign-in; the secret."""
    secrets: list[str] = []
    shown = signing._show

    def show(made: Enrolment) -> None:
        secrets.append(made.secret)
        shown(made)

    monkeypatch.setattr(signing, "_show", show)
    signing.sign_in(
        home, "ada", PASSWORD, lambda: pyotp.TOTP(secrets[0]).at(home.clock()), lambda: PASSWORD
    )
    out = capsys.readouterr().out
    assert secrets[0] in out
    assert sum(line.count("-") == 5 for line in out.splitlines()) == 10
    return secrets[0]


def test_an_administrator_sets_up_a_factor_and_is_asked_for_it(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = set_up(home, monkeypatch, capsys)
    assert tokens.current_user(home).username == "ada"
    done = log_in(home, "ada")
    assert "use --code" in str(done.exception)
    done = log_in(home, "ada", "--code", "000000")
    assert isinstance(done.exception, SignInRefused)
    fresh = pyotp.TOTP(secret).at(home.clock(), counter_offset=1)
    assert log_in(home, "ada", "--code", fresh).exception is None


def test_a_practitioner_needs_none(home: Home) -> None:
    assert log_in(home, "wren").exception is None
    assert tokens.current_user(home).username == "wren"


def test_a_factor_is_set_up_by_whoever_knows_the_password(home: Home) -> None:
    assert log_in(home, "wren").exception is None
    done = run(home, "second-factor", typed="somebody else at this terminal\n")
    assert isinstance(done.exception, SignInRefused)
    assert "otpauth" not in done.output
    assert not list(home.audit.rows(kind="user_changed"))
    assert len(list(home.audit.rows(kind="sign_in_failed"))) == 1


def test_a_stranger_elsewhere_does_not_lock_this_terminal(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert log_in(home, "wren").exception is None
    own = str(tmp_path / "state")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "stranger"))
    for _ in range(6):
        with pytest.raises(SignInRefused):
            signing.sign_in(
                home, "wren", "not-the-password", signing.asked_code(None), lambda: PASSWORD
            )
    assert isinstance(log_in(home, "wren").exception, SignInRefused)
    monkeypatch.setenv("XDG_STATE_HOME", own)
    assert log_in(home, "wren").exception is None


def test_an_administrator_helps_users(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(home, monkeypatch, capsys)
    done = run(home, "users", "reset-password", "wren")
    password = done.output.split()[1]
    for command in ("unlock", "disable"):
        assert run(home, "users", command, "wren").exception is None
    done = run(home, "users", "remove-second-factor", "wren")
    assert isinstance(done.exception, AccountError)
    assert run(home, "users", "remove-second-factor", "ada").exception is None
    changes = [row.payload["change"] for row in home.audit.rows(kind="user_changed")]
    assert changes == [
        "second_factor_set_up",
        "password",
        "unlocked",
        "disabled",
        "second_factor_removed",
    ]
    assert password not in str([row.payload for row in home.audit.rows()])


def test_a_password_that_somebody_gave_is_replaced_before_anything_else(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_up(home, monkeypatch, capsys)
    given = run(home, "users", "reset-password", "wren").output.split()[1]
    own = tmp_path / "own"

    def enter(password: str, *more: str) -> Result:
        words = ("login", "--user", "wren", "--password-file", "-", *more)
        return run(home, *words, typed=password + "\n")

    assert "--new-password-file" in str(enter(given).exception)
    assert tokens.current_user(home).username == "ada"  # nobody else came in
    for refused in (given, "short"):
        own.write_text(refused, encoding="utf-8")
        done = enter(given, "--new-password-file", str(own))
        assert isinstance(done.exception, PasswordRefused)
    own.write_text("three otters near the weir", encoding="utf-8")
    assert enter(given, "--new-password-file", str(own)).exception is None
    assert tokens.current_user(home).username == "wren"
    assert isinstance(enter(given).exception, SignInRefused)
    assert enter("three otters near the weir").exception is None
    last = list(home.audit.rows(kind="user_changed"))[-1].payload
    assert (last["change"], last["user_id"]) == ("password", last["subject_id"])


@pytest.mark.parametrize("command", ["reset-password", "unlock", "disable", "remove-second-factor"])
def test_nobody_else_changes_accounts(home: Home, command: str) -> None:
    log_in(home, "wren")
    done = run(home, "users", command, "ada")
    assert isinstance(done.exception, KithError)
    assert done.exception.exit_code == 3
    assert not list(home.audit.rows(kind="user_changed"))


def test_a_password_file_that_is_no_text_is_refused(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe\x00\x81")
    done = run(home, "login", "--user", "wren", "--password-file", str(file))
    assert "not text in UTF-8" in str(done.exception)


def test_a_setting_that_is_none_of_the_three_is_refused() -> None:
    with pytest.raises(SettingsError, match="offered, privileged, required"):
        Settings.from_environment({"KITH_SECOND_FACTOR": "always"})


def test_emergency_access_at_the_terminal(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(home, "wren")
    done = run(home, "emergency", "24-1182", "--why", "urgent")
    assert isinstance(done.exception, KithError)
    assert "no terminal" in str(run(home, "emergency", "24-1182").exception)
    done = run(home, "emergency", "24-1182", "--why", "A child is alone with a man with a knife.")
    assert done.exception is None
    assert tokens.current_user(home).purpose == "emergency"
    assert tokens.current_user(home).legal_basis == "vital_interests"
    assert isinstance(run(home, "notices").exception, KithError), "they are for officers"
    set_up(home, monkeypatch, capsys)
    done = run(home, "emergency", "24-1182", "--why", "A child is alone with a man with a knife.")
    assert isinstance(done.exception, KithError), "an administrator sees nobody"
    (row,) = home.audit.rows(kind="emergency_begun")
    assert "knife" not in str(row.payload)
