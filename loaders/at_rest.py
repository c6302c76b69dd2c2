"""Staged tables on the disk: in the clear, or encrypted with age.

Invariant: a file tells by its first bytes which it is, so that loads of before the key was set
are read as they are; with a key nothing is written in the clear, and without it nothing that is
encrypted is read.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.errors import StagingError
from loaders.files import sync

_HEADER = b"age-encryption.org/v1"
_PREFIX = "AGE-SECRET-KEY-1"
_COMPRESSED = {"compression": "zstd", "compression_level": 1}
_NO_KEY = (
    "staged files are encrypted, and their key is not here: KITH_STAGING_KEY_FILE names the file "
    "of the private key that they were written with"
)


@dataclass(frozen=True, kw_only=True)
class AtRest:
    """How staged tables are kept. `key` is a private key of age; None: in the clear."""

    key: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str) -> AtRest:
        """With the private key that a text holds, as `age-keygen` or `kith backup-key` writes it.

        Raises:
            StagingError: if it holds none. An empty text: in the clear.
        """
        if not text.strip():
            return cls()
        import pyrage

        keys = [line.strip() for line in text.splitlines() if line.startswith(_PREFIX)]
        try:
            pyrage.x25519.Identity.from_str("".join(keys))
        except pyrage.IdentityError as error:
            raise StagingError(
                f"KITH_STAGING_KEY holds no private key of age, one line {_PREFIX}..."
            ) from error
        return cls(key=keys[0])

    def write(self, table: pa.Table, path: Path) -> None:
        """Write a table and see it onto the disk."""
        if self.key is None:
            pq.write_table(table, path, **_COMPRESSED)
        else:
            import pyrage  # where there is no key nobody needs it

            plain = io.BytesIO()
            pq.write_table(table, plain, **_COMPRESSED)
            to = pyrage.x25519.Identity.from_str(self.key).to_public()
            path.write_bytes(pyrage.encrypt(plain.getvalue(), [to]))
        sync(path)

    def read(self, path: Path, columns: Sequence[str] | None = None) -> pa.Table:
        """A table, or some of its columns.

        Raises:
            StagingError: if it is encrypted with a key that is not here, or was changed.
        """
        source: Path | pa.BufferReader = path
        if is_encrypted(path):
            source = pa.BufferReader(self._decrypted(path))
        return pq.read_table(source, columns=None if columns is None else list(columns))

    def _decrypted(self, path: Path) -> bytes:
        import pyrage

        if self.key is None:
            raise StagingError(_NO_KEY)
        try:
            found: bytes = pyrage.decrypt(
                path.read_bytes(), [pyrage.x25519.Identity.from_str(self.key)]
            )
        except pyrage.DecryptError as error:
            raise StagingError(_NO_KEY) from error
        return found


def is_encrypted(path: Path) -> bool:
    """Whether a file is one of age's."""
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


def encrypt_staged(staging: Path, at_rest: AtRest) -> int:
    """Encrypt what was staged before there was a key; how many files. Call it under the lock.

    Raises:
        StagingError: if there is no key.
    """
    if at_rest.key is None:
        raise StagingError("there is no key: set KITH_STAGING_KEY_FILE (kith backup-key makes one)")
    plain = [file for file in sorted(staging.glob("*/*/*/*.parquet")) if not is_encrypted(file)]
    for file in plain:
        draft = file.with_name(f".{file.name}.draft")
        at_rest.write(pq.read_table(file), draft)
        draft.replace(file)
        sync(file.parent)
    return len(plain)
