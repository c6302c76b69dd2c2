"""The audit: what was disclosed, to whom and why, written before the answer leaves.

Invariant: rows are only ever added. Each holds the SHA-256 of its own content and of the row
before it, so an altered, removed, inserted or moved row breaks the chain, and a head record keeps
the count and the last hash, so that a row missing at the end shows too. Whoever can rewrite rows
*and* head can forge a shorter or a whole new chain; only a checkpoint kept elsewhere shows that.

A row that cannot be written raises, and then there is no answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from governance.audit_guards import guard_statements, missing_guards
from governance.errors import AuditError
from governance.events import Event, from_payload
from governance.register import open_engine

_FIRST = "0" * 64
_PAGE = 5_000

_metadata = MetaData()
_rows = Table(
    "audit_row",
    _metadata,
    # The sequence is given, not drawn: a rolled-back write must leave no gap.
    Column(
        "sequence",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("at", String(32), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
    Index("ix_audit_row_kind", "kind"),
    Index("ix_audit_row_at", "at"),
)
_head = Table(
    "audit_head",
    _metadata,
    Column("head", Integer, primary_key=True, autoincrement=False),
    Column("total", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One row as it is stored."""

    sequence: int
    at: dt.datetime
    previous: str
    hash: str
    kind: str
    payload: dict[str, Any]

    @property
    def event(self) -> Event:
        """The typed event. Raises EventError if the row does not keep to its schema."""
        return from_payload(self.kind, self.payload)


@dataclass(frozen=True, kw_only=True)
class Head:
    """How many rows there are, and the hash of the last."""

    total: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where the chain breaks; `sequence` is None if it is the head that disagrees."""

    sequence: int | None
    what: str


class Audit:
    """The audit of one area, at a SQLAlchemy URL of its own."""

    def __init__(self, url: str, after: Callable[[AuditRow], None] | None = None) -> None:
        """`after` is called with every row once it is on disk."""
        self.engine = open_engine(url)
        self.after = after

    def upgrade(self) -> None:
        """Make the tables if they are not there."""
        with self._writing() as connection:
            _metadata.create_all(connection)
            for statement in guard_statements(connection.dialect.name):
                connection.exec_driver_sql(statement)
            if connection.execute(select(_head)).first() is None:
                connection.execute(insert(_head).values(head=1, total=0, hash=_FIRST))

    def record(self, event: Event, at: dt.datetime | None = None) -> AuditRow:
        """Write an event. When this returns, the row is on disk.

        Raises:
            AuditError: if it cannot be written; then nothing may be disclosed.
        """
        payload = json.dumps(event.payload(), sort_keys=True, separators=(",", ":"))
        with self._writing() as connection:
            head = connection.execute(select(_head).with_for_update()).one()
            values: dict[str, Any] = {
                "sequence": head.total + 1,
                "at": _stamp(at or dt.datetime.now(dt.UTC)),
                "previous": head.hash,
                "kind": event.kind,
                "payload": payload,
            }
            values["hash"] = _hash(**values)
            connection.execute(insert(_rows).values(values))
            connection.execute(update(_head).values(total=values["sequence"], hash=values["hash"]))
        row = _row(values)
        if self.after is not None:
            self.after(row)
        return row

    def rows(self, *, after: int = 0, kind: str | None = None) -> Iterator[AuditRow]:
        """Rows in order, after a sequence number, of a kind or of all."""
        for stored in self._stored(after, kind):
            yield _row(stored)

    def search(
        self,
        *,
        kinds: Collection[str] = (),
        user_id: str | None = None,
        about: Collection[str] = (),
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        last: int | None = None,
    ) -> list[AuditRow]:
        """Rows that all conditions fit, newest first.

        Args:
            kinds: any of them; none: every kind.
            about: opaque ids, of which a row names at least one; none: whatever it names.
            since, until: instants, the second not included.
            last: at most so many.
        """
        query = select(_rows).order_by(_rows.c.sequence.desc())
        if kinds:
            query = query.where(_rows.c.kind.in_(sorted(kinds)))
        if since is not None:
            query = query.where(_rows.c.at >= _stamp(since))
        if until is not None:
            query = query.where(_rows.c.at < _stamp(until))
        wanted = [{user_id}] if user_id is not None else []
        wanted += [set(about)] if about else []
        for ids in wanted:
            # A first sieve in the database; what names an id in a value is looked at below.
            query = query.where(or_(*(_rows.c.payload.contains(_quoted(i)) for i in sorted(ids))))
        found: list[AuditRow] = []
        streaming = query.execution_options(yield_per=_PAGE)
        with (
            self._reading() as connection,
            contextlib.closing(connection.execute(streaming)) as streamed,
        ):
            for stored in streamed.mappings():
                row = _row(dict(stored))
                if user_id is not None and row.payload.get("user_id") != user_id:
                    continue
                if about and not any(_mentions(row.payload, each) for each in about):
                    continue
                found.append(row)
                if last is not None and len(found) >= last:
                    break
        return found

    def count_of(
        self,
        kinds: Collection[str],
        user_id: str,
        purpose: str,
        since: dt.datetime,
        *,
        most: int,
    ) -> int:
        """Rows of some kinds by a user for a purpose since an instant; counted up to `most`."""
        query = (
            select(_rows.c.sequence)
            .where(
                _rows.c.at >= _stamp(since),
                _rows.c.kind.in_(sorted(kinds)),
                _rows.c.payload.contains(f'"user_id":{_quoted(user_id)}'),
                _rows.c.payload.contains(f'"purpose":{_quoted(purpose)}'),
            )
            .limit(most)
        )
        with self._reading() as connection:
            return len(connection.execute(query).all())

    def head(self) -> Head:
        """Where the audit ends. Raises AuditError if that cannot be told."""
        with self._reading() as connection:
            found = connection.execute(select(_head)).first()
        if found is None:
            raise AuditError("The audit's head record is missing.")
        return Head(total=found.total, hash=found.hash)

    def count(self) -> int:
        """How many rows there are, as the head has it."""
        return self.head().total

    def length(self) -> int:
        """How many rows there are by the number of the last, whatever the head says."""
        with self._reading() as connection:
            return int(connection.execute(select(func.max(_rows.c.sequence))).scalar() or 0)

    def hash_of(self, sequence: int) -> str | None:
        """The hash that a row bears; None if there is no such row."""
        with self._reading() as connection:
            query = select(_rows.c.hash).where(_rows.c.sequence == sequence)
            return connection.execute(query).scalar()

    def verify(self) -> list[Fault]:
        """Walk the whole chain; an empty list means that nothing has been tampered with."""
        with self._reading() as connection:
            head = connection.execute(select(_head)).first()
            faults = [
                Fault(sequence=None, what=f"the guard {name} is not in place")
                for name in missing_guards(connection)
            ]
            expected, previous = 1, _FIRST
            query = select(_rows).order_by(_rows.c.sequence)
            query = query.execution_options(yield_per=_PAGE)
            try:
                for row in connection.execute(query).mappings():
                    faults += _row_faults(dict(row), expected, previous)
                    expected, previous = row["sequence"] + 1, row["hash"]
            except OperationalError as error:
                if "decode" not in str(error.orig):  # what SQLite says of bytes that are no text
                    raise
                what = f"from row {expected} on there is one that cannot be read"
                return [*faults, Fault(sequence=None, what=what)]
        if head is None:
            faults.append(Fault(sequence=None, what="the head record is missing"))
        elif (head.total, head.hash) != (expected - 1, previous):
            faults.append(Fault(sequence=None, what="the last row is not the one the head names"))
        return faults

    def close(self) -> None:
        self.engine.dispose()

    def _stored(self, after: int, kind: str | None) -> Iterator[dict[str, Any]]:
        """Stored rows, page by page: no transaction stays open while the caller works."""
        while True:
            query = select(_rows).where(_rows.c.sequence > after)
            if kind is not None:
                query = query.where(_rows.c.kind == kind)
            with self._reading() as connection:
                page = connection.execute(query.order_by(_rows.c.sequence).limit(_PAGE))
                found = [dict(row) for row in page.mappings()]
            yield from found
            if len(found) < _PAGE:
                return
            after = found[-1]["sequence"]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        """One writer at a time; committed on leaving, undone on an exception."""
        words = "The audit cannot be written; nothing is shown without it."
        with _as_audit_error(words), self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One view of the audit, however many are writing."""
        with _as_audit_error("The audit cannot be read."), self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
                yield connection
            else:
                yield connection.execution_options(isolation_level="REPEATABLE READ")


