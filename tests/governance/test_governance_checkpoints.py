"""Checkpoints: what only a copy kept elsewhere can show, and what is no checkpoint."""

from __future__ import annotations

import datetime as dt
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit import Audit
from governance.checkpoints import (
    CheckpointError,
    PublicKey,
    Sealer,
    SealingKey,
    kept_in,
    verify_checkpoints,
)
from tests.governance.builders import NOW, address_checked, later


@pytest.fixture
def key(tmp_path: Path) -> SealingKey:
    return SealingKey.of_home(tmp_path / "audit.key", "walsall")


@pytest.fixture
def sealer(audit: Audit, key: SealingKey, tmp_path: Path) -> Sealer:
    return Sealer(audit, key, [tmp_path / "own", tmp_path / "elsewhere"], every=10)


def write(audit: Audit, count: int) -> None:
    for number in range(count):
        audit.record(address_checked(number), later(seconds=number))


def faults(audit: Audit, key: SealingKey, folder: Path) -> list[tuple[int | None, str]]:
    notes = [file.read_text(encoding="utf-8") for file in kept_in(folder)]
    return [(fault.sequence, fault.what) for fault in verify_checkpoints(audit, key.public, notes)]


def forged(path: Path, rows: int) -> Audit:
    """A whole new chain in the old one's place, as its owner could make it."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    audit = Audit(f"sqlite:///{path}")
    audit.upgrade()
    for number in range(rows):
        audit.record(address_checked(number + 100), later(seconds=number))
    assert audit.verify() == []
    return audit


def test_the_audit_agrees_with_its_checkpoints(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    write(audit, 3)
    first, note = sealer.seal(NOW)
    write(audit, 4)
    sealer.seal(later(hours=1))
    assert (first.total, first.hash) == (3, audit.hash_of(3))
    assert key.public.open(note) == first
    for folder in ("own", "elsewhere"):
        assert len(kept_in(tmp_path / folder)) == 2
        assert faults(audit, key, tmp_path / folder) == []


def test_a_shorter_audit_with_a_matching_head_is_found(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    write(audit, 6)
    sealer.seal(NOW)
    audit.close()
    again = forged(tmp_path / "audit.sqlite", 4)
    found = faults(again, key, tmp_path / "elsewhere")
    again.close()
    assert found == [(None, "the audit has 4 rows, and on 23 November 2026 09:30 UTC it had 6")]


def test_a_whole_new_chain_is_found(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    write(audit, 6)
    sealer.seal(NOW)
    audit.close()
    again = forged(tmp_path / "audit.sqlite", 9)
    found = faults(again, key, tmp_path / "elsewhere")
    again.close()
    assert found == [(6, "it is not the row that was sealed on 23 November 2026 09:30 UTC")]


def test_a_row_rewritten_with_all_that_follow_it_is_found(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    write(audit, 5)
    sealer.seal(NOW)
    connection = sqlite3.connect(tmp_path / "audit.sqlite")
    for (name,) in connection.execute("select name from sqlite_master where type='trigger'"):
        connection.execute(f"drop trigger {name}")
    connection.execute("update audit_row set hash = ? where sequence = 5", ("0" * 64,))
    connection.commit()
    connection.close()
    assert [sequence for sequence, _ in faults(audit, key, tmp_path / "own")] == [5]


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n4\n"), ("walsall", "dudley"), ("2026", "2025"), ("kith-audit/1", "kith-audit/2")],
)
def test_a_changed_checkpoint_is_no_checkpoint(
    audit: Audit, key: SealingKey, sealer: Sealer, old: str, new: str
) -> None:
    write(audit, 3)
    _, note = sealer.seal(NOW)
    assert old in note
    with pytest.raises(CheckpointError):
        key.public.open(note.replace(old, new, 1))


def test_another_homes_checkpoint_is_refused(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    other = SealingKey.of_home(tmp_path / "other.key", "walsall")
    _, note = sealer.seal(NOW)
    with pytest.raises(CheckpointError, match="signature"):
        other.public.open(note)
    found = list(verify_checkpoints(audit, other.public, [note]))
    assert [fault.what for fault in found] == ["the checkpoint's signature does not hold"]


@given(st.text(max_size=400))
def test_what_is_no_checkpoint_is_refused_in_words(text: str) -> None:
    name = "walsall+8a7c6c26+ATdmgSjJZ2UZ6kzyBsN1Jz1g5Vnn5k7JcS0zbV3yB1pN"
    try:
        key = PublicKey.from_text(name)
    except CheckpointError:
        key = None
    for read in (PublicKey.from_text, key.open if key else PublicKey.from_text):
        with pytest.raises(CheckpointError):
            read(text)


def test_a_public_key_is_told_and_read_again(key: SealingKey) -> None:
    text = key.public.text
    assert text.startswith("walsall+")
    assert PublicKey.from_text(text + "\n").text == text
    with pytest.raises(CheckpointError, match="damaged"):
        PublicKey.from_text(text.replace("walsall", "dudley"))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "audit.key"
    first = SealingKey.of_home(file, "walsall").public.text
    assert SealingKey.of_home(file, "walsall").public.text == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audit.key"
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be read"):
        SealingKey.of_home(file, "walsall")
    assert file.read_bytes() == content


def test_a_seal_is_made_with_the_first_row_then_when_it_is_due(
    audit: Audit, sealer: Sealer, tmp_path: Path
) -> None:
    audit.after = sealer.after
    write(audit, 25)
    totals = [int(file.stem) for file in kept_in(tmp_path / "own")]
    assert totals == [1, 11, 21]
    audit.record(address_checked(), NOW + dt.timedelta(days=1, hours=1))
    assert int(kept_in(tmp_path / "own")[-1].stem) == 26


def test_another_process_goes_on_from_the_last_seal(
    audit: Audit, key: SealingKey, sealer: Sealer, tmp_path: Path
) -> None:
    audit.after = sealer.after
    write(audit, 3)
    audit.after = Sealer(audit, key, sealer.folders, every=10).after
    write(audit, 7)
    assert len(kept_in(tmp_path / "own")) == 1
    write(audit, 1)
    assert len(kept_in(tmp_path / "own")) == 2


def test_a_row_is_written_where_the_seal_cannot_be(
    audit: Audit, key: SealingKey, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    sealer = Sealer(audit, key, [tmp_path / "own", blocked], every=10)
    audit.after = sealer.after
    write(audit, 2)
    assert audit.count() == 2
    with pytest.raises(CheckpointError, match="cannot be written"):
        sealer.seal(NOW)
    assert len(kept_in(tmp_path / "own")) >= 1  # where it could be kept it is


def test_what_else_lies_in_the_folder_is_left_alone(sealer: Sealer, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.checkpoint").write_text("mine")
    sealer.seal(NOW)
    assert [file.name for file in kept_in(tmp_path / "own")] == ["000000000000.checkpoint"]
