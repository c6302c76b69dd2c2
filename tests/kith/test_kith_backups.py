"""A backup is whole or absent, readable by its key alone, and a home comes back from it."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result

from governance import accounts
from governance.sessions import SessionLimits
from kith import backups, ciphering, pipeline
from kith.backups import BackupError
from kith.ciphering import CipherError
from kith.cli import kith
from kith.cli.area import register_sources
from kith.home import Home
from kith.settings import Settings
from records.errors import KithError
from tests.kith.labelling_builders import LabelHome

PAIR = ciphering.new_identity()
OTHER = ciphering.new_identity()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "key.txt"
    file.write_text(f"# created by a test\n{PAIR[0]}\n", encoding="utf-8")
    return file


@pytest.fixture
def saved(label_home: LabelHome, tmp_path: Path) -> Path:
    """A backup of a home."""
    out = tmp_path / "out.age"
    backups.make(label_home.home, out, (PAIR[1],))
    return out


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that a backup holds, but databases, and checkpoints, which go on."""
    files = dict(backups._files(folder))
    return {k: path.read_bytes() for k, path in files.items() if not k.startswith("checkpoints/")}


def left(tmp_path: Path) -> set[str]:
    return {path.name for path in tmp_path.iterdir()} - {"home", "out.age", "key.txt"}


def test_a_home_comes_back(label_home: LabelHome, saved: Path, keys: Path, tmp_path: Path) -> None:
    home = label_home.home
    with home.register.session() as session:
        user = accounts.users(session)[0]
        token = accounts.start_session(session, user, home.clock(), SessionLimits())
        session.commit()
    again = tmp_path / "again.age"
    made = backups.make(home, again, (PAIR[1],))
    settings = Settings(home=tmp_path / "back")
    found = backups.restore(again, settings, keys)
    assert found == made
    assert contents(tmp_path / "back") == contents(home.folder)
    assert stat.S_IMODE((tmp_path / "back").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "back" / "home.key").stat().st_mode) == 0o600
    with Home.open(settings) as back:
        assert back.area == home.area
        assert back.audit.verify() == []
        kinds = [row.kind for row in back.audit.rows()]
        assert kinds[-2:] == ["backup_made", "backup_restored"]  # that of the backup before
        with back.register.session() as session:
            assert accounts.resume(session, token, home.clock()) is None
    assert left(tmp_path) == {"again.age", "back"}


def test_what_is_being_written_meanwhile_is_in_it_or_not(
    label_home: LabelHome, keys: Path, tmp_path: Path
) -> None:
    """A transaction that is open while the backup is made is not half in it."""
    writer = sqlite3.connect(label_home.home.folder / "register.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM user_role")
    backups.make(label_home.home, tmp_path / "out.age", (PAIR[1],))
    writer.execute("ROLLBACK")
    writer.close()
    backups.restore(tmp_path / "out.age", Settings(home=tmp_path / "back"), keys)
    with Home.open(Settings(home=tmp_path / "back")) as back, back.register.session() as session:
        assert any(user.roles for user in accounts.users(session))


def test_nobody_reads_it_without_the_key(saved: Path, label_home: LabelHome) -> None:
    held = saved.read_bytes()
    assert held.startswith(ciphering.HEADER)
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    for plain in (b"home.key", b"register.sqlite", b"MANIFEST", label_home.home.key.hex().encode()):
        assert plain not in held


def test_a_wrong_or_missing_key_makes_nothing(saved: Path, keys: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "back")
    keys.write_text(OTHER[0])
    with pytest.raises(CipherError, match="encrypted to another key"):
        backups.restore(saved, settings, keys)
    with pytest.raises(CipherError, match="--identity"):
        backups.restore(saved, settings, None)
    for text, words in (("", "holds no line"), ("AGE-SECRET-KEY-1XX", "not one of age's")):
        keys.write_text(text)
        with pytest.raises(CipherError, match=words):
            backups.restore(saved, settings, keys)
    with pytest.raises(CipherError, match="cannot be read"):
        backups.restore(saved, settings, tmp_path / "nowhere")
    assert not left(tmp_path)


