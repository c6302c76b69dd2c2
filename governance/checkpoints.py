"""Signed checkpoints of the audit: how long it was and how it ended, to be kept elsewhere.

Invariant: a checkpoint is signed by the home's own key (Ed25519) and names a row that was on disk;
an audit whose rows *and* head were rewritten disagrees with every checkpoint made before.

The form is that of a signed note, as logs of certificates use it (c2sp.org/tlog-checkpoint): four
lines of text, a blank one, and a line with the key's name and the signature.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.audit import Audit, AuditRow, Fault
from governance.errors import AuditError

_FORM = "kith-audit/1"
_KIND = b"\x01"  # Ed25519, in the form's own numbering
_HASH = re.compile(r"[0-9a-f]{64}")
_MARK = "\u2014 "
_SUFFIX = ".checkpoint"


class CheckpointError(AuditError):
    """A checkpoint or a key cannot be read, or was not signed by this home."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """That the audit of `origin` had `total` rows at an instant, the last with this hash."""

    origin: str
    total: int
    hash: str
    at: dt.datetime

    def text(self) -> str:
        """What is signed."""
        stamp = self.at.astimezone(dt.UTC).isoformat(timespec="seconds")
        return f"{_FORM} {self.origin}\n{self.total}\n{self.hash}\n{stamp}\n"


class SealingKey:
    """The key that seals; its public half goes to whoever keeps the checkpoints."""

    def __init__(self, private: Ed25519PrivateKey, origin: str) -> None:
        self._private = private
        self.origin = origin

    @classmethod
    def of_home(cls, file: Path, origin: str) -> SealingKey:
        """The key in a file; made, for its owner's eyes alone, if there is none.

        Raises:
            CheckpointError: if the file holds no such key.
        """
        if not file.exists():
            _write_new(file)
        try:
            key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError("the key that seals the audit cannot be read") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise CheckpointError("the key that seals the audit is of another kind")
        return cls(key, origin)

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint with its signature, as it is kept."""
        text = checkpoint.text()
        signed = self._private.sign(text.encode())
        public = self.public
        return f"{text}\n{_MARK}{public.name} {_base64(public.number + signed)}\n"

    @property
    def public(self) -> PublicKey:
        """The half that checks."""
        return PublicKey(self._private.public_key(), self.origin)


class PublicKey:
    """Checks checkpoints; its text can be told to anybody."""

    def __init__(self, key: Ed25519PublicKey, name: str) -> None:
        self._key = key
        self.name = name
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self._raw = raw
        self.number = hashlib.sha256(name.encode() + b"\n" + _KIND + raw).digest()[:4]

    @property
    def text(self) -> str:
        """`name+number+key`, one line."""
        return f"{self.name}+{self.number.hex()}+{_base64(_KIND + self._raw)}"

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """What `text` gave.

        Raises:
            CheckpointError: if it is no such key.
        """
        try:
            name, number, key = text.strip().split("+", 2)
            kind_and_raw = base64.b64decode(key, validate=True)
            made = cls(Ed25519PublicKey.from_public_bytes(kind_and_raw[1:]), name)
        except (ValueError, binascii.Error) as error:
            raise CheckpointError("this is no public key of a Kith audit") from error
        if kind_and_raw[:1] != _KIND or made.number.hex() != number:
            raise CheckpointError("this public key is damaged")
        return made

    def open(self, note: str) -> Checkpoint:
        """A checkpoint, its signature checked.

        Raises:
            CheckpointError: if it is none, was changed, or another key signed it.
        """
        text, _, last = note.partition("\n\n")
        text += "\n"
        if not last.startswith(f"{_MARK}{self.name} "):
            raise CheckpointError("the checkpoint is not one of this home's audit")
        try:
            signed = base64.b64decode(last.removeprefix(f"{_MARK}{self.name} "), validate=False)
            self._key.verify(signed[4:], text.encode())
        except (InvalidSignature, ValueError) as error:
            raise CheckpointError("the checkpoint's signature does not hold") from error
        return _parsed(text)


