"""Folders that are whole or absent: written beside their place, synced, renamed into it.

Invariant: a folder that has its final name has all its files on the disk; whatever died half way
has a name that begins with `.building-` and is swept.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_BUILDING = ".building-"
_BLOCK = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def new_building(root: Path, name: str) -> Path:
    """A folder to fill, on the same file system as its place."""
    folder = root / f"{_BUILDING}{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def put_in_place(building: Path, folder: Path) -> None:
    """Give a filled folder its final name; both folders are synced, so a crash keeps the name."""
    sync(building)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    building.rename(folder)
    sync(folder.parent)


def sweep_buildings(root: Path) -> int:
    """Remove whatever was never put in place; how many."""
    left = list(root.glob(f"{_BUILDING}*"))
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """One at a time over all processes and threads; a process that dies lets go."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (root / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
