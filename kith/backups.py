"""A whole home in one file, and a home from such a file.

Invariant: a backup is whole or absent, and so is a home that is restored: each is built beside its
place, compared with the list of its files, put in the audit and renamed. Loads and snapshots wait
meanwhile; databases are copied by their own means, so what is copied was committed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from governance.keeping_events import BackupMade, BackupRestored
from governance.sessions import end_all_sessions
from kith import ciphering
from kith.home import Home
from kith.settings import Settings
from loaders.files import locked
from records.errors import KithError

_LIST = "MANIFEST.json"
_FORM = 1
_DATABASES = ("register.sqlite", "audit.sqlite")
_MADE_AGAIN = frozenset({"graph", "projection", "logs", "serve.sock"})
"""What `kith project` makes again, or belongs to the machine."""
_BLOCK = 1 << 20


class BackupError(KithError):
    """A backup cannot be made, or is none that a home can be made from."""

    exit_code = 4


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup that was made or restored. `elsewhere`: databases that it does not hold."""

    manifest: str
    files: int
    area: str
    made_on: dt.datetime
    elsewhere: tuple[str, ...]


def make(home: Home, out: Path, public_keys: tuple[str, ...]) -> Backup:
    """Copy a home into a file that is not there yet; without public keys it is not encrypted.

    Raises:
        BackupError: if the file is there, or the home changed while it was copied.
        CipherError: if a public key is none.
    """
    recipients = ciphering.recipients_of(public_keys)
    if out.exists():
        raise BackupError(f"{out} is there already")
    building = out.with_name(f".{out.name}.building")
    try:
        with _new_file(building) as file:
            written = ciphering.encrypting(file, recipients) if recipients else _as_it_is(file)
            with written as stream:
                made = _write(home, stream)
            file.flush()
            os.fsync(file.fileno())
        home.audit.record(
            BackupMade(
                user_id="system",
                manifest=made.manifest,
                files=made.files,
                encrypted=bool(recipients),
            ),
            home.clock(),
        )
        building.rename(out)
    except FileNotFoundError as error:
        raise BackupError("the home changed while it was copied; try again") from error
    finally:
        building.unlink(missing_ok=True)
    return made


def restore(file: Path, settings: Settings, identity: Path | None) -> Backup:
    """Make the home of the settings from a backup; every session in it is ended.

    Raises:
        BackupError: if there is a home already, or the file is no whole backup.
        CipherError: if the private key is missing or another's, or the file was changed.
    """
    folder = settings.home
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is there already and is not empty")
    building = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(parents=True, mode=0o700)
        with _opened(file, identity) as stream:
            _unpack(stream, building)
        found = _checked(building)
        _let_in_nobody(settings, building, found)
        if folder.exists():
            folder.rmdir()
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return found


def _write(home: Home, stream: IO[bytes]) -> Backup:
    """Every file of the home into a tar archive, and last the list of them."""
    listed: dict[str, str] = {}
    sealed_by = home.sealer.key.public.text  # the key is made now if it never was
    elsewhere = _elsewhere(home.settings)
    with (
        locked(home.folder / "staging"),
        locked(home.folder / "snapshots"),
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        _copies(home.folder, elsewhere) as copies,
    ):
        for name, path in sorted({**dict(_files(home.folder)), **copies}.items()):
            listed[name] = _add(archive, name, path)
        made_on = home.clock()
        told = {
            "form": _FORM,
            "area": home.area,
            "made_on": made_on.isoformat(),
            "elsewhere": elsewhere,
            "sealed_by": sealed_by,
            "files": listed,
        }
        text = json.dumps(told, indent=1, sort_keys=True).encode()
        about = tarfile.TarInfo(_LIST)
        about.size, about.mode = len(text), 0o600
        archive.addfile(about, io.BytesIO(text))
    return Backup(
        manifest=hashlib.sha256(text).hexdigest(),
        files=len(listed),
        area=home.area,
        made_on=made_on,
        elsewhere=tuple(elsewhere),
    )


def _elsewhere(settings: Settings) -> list[str]:
    """Databases that do not lie in the home: their own means copy them."""
    named = {"register": settings.register_url, "audit": settings.audit_url}
    return [name for name, url in named.items() if url]


