"""The audit at the terminal: verified, sealed and read by an officer, and by nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from governance import accounts, events
from kith.cli import kith, signing, tokens
from kith.home import Home
from kith.settings import Settings
from records.errors import KithError

PASSWORD = "a grey heron by the canal"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KITH_CHECKPOINTS", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("KITH_SECOND_FACTOR", "offered")
    settings = Settings(
        home=tmp_path / "home", checkpoints=tmp_path / "elsewhere", second_factor="offered"
    )
    with Home.create(settings, "walsall") as home:
        with home.register.session() as session:
            agency = home.keeper(session) or ""
            for name, role in (("iris", "governance_officer"), ("wren", "practitioner")):
                accounts.create_user(session, name, PASSWORD, agency, [role], home.clock())
            session.commit()
        yield home


def sign_in(home: Home, username: str) -> None:
    signing.sign_in(home, username, PASSWORD, signing.asked_code(None), lambda: PASSWORD)


def run(home: Home, *arguments: str) -> Result:
    given = ["audit", *arguments, "--home", str(home.folder)]
    return CliRunner().invoke(kith, given, standalone_mode=False)


def viewed(home: Home, what: str) -> None:
    with home.register.session() as session:
        user = accounts.user_named(session, "wren")
    assert user is not None
    home.audit.record(
        events.PersonViewed(
            user_id=user.user_id,
            agency=user.agency,
            purpose="visit",
            reference="CASE 12",
            role="practitioner",
            what=[what],
        ),
        home.clock(),
    )


def test_an_officer_verifies_the_audit_and_its_checkpoints(home: Home, tmp_path: Path) -> None:
    sign_in(home, "iris")
    done = run(home, "verify", "--checkpoint", str(tmp_path / "elsewhere"))
    assert done.exception is None
    assert re.search(r"\d+ rows, the chain is whole; 3 checkpoints agree", done.output)
    assert [row.kind for row in home.audit.search(last=1)] == ["audit_read"]


def test_a_checkpoint_of_a_longer_audit_is_told(home: Home, tmp_path: Path) -> None:
    sign_in(home, "iris")
    kept = tmp_path / "kept.checkpoint"
    done = run(home, "seal", "--out", str(kept))
    assert done.exception is None
    assert kept.read_text(encoding="utf-8") == done.output
    key = run(home, "key").output.strip()
    home.audit.close()
    for file in home.folder.glob("audit.sqlite*"):
        file.unlink()
    home.audit.upgrade()
    for folder in (home.folder / "checkpoints", tmp_path / "elsewhere"):
        for file in folder.iterdir():
            file.unlink()
    done = run(home, "verify", "--checkpoint", str(kept), "--key", key)
    assert "the audit has 0 rows, and on" in done.output
    assert isinstance(done.exception, KithError)


def test_who_looked_at_a_person_and_what_a_user_saw(home: Home) -> None:
    person = "p_" + "a" * 24
    viewed(home, person)
    viewed(home, "p_" + "b" * 24)
    sign_in(home, "iris")
    for arguments in (["--person", person], ["--about", person], ["--user", "wren", "--last", "1"]):
        found = json.loads(run(home, "show", *arguments, "--view", "disclosures", "--json").output)
        assert [(row["user"], row["kind"]) for row in found] == [("wren", "person_viewed")]
    read = home.audit.search(kinds=["audit_read"])
    assert [row.payload["what"] for row in read] == [[], [person], [person]]
    assert [row.payload["rows"] for row in read] == [1, 1, 1]


def test_a_view_and_days_narrow_what_is_shown(home: Home) -> None:
    viewed(home, "p_" + "a" * 24)
    sign_in(home, "iris")
    assert "person viewed" in run(home, "show", "--view", "disclosures").output
    assert "person viewed" not in run(home, "show", "--view", "refusals").output
    assert "person viewed" not in run(home, "show", "--until", "2020-01-01").output


@pytest.mark.parametrize(
    "arguments", [["verify"], ["seal"], ["key"], ["show"], ["show", "--user", "iris"]]
)
def test_nobody_else_reads_the_audit(home: Home, arguments: list[str]) -> None:
    sign_in(home, "wren")
    done = run(home, *arguments)
    assert isinstance(done.exception, KithError)
    assert done.exception.exit_code == 3
    assert done.output == ""


def test_who_is_not_signed_in_is_told_so(home: Home) -> None:
    done = run(home, "verify")
    assert isinstance(done.exception, tokens.NotSignedInError)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "--user", "nobody"],
        ["show", "--person", "Sarah Thomas"],
        ["verify", "--key", "nonsense"],
    ],
)
def test_bad_input_is_refused_in_words(home: Home, arguments: list[str]) -> None:
    sign_in(home, "iris")
    done = run(home, *arguments)
    assert isinstance(done.exception, KithError)
    assert "Sarah" not in str(done.exception)


def test_a_day_that_is_none_is_wrong_use(home: Home) -> None:
    sign_in(home, "iris")
    done = run(home, "show", "--since", "yesterday")
    assert isinstance(done.exception, click.UsageError)
