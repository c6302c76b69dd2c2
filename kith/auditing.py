"""The audit compared with itself and with its checkpoints.

Invariant: faults are told even where nothing can be written any more: somebody who tampers with the
audit so that no row can be added hides nothing by it. What is told is the number of a row and what
is wrong with it, never what it holds.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from governance.audit import Audit, Fault
from governance.checkpoints import PublicKey, kept_in, verify_checkpoints
from governance.errors import AuditError
from governance.events import AuditRead
from governance.sessions import SignedInUser
from kith.home import Home

NOT_WRITTEN = "that this was checked cannot be written: the audit takes no further row"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found; whole if there are no faults."""

    faults: tuple[Fault, ...]
    rows: int
    checkpoints: int


def check(audit: Audit, key: PublicKey | None, notes: Iterable[str] = ()) -> Checked:
    """Walk the chain, and compare it with checkpoints.

    Args:
        key: what the checkpoints were signed with; None: they are not looked at.
    """
    kept = list(notes) if key else []
    faults = [*audit.verify(), *(verify_checkpoints(audit, key, kept) if key else ())]
    return Checked(faults=tuple(faults), rows=audit.length(), checkpoints=len(kept))


def check_home(
    home: Home, user: SignedInUser, *, key: PublicKey | None = None, notes: Iterable[str] = ()
) -> Checked:
    """The same of a home with the checkpoints that it keeps; that an officer asked is on record.

    Args:
        key: the home's own as it was noted elsewhere; None: the home's own as it is.
        notes: checkpoints that were kept elsewhere.

    Raises:
        AuditError: if the audit cannot be read, or is whole and cannot be written.
    """
    own = [text_of(file) for folder in home.sealer.folders for file in kept_in(folder)]
    found = check(home.audit, key or home.sealer.key.public, [*own, *notes])
    event = AuditRead(user_id=user.user_id, agency=user.agency, rows=0, faults=len(found.faults))
    try:
        home.audit.record(event, home.clock())
    except AuditError:
        if not found.faults:
            raise
        last = Fault(sequence=None, what=NOT_WRITTEN)
        return Checked(faults=(*found.faults, last), rows=found.rows, checkpoints=found.checkpoints)
    return found


@contextlib.contextmanager
def copied(file: Path) -> Iterator[Audit]:
    """An audit that lies in a file, copied so that the file stays as it is.

    Raises:
        AuditError: if it is none.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "audit.sqlite"
        # A file alone is read as it is; beside a log of writes SQLite has to look into that too.
        still = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
        name = f"{file.resolve().as_uri()}?mode=ro{still}"
        try:
            with (
                contextlib.closing(sqlite3.connect(name, uri=True)) as given,
                contextlib.closing(sqlite3.connect(copy)) as made,
            ):
                given.backup(made)
        except sqlite3.Error as error:
            raise AuditError("this file is no audit") from error
        audit = Audit(f"sqlite:///{copy}")
        try:
            yield audit
        finally:
            audit.close()


def text_of(file: Path) -> str:
    """A checkpoint as it lies in a file."""
    return file.read_text(encoding="utf-8", errors="replace")
