"""A real PostgreSQL for the time of a test session, in a folder of its own, on a socket alone.

Invariant: it listens on no network; it is gone, with its folder, when the session ends. Where it
is not installed its tests are skipped loudly, except in CI, where that is a fault.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

_USER = "kith"
_SAFE_IN_TESTS_ONLY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A running server."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """A new database; its URL."""
        name = f"t{uuid.uuid4().hex}"
        self._run(f'create database "{name}" template "{template}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self._run(f'drop database if exists "{self.name_of(url)}" with (force)')

    def name_of(self, url: str) -> str:
        """The database that a URL names."""
        return make_url(url).database or ""

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server; each test makes databases of its own in it."""
    programs = _programs()
    if programs is None:
        words = "PostgreSQL is not installed: nothing was tested on it"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    folder = Path(tempfile.mkdtemp(prefix="kith-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    _call(programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {_SAFE_IN_TESTS_ONLY}"
    control = (programs / "pg_ctl", "-D", data, "-w", "-s")
    _call(*control, "-l", folder / "log", "-o", options, "start")
    try:
        yield Postgres(folder=folder)
    finally:
        _call(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _call(*command: str | Path) -> None:
    """Run one of its programs, which refuse to be run by root."""
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        **user,  # type: ignore[call-overload]
    )