def test_a_changed_or_shortened_file_makes_nothing(saved: Path, keys: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    middle = len(whole) // 2
    for bad in (
        b"",
        whole[:30],
        whole[:200],
        whole[:middle],
        whole[:-1],
        whole[: -(len(whole) % 65552 or 1)],
        whole + b"x",
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
    ):
        saved.write_bytes(bad)
        with pytest.raises(KithError, match="not whole"):
            backups.restore(saved, Settings(home=tmp_path / "back"), keys)
        assert not left(tmp_path)


def hostile(change: Callable[[tarfile.TarFile], object]) -> bytes:
    """An archive by somebody who has the public key, which is no secret."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        change(archive)
    return bytes(pyrage.encrypt(plain.getvalue(), ciphering.recipients_of([PAIR[1]])))


def member(archive: tarfile.TarFile, name: str, text: bytes = b"x", **given: object) -> str:
    about = tarfile.TarInfo(name)
    about.size = len(text)
    for key, value in given.items():
        setattr(about, key, value)
    archive.addfile(about, io.BytesIO(text))
    return name


def listing(archive: tarfile.TarFile, **changed: object) -> str:
    told = {"form": 1, "area": "blank", "made_on": "2026-11-23", "elsewhere": [], "files": {}}
    return member(archive, "MANIFEST.json", json.dumps({**told, **changed}).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda a: member(a, "../evil"),
        lambda a: member(a, "/tmp/evil"),
        lambda a: member(a, "a/../../evil"),
        lambda a: member(a, "link", b"", type=tarfile.SYMTYPE, linkname="/etc"),
        lambda a: member(a, "link", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        lambda a: member(a, "pipe", b"", type=tarfile.FIFOTYPE),
        lambda a: [member(a, "twice"), member(a, "twice")],
        lambda a: member(a, "no-list"),
        lambda a: member(a, "MANIFEST.json", b"{"),
        lambda a: member(a, "MANIFEST.json", b"[]"),
        lambda a: listing(a, form=2),
        lambda a: listing(a, files={"home.key": "00"}),
        lambda a: [member(a, "extra"), listing(a)],
        lambda a: [member(a, "home.key"), listing(a, files={"home.key": "00"})],
    ],
)
def test_an_archive_that_is_no_backup_makes_nothing(
    keys: Path, tmp_path: Path, change: Callable[[tarfile.TarFile], object]
) -> None:
    file = tmp_path / "in.age"
    file.write_bytes(hostile(change))
    with pytest.raises(BackupError):
        backups.restore(file, Settings(home=tmp_path / "back"), keys)
    assert left(tmp_path) == {"in.age"}
    assert not (tmp_path.parent / "evil").exists()


def test_nothing_is_written_over(
    label_home: LabelHome, saved: Path, keys: Path, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="is there already"):
        backups.make(label_home.home, saved, (PAIR[1],))
    with pytest.raises(BackupError, match="not empty"):
        backups.restore(saved, label_home.home.settings, keys)
    with pytest.raises(CipherError, match="age1"):
        backups.make(label_home.home, tmp_path / "b", ("age1nobody",))
    assert not left(tmp_path)


def test_without_an_audit_row_there_is_no_backup(label_home: LabelHome, tmp_path: Path) -> None:
    home = label_home.home
    sqlite3.connect(home.folder / "audit.sqlite").execute("DROP TABLE audit_head").close()
    with pytest.raises(KithError):
        backups.make(home, tmp_path / "out.age", (PAIR[1],))
    assert not (tmp_path / "out.age").exists()
    assert not left(tmp_path)
    assert not (home.folder / ".copying").exists()


def run(*words: str | Path, **environment: str) -> Result:
    return CliRunner().invoke(kith, [str(word) for word in words], env=environment)


def test_the_commands(label_home: LabelHome, tmp_path: Path) -> None:
    home, out, key = label_home.home.folder, tmp_path / "b.age", tmp_path / "private"
    refused = run("backup", out, "--home", home)
    assert isinstance(refused.exception, KithError)
    assert "--not-encrypted" in str(refused.exception)
    assert not out.exists()
    public = run("backup-key", key).stdout.strip()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert isinstance(run("backup-key", key).exception, KithError), "a key is not written over"
    made = run("backup", out, "--home", home, KITH_AGE_RECIPIENTS=public)
    assert made.exit_code == 0, made.output
    back = tmp_path / "back"
    assert run("restore", out, back, KITH_AGE_IDENTITY_FILE=str(key)).exit_code == 0
    assert contents(back) == contents(home)
    plain = tmp_path / "plain.tar"
    told = run("backup", plain, "--not-encrypted", "--home", home)
    assert "whoever has it reads everything" in told.stderr
    assert run("restore", plain, tmp_path / "second").exit_code == 0
    assert contents(tmp_path / "second") == contents(home)
    with Home.open(Settings(home=home)) as opened:
        said = [row.payload["encrypted"] for row in opened.audit.rows(kind="backup_made")]
    assert said == [True, False]


def test_a_database_elsewhere_is_said_to_be_missing(label_home: LabelHome, tmp_path: Path) -> None:
    home = label_home.home.folder
    moved = tmp_path / "elsewhere.sqlite"
    (home / "register.sqlite").rename(moved)
    told = run(
        "backup", tmp_path / "b.tar", "--not-encrypted", "--home", home,
        KITH_REGISTER_URL=f"sqlite:///{moved}",
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "The register's database is not in the home" in told.stderr
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert "register.sqlite" not in archive.getnames()


def test_the_graph_of_a_restored_home_is_made_again(keys: Path, tmp_path: Path) -> None:
    people = Path(__file__).parents[1] / "data" / "people" / "fake_1000.csv"
    few = tmp_path / "few.csv"
    few.write_text("".join(people.read_text().splitlines(keepends=True)[:120]))
    with Home.create(Settings(home=tmp_path / "home"), "blank") as home:
        register_sources(home, [("people", "fake1000")], "other")
        pipeline.load_file(home, few, dataset="people/fake1000")
        pipeline.resolve(home)
        pipeline.project(home)
        backups.make(home, tmp_path / "out.age", (PAIR[1],))
    backups.restore(tmp_path / "out.age", Settings(home=tmp_path / "back"), keys)
    with Home.open(Settings(home=tmp_path / "back")) as back:
        pipeline.project(back)
        (counted,) = back.store.run("MATCH (p:Person) RETURN count(p) AS people")
        assert counted["people"] > 20