@contextlib.contextmanager
def _copies(folder: Path, elsewhere: list[str]) -> Iterator[dict[str, Path]]:
    """Copies of the databases as they are committed now; the audit's first, as it comes first."""
    copying = folder / ".copying"
    shutil.rmtree(copying, ignore_errors=True)
    copying.mkdir(mode=0o700)
    try:
        made = {}
        for name in sorted(_DATABASES, reverse=True):
            if name.partition(".")[0] in elsewhere:
                continue
            with (
                contextlib.closing(sqlite3.connect(folder / name)) as source,
                contextlib.closing(sqlite3.connect(copying / name)) as target,
            ):
                source.backup(target)
            made[name] = copying / name
        yield made
    finally:
        shutil.rmtree(copying, ignore_errors=True)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file that belongs to the home, its databases and what can be made again left out."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        database = any(name.name.startswith(each) for each in _DATABASES)
        if path.is_file() and not (hidden or database or name.parts[0] in _MADE_AGAIN):
            yield name.as_posix(), path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    """Add a file; the digest of what was added."""
    with path.open("rb") as file:
        about = tarfile.TarInfo(name)
        about.size = os.fstat(file.fileno()).st_size
        about.mode = 0o600
        reading = _Digesting(file)
        archive.addfile(about, reading)
    return reading.digest.hexdigest()


class _Digesting:
    """A file whose bytes are counted into a digest as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


@contextlib.contextmanager
def _opened(file: Path, identity: Path | None) -> Iterator[IO[bytes]]:
    """The archive in a backup, decrypted if it has to be."""
    try:
        opened = file.open("rb")
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from None
    with opened:
        start = opened.read(len(ciphering.HEADER))
        opened.seek(0)
        if start != ciphering.HEADER:
            yield opened
            return
        if identity is None:
            raise ciphering.CipherError(
                "this backup is encrypted: name the file of the private key with --identity, or "
                "in KITH_AGE_IDENTITY_FILE"
            )
        with ciphering.decrypting(opened, ciphering.identities_of(identity)) as stream:
            yield stream


def _unpack(stream: IO[bytes], folder: Path) -> None:
    """Plain files and folders alone, each inside the folder."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if not member.isreg() or name.is_absolute() or ".." in name.parts:
                    raise BackupError("this is no backup of Kith's")
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                source = archive.extractfile(member)
                assert source is not None  # of a regular file there is one
                with _new_file(target) as file:
                    shutil.copyfileobj(source, file, _BLOCK)
    except (tarfile.TarError, EOFError, ValueError, FileExistsError):
        raise BackupError("this is no backup of Kith's, or it is not whole") from None


def _checked(folder: Path) -> Backup:
    """The backup that was unpacked, if all that it lists is there and nothing else."""
    path = folder / _LIST
    try:
        text = path.read_bytes()
        told: dict[str, Any] = json.loads(text)
        if told["form"] != _FORM:
            raise BackupError("this backup was made by another version of Kith; use that one")
        found = Backup(
            manifest=hashlib.sha256(text).hexdigest(),
            files=len(told["files"]),
            area=str(told["area"]),
            made_on=dt.datetime.fromisoformat(told["made_on"]),
            elsewhere=tuple(told["elsewhere"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError("this is no backup of Kith's, or it is not whole") from None
    path.unlink()
    here = {entry.relative_to(folder).as_posix(): entry for entry in _all_files(folder)}
    if set(here) != set(told["files"]):
        raise BackupError("this backup does not hold the files that it lists")
    for name, digest in told["files"].items():
        if _digest(here[name]) != digest:
            raise BackupError("a file of this backup is not what its list says")
    return found


def _let_in_nobody(settings: Settings, building: Path, found: Backup) -> None:
    """End every session that was open when the backup was made; it is on record."""
    for name in ("staging", "snapshots", "resolved", "projection", "graph", "logs", "mappings"):
        (building / name).mkdir(exist_ok=True, mode=0o700)
    opened = Home.open(dataclasses.replace(settings, home=building))
    with opened as home, home.register.session() as session:
        end_all_sessions(session, home.clock())
        home.audit.record(
            BackupRestored(user_id="system", manifest=found.manifest, files=found.files),
            home.clock(),
        )
        session.commit()


def _all_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _new_file(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextlib.contextmanager
def _as_it_is(file: IO[bytes]) -> Iterator[IO[bytes]]:
    yield file
