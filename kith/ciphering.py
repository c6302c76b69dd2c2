"""Files for other eyes: encrypted to public keys with age (age-encryption.org/v1).

Invariant: what is encrypted can be read with a private key alone, and Kith keeps none; what was
changed or cut off is not taken for whole.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import pyrage

from records.errors import KithError

HEADER = b"age-encryption.org/v1\n"
_PREFIX = "AGE-SECRET-KEY-1"


class CipherError(KithError):
    """A key is none, or a file cannot be read with it."""

    exit_code = 4


def recipients_of(public_keys: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """Public keys as read. Raises CipherError."""
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in public_keys]
    except pyrage.RecipientError as error:
        raise CipherError("a public key is like age1...; see KITH_AGE_RECIPIENTS") from error


def identities_of(file: Path) -> list[pyrage.x25519.Identity]:
    """The private keys of a file, as `age-keygen` or `kith backup-key` writes it.

    Raises:
        CipherError: if there is none in it.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        keys = [line.strip() for line in lines if line.startswith(_PREFIX)]
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except OSError as error:
        raise CipherError(f"the private key cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, pyrage.IdentityError):
        raise CipherError("the file of the private key is not one of age's") from None
    if not found:
        raise CipherError(f"the file of the private key holds no line {_PREFIX}...")
    return found


def new_identity() -> tuple[str, str]:
    """A new private key and its public key."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


@contextlib.contextmanager
def encrypting(file: IO[bytes], recipients: list[pyrage.x25519.Recipient]) -> Iterator[IO[bytes]]:
    """What is written comes out encrypted in `file`."""
    with _through(lambda inner: pyrage.encrypt_io(inner, file, recipients), "rb") as outer:
        yield outer


@contextlib.contextmanager
def decrypting(file: IO[bytes], identities: list[pyrage.x25519.Identity]) -> Iterator[IO[bytes]]:
    """What `file` holds, decrypted; believe none of it before the block was left without an error.

    Raises:
        CipherError: if the key is another's, or the file was changed or cut off.
    """
    with _through(lambda inner: pyrage.decrypt_io(file, inner, identities), "wb") as outer:
        yield outer


@contextlib.contextmanager
def _through(work: Callable[[IO[bytes]], None], mode: str) -> Iterator[IO[bytes]]:
    """A pipe whose other end a thread works at; its fault is raised here, before any other."""
    reading, writing = os.pipe()
    ends = (reading, writing) if mode == "rb" else (writing, reading)
    inner, outer = os.fdopen(ends[0], mode), os.fdopen(ends[1], "wb" if mode == "rb" else "rb")
    faults: list[Exception] = []

    def run() -> None:
        try:
            with inner:
                work(inner)
        except Exception as error:  # told in the caller's thread
            faults.append(error)

    thread = threading.Thread(target=run, name="age", daemon=True)
    thread.start()
    try:
        with contextlib.closing(outer):
            yield outer
            if mode == "wb":
                _drain(outer)
    except BaseException:
        thread.join()
        _tell(faults)
        raise
    thread.join()
    _tell(faults)


def _drain(outer: IO[bytes]) -> None:
    """To the end of it, so that what was cut off is noticed."""
    while outer.read(io.DEFAULT_BUFFER_SIZE * 8):
        pass


def _tell(faults: list[Exception]) -> None:
    for fault in faults:
        if isinstance(fault, BrokenPipeError):
            continue
        if isinstance(fault, OSError) and fault.errno:  # the disk's own
            raise fault
        if isinstance(fault, pyrage.DecryptError) and "No matching keys" in str(fault):
            raise CipherError("this file was encrypted to another key") from None
        if isinstance(fault, pyrage.DecryptError | pyrage.EncryptError | OSError | ValueError):
            raise CipherError("this file was changed, or is not whole") from None
        raise fault
