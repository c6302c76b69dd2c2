"""The audit at the terminal: verified, sealed and read by an officer, and by nobody else."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from governance import accounts, events
from governance.errors import AuditError
from kith.cli import kith, signing, tokens
from kith.cli.auditing import AuditFaultError
from kith.home import Home
from kith.settings import Settings
from records.errors import KithError

PASSWORD = "a grey heron by the canal"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an officer and a practitioner, made once."""
    folder = tmp_path_factory.mktemp("auditing") / "home"
    with Home.create(Settings(home=folder), "walsall") as home, home.register.session() as session:
        agency = home.keeper(session) or ""
        for name, role in (("iris", "governance_officer"), ("wren", "practitioner")):
            accounts.create_user(session, name, PASSWORD, agency, [role], home.clock())
        session.commit()
    return folder


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("KITH_CHECKPOINTS", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("KITH_SECOND_FACTOR", "offered")
    shutil.copytree(template, tmp_path / "home")
    settings = Settings(
        home=tmp_path / "home", checkpoints=tmp_path / "elsewhere", second_factor="offered"
    )
    with Home.open(settings) as home:
        yield home


def sign_in(home: Home, username: str) -> None:
    signing.sign_in(home, username, PASSWORD, signing.asked_code(None), lambda: PASSWORD)


def run(home: Home, *arguments: str) -> Result:
    given = ["audit", *arguments]
    given += [] if arguments[0] == "check" else ["--home", str(home.folder)]
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


LAST = "(select total from audit_head)"
COPY = "at, hash, hash, kind, payload from audit_row where sequence = 2"
TAMPERING = {
    "altered": ["update audit_row set payload = replace(payload, 'visit', 'crime')"],
    "altered to no event": ["update audit_row set payload = '[1]' where sequence = 2"],
    "altered to no JSON": ["update audit_row set payload = 'x' where sequence = 2"],
    "altered to bytes": ["update audit_row set payload = x'00ff' where sequence = 2"],
    "altered to no text": ["update audit_row set payload = cast(x'ff' as text)"],
    "altered to no day": ["update audit_row set at = 'x' where sequence = 2"],
    "removed": ["delete from audit_row where sequence = 2"],
    "removed, ranks closed": [
        "delete from audit_row where sequence = 2",
        "update audit_row set sequence = sequence - 1 where sequence > 2",
        "update audit_head set total = total - 1",
    ],
    "inserted between": [
        "update audit_row set sequence = -sequence where sequence > 2",
        "update audit_row set sequence = 1 - sequence where sequence < 0",
        f"insert into audit_row select 3, {COPY}",
    ],
    "inserted at the end": [f"insert into audit_row select {LAST} + 1, {COPY}"],
    "inserted far behind": [f"insert into audit_row select 900000, {COPY}"],
    "reordered": [
        "update audit_row set sequence = 99 where sequence = 2",
        "update audit_row set sequence = 2 where sequence = 3",
        "update audit_row set sequence = 3 where sequence = 99",
    ],
    "truncated": [f"delete from audit_row where sequence = {LAST}"],
    "emptied": ["delete from audit_row"],
    "head removed": ["delete from audit_head"],
    "head set back": ["update audit_head set total = total - 2"],
}


def tamper(home: Home, kind: str) -> None:
    """With the guards off, and on again afterwards: they tell nothing of it."""
    with contextlib.closing(sqlite3.connect(home.folder / "audit.sqlite")) as connection:
        query = "select name, sql from sqlite_master where type = 'trigger'"
        guards = connection.execute(query).fetchall()
        for name, _ in guards:
            connection.execute(f"drop trigger {name}")
        for statement in TAMPERING[kind]:
            connection.execute(statement)
        for _, guard in guards:
            connection.execute(guard)
        connection.commit()


@pytest.mark.parametrize("kind", TAMPERING)
def test_an_officer_is_told_of_every_kind_of_tampering(home: Home, kind: str) -> None:
    sign_in(home, "iris")
    for number in "abc":
        viewed(home, f"p_{number * 24}")
    tamper(home, kind)
    done = run(home, "verify")
    assert isinstance(done.exception, AuditFaultError), repr(done.exception)
    assert re.search("row|head", done.output)
    assert "p_" not in done.output
    assert "guard" not in done.output
    again = run(home, "check", str(home.folder / "audit.sqlite"))
    assert isinstance(again.exception, AuditFaultError), repr(again.exception)
    shown = run(home, "show")
    assert shown.exception is None or isinstance(shown.exception, AuditError)


def test_a_copy_is_checked_by_whoever_has_it_and_stays_as_it_is(home: Home, tmp_path: Path) -> None:
    sign_in(home, "iris")
    key = run(home, "key").output.strip()
    home.audit.close()
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes((home.folder / "audit.sqlite").read_bytes())
    copy.chmod(0o400)
    before = copy.read_bytes()
    tokens.forget(home.folder)
    given = ["audit", "check", str(copy), "--key", key]
    done = CliRunner().invoke(kith, [*given, "--checkpoint", str(tmp_path / "elsewhere")])
    assert done.exit_code == 0, done.output
    assert re.search("rows, the chain is whole; [1-9] checkpoints agree", done.output)
    assert copy.read_bytes() == before
    assert not list(tmp_path.glob("copy.sqlite-*"))
    copy.chmod(0o600)
    copy.write_text("no audit")
    done = CliRunner().invoke(kith, given, standalone_mode=False)
    assert isinstance(done.exception, AuditError)


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
