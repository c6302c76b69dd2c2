"""The register's database: opened, brought up to date, and handed out as units of work.

Invariant: whoever opens a session commits it; leaving without a commit leaves nothing. Statement
parameters never reach an exception's text.

On SQLite a transaction begins with the first *write* (`BEGIN IMMEDIATE`), and reads before it
see what is committed at that moment, as on PostgreSQL's default level. So a long reader never
fails for a stale snapshot when it comes to write, and nobody holds the write lock while reading.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from governance.errors import RegisterError

HEAD = "0010"
"""The newest schema: the last file of `governance/migrations/versions`."""

_BUSY_SECONDS = 30
_NO_ADDRESS = (
    "the address of a database cannot be used; KITH_REGISTER_URL and KITH_AUDIT_URL are like "
    "sqlite:////folder/file.sqlite or postgresql+psycopg://user@host/name"
)
_NOT_REACHED = "the register's database cannot be opened: is KITH_REGISTER_URL right, and is it up?"


def open_engine(url: str) -> Engine:
    """An engine with this room's settings for a SQLAlchemy URL.

    Raises:
        RegisterError: if that is no address of a database of a kind that Kith knows.
    """
    try:
        target = make_url(url)
        if target.get_backend_name() != "sqlite":
            return create_engine(target, hide_parameters=True, pool_pre_ping=True)
        arguments: dict[str, Any] = {"isolation_level": "IMMEDIATE", "timeout": _BUSY_SECONDS}
        engine = create_engine(target, hide_parameters=True, connect_args=arguments)
    except (ArgumentError, ImportError, ValueError):  # without its cause: it may hold a password
        raise RegisterError(_NO_ADDRESS) from None
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    """What the database's own driver says of a lost connection, in our words."""
    try:
        yield
    except OperationalError as error:
        raise RegisterError(_NOT_REACHED) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Turn WAL on; SQLite does not wait its turn for this, so processes that start at once must."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


class Register:
    """The register of one area, at a SQLAlchemy URL (SQLite or PostgreSQL)."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

    def upgrade(self, revision: str = "head") -> None:
        """Bring the schema to a revision, in one transaction; nothing to do is no error.

        Raises:
            RegisterError: if the database cannot be opened.
        """
        with _reached(), self.engine.connect():
            pass
        self._migrate("upgrade", revision)

    def downgrade(self, revision: str) -> None:
        """Take the schema back to a revision; `base` is empty."""
        self._migrate("downgrade", revision)

    def scrub(self) -> None:
        """See that what was deleted is in no file any more; PostgreSQL does so by itself."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def current(self) -> str | None:
        """The schema's revision, None for an empty database."""
        from alembic.runtime.migration import MigrationContext

        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def bring_up_to_date(self) -> None:
        """Upgrade a register that an earlier version made; cheap if there is nothing to do.

        Raises:
            RegisterError: if a later version made it, or the database cannot be opened.
        """
        with _reached():
            found = self._revision()
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise RegisterError("this register was made by a later version of Kith; use that one")
        self.upgrade()

    def _revision(self) -> str | None:
        # Alembic would say too, but takes 0.2 s to import, and every command asks.
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("select version_num from alembic_version")).scalar()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A unit of work. The caller commits; an exception or no commit undoes it."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _migrate(self, direction: str, revision: str) -> None:
        # Alembic takes 0.2 s to import and only this needs it.
        from alembic import command
        from alembic.config import Config

        config = Config()
        folder = Path(__file__).parent / "migrations"
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with self.engine.connect() as connection:
            _begin(connection)
            config.attributes["connection"] = connection
            getattr(command, direction)(config, revision)
            connection.commit()


def _begin(connection: Connection) -> None:
    """One migration at a time, and DDL inside the transaction on SQLite too."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5483001)")
