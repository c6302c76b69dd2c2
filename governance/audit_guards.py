"""The database's own guards of the audit: triggers that refuse to change what is written.

Invariant: a row may only be added, at the end, and the head may only go forward by one. Whoever
owns the database can take the guards off; verifying the audit tells that they are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

_REFUSE = "begin select raise(abort, 'the audit is append-only'); end"
_TRIGGERS = {
    # REPLACE deletes without a delete trigger, so a row may only be put in at the end.
    "audit_row_next": "before insert on audit_row "
    "when new.sequence <> (select total + 1 from audit_head)",
    "audit_row_no_update": "before update on audit_row",
    "audit_row_no_delete": "before delete on audit_row",
    "audit_head_no_delete": "before delete on audit_head",
    "audit_head_forward": "before update on audit_head when new.total <> old.total + 1",
}
"""SQLite's guards."""

_REFUSER = """
create or replace function audit_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append-only' using errcode = 'integrity_constraint_violation';
end $$
"""
_NEXT = """
create or replace function audit_next_only() returns trigger language plpgsql as $$
begin
  if new.sequence <> (select total + 1 from audit_head) then
    raise exception 'the audit is append-only' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""
_FUNCTIONS = {
    "audit_append_only": _REFUSER,
    "audit_next_only": _NEXT,
}
_POSTGRES_TRIGGERS = {
    "audit_row_next": "before insert on audit_row for each row execute function audit_next_only()",
    "audit_row_no_update": "before update on audit_row for each statement "
    "execute function audit_append_only()",
    "audit_row_no_delete": "before delete or truncate on audit_row for each statement "
    "execute function audit_append_only()",
    "audit_head_no_delete": "before delete or truncate on audit_head for each statement "
    "execute function audit_append_only()",
    "audit_head_forward": "before update on audit_head for each row "
    "when (new.total <> old.total + 1) execute function audit_append_only()",
}
"""PostgreSQL's guards; its `verify` looks whether they are there and enabled."""


def guard_statements(dialect: str) -> Iterator[str]:
    """What puts the guards of a kind of database in place, if they are not."""
    if dialect == "sqlite":
        for name, when in _TRIGGERS.items():
            yield f"create trigger if not exists {name} {when} {_REFUSE}"
    elif dialect == "postgresql":
        yield from _FUNCTIONS.values()
        for name, when in _POSTGRES_TRIGGERS.items():
            yield f"create or replace trigger {name} {when}"


def missing_guards(connection: Connection) -> list[str]:
    """The names of guards that are not in place as they were made, or that are disabled."""
    if connection.dialect.name == "sqlite":
        query = text("select name, sql from sqlite_master where type = 'trigger'")
        found = {name: sql.casefold() for name, sql in connection.execute(query)}
        wanted = {n: f"create trigger {n} {when} {_REFUSE}" for n, when in _TRIGGERS.items()}
        return [name for name, sql in wanted.items() if found.get(name) != sql]
    if connection.dialect.name == "postgresql":
        said = {name: (_folded(guard), body) for name, guard, body in connection.execute(_ENABLED)}
        return [name for name in _POSTGRES_TRIGGERS if said.get(name) != _wanted(name)]
    return []


_ENABLED = text(
    "select tgname, pg_get_triggerdef(t.oid), prosrc from pg_trigger t "
    "join pg_proc p on p.oid = tgfoid where tgenabled in ('O', 'A') and not tgisinternal"
)


def _wanted(name: str) -> tuple[str, str]:
    """What PostgreSQL says of a guard as it was made: the trigger, and what its function does."""
    when = _POSTGRES_TRIGGERS[name]
    [function] = (made for known, made in _FUNCTIONS.items() if known in when)
    return _folded(f"create trigger {name} {when}"), function.split("$$")[1]


def _folded(guard: str) -> str:
    """A trigger's definition without what PostgreSQL adds: brackets, the schema, the order."""
    bare = re.sub(r"[\w\"]+\.(?=audit_)", "", guard.casefold())
    return " ".join(sorted(bare.translate(str.maketrans("()", "  ")).split()))