@contextlib.contextmanager
def _as_audit_error(words: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise AuditError(words) from error


def _row_faults(stored: dict[str, Any], expected: int, previous: str) -> Iterator[Fault]:
    sequence = stored["sequence"]
    if sequence != expected:
        yield Fault(sequence=sequence, what=f"row {expected} is missing")
    if stored["previous"] != previous:
        yield Fault(sequence=sequence, what="it does not follow from the row before it")
    content = {name: stored[name] for name in ("sequence", "at", "previous", "kind", "payload")}
    text = all(isinstance(part, str) for name, part in content.items() if name != "sequence")
    if not text or stored["hash"] != _hash(**content):
        yield Fault(sequence=sequence, what="its content is not what was written")


def _hash(*, sequence: int, at: str, previous: str, kind: str, payload: str) -> str:
    # A JSON list keeps the parts apart, whatever they hold.
    content = json.dumps([sequence, at, previous, kind, payload], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _row(stored: dict[str, Any]) -> AuditRow:
    """A row; of one that was tampered with what can be read, the rest empty."""
    try:
        at = dt.datetime.fromisoformat(stored["at"]).astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        at = dt.datetime.min.replace(tzinfo=dt.UTC)
    try:
        payload = json.loads(stored["payload"])
    except (TypeError, ValueError):
        payload = {}
    return AuditRow(**{**stored, "at": at, "payload": payload if isinstance(payload, dict) else {}})


def _mentions(payload: dict[str, Any], about: str) -> bool:
    return any(
        value == about or (isinstance(value, list) and about in value) for value in payload.values()
    )


def _quoted(identity: str) -> str:
    return json.dumps(identity)


def _stamp(at: dt.datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