class Sealer:
    """Seals an audit when it is due, and keeps the checkpoints in folders.

    Args:
        folders: the home's own first; others may lie on another machine.
        every: rows after which a new one is due; a day after the last it is due anyway.
    """

    def __init__(
        self, audit: Audit, key: SealingKey, folders: Iterable[Path], *, every: int = 1000
    ) -> None:
        self.audit, self.key = audit, key
        self.folders = tuple(folders)
        self.every = every
        self._last: tuple[int, dt.datetime | None] | None = None

    def seal(self, now: dt.datetime) -> tuple[Checkpoint, str]:
        """Make a checkpoint of the audit as it is and keep it in every folder.

        Raises:
            CheckpointError: if it cannot be kept everywhere; it is then kept where it could be.
        """
        head = self.audit.head()
        checkpoint = Checkpoint(origin=self.key.origin, total=head.total, hash=head.hash, at=now)
        note = self.key.sign(checkpoint)
        failed = [folder for folder in self.folders if not _keep(folder, checkpoint, note)]
        if failed:
            raise CheckpointError(f"the checkpoint cannot be written to {failed[0]}")
        return checkpoint, note

    def after(self, row: AuditRow) -> None:
        """Called with each row that was written: seals if enough rows or a day have passed.

        A seal that fails is logged and tried again with the next row: the row itself is on disk,
        so what it lets out may leave.
        """
        total, at = self._last or _newest(self.folders[0]) or (0, None)
        self._last = (total, at)
        few = row.sequence - total < self.every
        if few and at is not None and row.at - at < dt.timedelta(days=1):
            return
        try:
            made, _ = self.seal(row.at)
        except AuditError as error:
            structlog.get_logger("kith").error("audit not sealed", fault=type(error).__name__)
            return
        self._last = (made.total, made.at)


def kept_in(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    return sorted(file for file in folder.glob(f"*{_SUFFIX}") if file.stem.isdecimal())


def _newest(folder: Path) -> tuple[int, dt.datetime | None] | None:
    found = kept_in(folder)
    if not found:
        return None
    try:
        text = found[-1].read_text(encoding="utf-8").partition("\n\n")[0]
        newest = _parsed(text + "\n")
    except (OSError, ValueError, CheckpointError):
        return None  # what cannot be read is sealed again
    return newest.total, newest.at


def verify_checkpoints(audit: Audit, key: PublicKey, notes: Iterable[str]) -> Iterator[Fault]:
    """What kept checkpoints and the audit do not agree on."""
    total = audit.length()
    for note in notes:
        try:
            checkpoint = key.open(note)
        except CheckpointError as error:
            yield Fault(sequence=None, what=str(error))
            continue
        day = f"{checkpoint.at:%d %B %Y %H:%M} UTC"
        if checkpoint.total > total:
            missing = f"the audit has {total} rows, and on {day} it had {checkpoint.total}"
            yield Fault(sequence=None, what=missing)
        elif checkpoint.total and audit.hash_of(checkpoint.total) != checkpoint.hash:
            what = f"it is not the row that was sealed on {day}"
            yield Fault(sequence=checkpoint.total, what=what)


def _parsed(text: str) -> Checkpoint:
    lines = text.splitlines()
    form, _, origin = (lines or [""])[0].partition(" ")
    whole = len(lines) == 4 and form == _FORM and lines[1].isdecimal()
    if not whole or not _HASH.fullmatch(lines[2]):
        raise CheckpointError("the checkpoint is of another form")
    at = dt.datetime.fromisoformat(lines[3])
    return Checkpoint(origin=origin, total=int(lines[1]), hash=lines[2], at=at)


def _keep(folder: Path, checkpoint: Checkpoint, note: str) -> bool:
    file = folder / f"{checkpoint.total:012d}{_SUFFIX}"
    draft = folder / f".{file.name}.{os.getpid()}.draft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(note)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        return False
    return True


def _write_new(file: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process was first
    except OSError as error:
        raise CheckpointError("the key that seals the audit cannot be made") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(pem)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
