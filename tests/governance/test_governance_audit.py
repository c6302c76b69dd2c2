from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from governance import AuditError
from governance.audit import Audit
from governance.events import EventError, SignedIn, SignedOut
from tests.governance.builders import NOW, address_checked, later
from tests.postgres import Postgres

GUARDS = ("audit_row_next", "audit_row_no_update", "audit_row_no_delete", "audit_head_no_delete")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def five(audit: Audit) -> Audit:
    """An audit of five rows, whole."""
    for number in range(5):
        audit.record(address_checked(number), NOW)
    assert audit.verify() == []
    return audit


def tamper(path: Path, *statements: str, guards: bool = False) -> None:
    """Do to the file what somebody with its password could; put the guards back unless told."""
    connection = sqlite3.connect(path)
    query = "select name, sql from sqlite_master where type = 'trigger'"
    triggers = connection.execute(query).fetchall()
    for name, _ in triggers:
        connection.execute(f"drop trigger {name}")
    for statement in statements:
        connection.execute(statement)
    for name, sql in triggers:
        if not guards or name not in GUARDS:
            connection.execute(sql)
    connection.commit()
    connection.close()


def faults(audit: Audit) -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.what) for fault in audit.verify()]


# Writing and reading


def test_a_row_is_what_was_recorded(audit: Audit) -> None:
    first = audit.record(address_checked(), NOW)
    second = audit.record(SignedOut(user_id="u_aaaa"), later(seconds=1))
    assert (first.sequence, first.at, first.kind) == (1, NOW, "address_checked")
    assert first.event == address_checked()
    assert (second.sequence, second.previous) == (2, first.hash)
    assert list(audit.rows()) == [first, second]
    assert audit.count() == 2
    assert audit.verify() == []


def test_an_empty_audit_is_whole_and_making_it_twice_changes_nothing(audit: Audit) -> None:
    assert audit.verify() == []
    audit.record(address_checked())
    audit.upgrade()
    assert audit.count() == 1
    assert audit.verify() == []


def test_rows_are_found_by_place_kind_user_and_subject(audit: Audit) -> None:
    audit.record(SignedIn(user_id="u_bbbb"))
    for number in range(3):
        audit.record(address_checked(number))
    assert [row.sequence for row in audit.rows(after=2)] == [3, 4]
    assert [row.sequence for row in audit.search(last=2)] == [4, 3]
    assert [row.sequence for row in audit.rows(kind="signed_in")] == [1]
    assert [row.sequence for row in audit.search(user_id="u_aaaa", last=1)] == [4]
    assert [row.sequence for row in audit.search(about=["a_c", "a_z"])] == [4]
    assert [row.sequence for row in audit.search(about=["u_bbbb"])] == [1]
    assert audit.search(about=["a_"]) == []


def test_rows_come_in_pages_and_verification_walks_them_all(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.audit._PAGE", 3)
    for number in range(7):
        audit.record(address_checked(number))
    assert [row.sequence for row in audit.rows()] == [1, 2, 3, 4, 5, 6, 7]
    assert audit.verify() == []


def test_an_instant_without_a_zone_is_refused_and_nothing_is_written(audit: Audit) -> None:
    with pytest.raises(ValueError, match="time zone"):
        audit.record(address_checked(), NOW.replace(tzinfo=None))
    assert audit.count() == 0


# No audit, no answer


def test_without_its_tables_it_raises(tmp_path: Path) -> None:
    audit = Audit(f"sqlite:///{tmp_path / 'other.sqlite'}")
    for act in (lambda: audit.record(address_checked()), audit.verify, audit.count):
        with pytest.raises(AuditError):
            act()
    audit.close()


def test_in_a_folder_that_is_not_there_it_raises(tmp_path: Path) -> None:
    audit = Audit(f"sqlite:///{tmp_path / 'gone' / 'audit.sqlite'}")
    with pytest.raises(AuditError, match="nothing is shown"):
        audit.record(address_checked())
    audit.close()


@pytest.mark.sqlite
def test_on_a_full_disk_it_raises_and_stays_whole(five: Audit) -> None:
    with five.engine.connect() as connection:
        pages = connection.execute(text("pragma page_count")).scalar_one()
        connection.exec_driver_sql(f"pragma max_page_count = {pages}")
    big = address_checked()
    object.__setattr__(big, "what", ("r_aaaa",) * 20_000)
    with pytest.raises(AuditError):
        five.record(big)
    assert five.verify() == []
    assert five.count() == 5


def test_a_file_that_is_no_database_raises(tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").write_bytes(b"not a database, and long enough to be looked at" * 40)
    audit = Audit(f"sqlite:///{tmp_path / 'audit.sqlite'}")
    with pytest.raises(AuditError):
        audit.record(address_checked())
    audit.close()


def test_an_error_tells_no_value(tmp_path: Path) -> None:
    audit = Audit(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with pytest.raises(AuditError) as raised:
        audit.record(address_checked())
    assert "u_aaaa" not in f"{raised.value} {raised.value.__cause__}"
    audit.close()


# Tampering


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_row set payload = '{}' where sequence = 3",
        "update audit_row set payload = replace(payload, 'visit', 'crime') where sequence = 3",
        "update audit_row set payload = replace(payload, ',', ', ') where sequence = 3",
        "update audit_row set at = '2026-11-22T09:30:00.000000+00:00' where sequence = 3",
        "update audit_row set kind = 'person_viewed' where sequence = 3",
    ],
)
def test_an_altered_row_is_found(five: Audit, path: Path, statement: str) -> None:
    tamper(path, statement)
    assert faults(five) == [(3, "its content is not what was written")]


def test_an_altered_row_with_its_hash_made_again_is_found(five: Audit, path: Path) -> None:
    tamper(path, f"update audit_row set hash = '{'ab' * 32}' where sequence = 3")
    assert faults(five) == [
        (3, "its content is not what was written"),
        (4, "it does not follow from the row before it"),
    ]


def test_a_removed_row_is_found(five: Audit, path: Path) -> None:
    tamper(path, "delete from audit_row where sequence = 3")
    assert faults(five) == [
        (4, "row 3 is missing"),
        (4, "it does not follow from the row before it"),
    ]


def test_a_removed_row_is_found_though_the_rest_close_ranks(five: Audit, path: Path) -> None:
    tamper(
        path,
        "delete from audit_row where sequence = 3",
        "update audit_row set sequence = sequence - 1 where sequence > 3",
    )
    found = faults(five)
    assert (3, "its content is not what was written") in found
    assert (None, "the last row is not the one the head names") in found


def test_the_first_row_removed_is_found(five: Audit, path: Path) -> None:
    tamper(path, "delete from audit_row where sequence = 1")
    assert (2, "row 1 is missing") in faults(five)


def test_a_row_missing_at_the_end_is_found_by_the_head(five: Audit, path: Path) -> None:
    tamper(path, "delete from audit_row where sequence > 3")
    assert faults(five) == [(None, "the last row is not the one the head names")]


def test_all_rows_removed_is_found(five: Audit, path: Path) -> None:
    tamper(path, "delete from audit_row")
    assert faults(five) == [(None, "the last row is not the one the head names")]


def test_a_head_that_is_removed_or_changed_is_found(five: Audit, path: Path) -> None:
    tamper(path, "update audit_head set total = 4")
    assert faults(five) == [(None, "the last row is not the one the head names")]
    tamper(path, "delete from audit_head")
    assert faults(five) == [(None, "the head record is missing")]
    with pytest.raises(AuditError):
        five.record(address_checked())


def test_a_row_put_in_at_the_end_is_found(five: Audit, path: Path) -> None:
    tamper(
        path,
        "insert into audit_row select 6, at, hash, hash, kind, payload"
        " from audit_row where sequence = 5",
    )
    assert (6, "its content is not what was written") in faults(five)
    assert (None, "the last row is not the one the head names") in faults(five)


def test_a_row_put_in_between_is_found(five: Audit, path: Path) -> None:
    tamper(
        path,
        "update audit_row set sequence = -sequence where sequence > 2",
        "update audit_row set sequence = 1 - sequence where sequence < 0",
        "insert into audit_row select 3, at, hash, hash, kind, payload"
        " from audit_row where sequence = 2",
    )
    assert (3, "its content is not what was written") in faults(five)


def test_rows_that_change_places_are_found(five: Audit, path: Path) -> None:
    tamper(
        path,
        "update audit_row set sequence = 99 where sequence = 2",
        "update audit_row set sequence = 2 where sequence = 4",
        "update audit_row set sequence = 4 where sequence = 99",
    )
    assert {sequence for sequence, _ in faults(five)} >= {2, 4}


def test_rows_whose_contents_change_places_are_found(five: Audit, path: Path) -> None:
    both = "select payload from audit_row where sequence"
    tamper(
        path,
        f"create temp table kept as {both} in (2, 4)",
        f"update audit_row set payload = ({both} = 4) where sequence = 2",
        "update audit_row set payload = (select payload from kept limit 1) where sequence = 4",
    )
    assert [sequence for sequence, _ in faults(five)] == [2, 4]


def test_a_guard_taken_off_is_found(five: Audit, path: Path) -> None:
    tamper(path, guards=True)
    assert faults(five) == [(None, f"the guard {name} is not in place") for name in GUARDS]


def test_a_guard_that_guards_nothing_is_found(five: Audit, path: Path) -> None:
    tamper(path, guards=True)
    connection = sqlite3.connect(path)
    for name in GUARDS:
        connection.execute(f"create trigger {name} before update on audit_row begin select 1; end")
    connection.commit()
    connection.close()
    assert len(faults(five)) == len(GUARDS)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_row set payload = '{}'",
        "delete from audit_row",
        "delete from audit_head",
        "update audit_head set total = 1",
        "update audit_head set total = total",
        "insert into audit_row select 9, at, hash, hash, kind, payload from audit_row limit 1",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_written(five: Audit, statement: str) -> None:
    with (
        five.engine.connect() as connection,
        pytest.raises(IntegrityError, match="append-only"),
    ):
        connection.exec_driver_sql(statement)
    assert five.verify() == []


@pytest.mark.sqlite
def test_a_row_is_not_replaced(five: Audit) -> None:
    statement = "insert or replace into audit_row select * from audit_row where sequence = 1"
    with (
        five.engine.connect() as connection,
        pytest.raises(IntegrityError, match="append-only"),
    ):
        connection.exec_driver_sql(statement)
    assert five.verify() == []


COPY = "at, hash, hash, kind, payload from audit_row where sequence = 2"


@pytest.mark.parametrize(
    "statements",
    [
        ["update audit_row set payload = replace(payload, 'visit', 'crime') where sequence = 3"],
        ["delete from audit_row where sequence = 3"],
        [f"insert into audit_row select 6, {COPY}"],
        [
            "update audit_row set sequence = 99 where sequence = 2",
            "update audit_row set sequence = 2 where sequence = 4",
            "update audit_row set sequence = 4 where sequence = 99",
        ],
        ["delete from audit_row where sequence > 3"],
    ],
    ids=["altered", "removed", "inserted", "reordered", "truncated"],
)
def test_each_kind_of_tampering_is_found_in_postgresql_too(
    postgres: Postgres, statements: list[str]
) -> None:
    url = postgres.create()
    audit = Audit(url)
    audit.upgrade()
    for number in range(5):
        audit.record(address_checked(number), NOW)
    assert audit.verify() == []
    with audit.engine.begin() as connection:
        connection.exec_driver_sql("alter table audit_row disable trigger user")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("alter table audit_row enable trigger user")
    found = faults(audit)
    assert found
    assert not any("guard" in what for _, what in found)
    audit.close()
    postgres.drop(url)


@pytest.mark.parametrize(
    "statement",
    [
        "create or replace function audit_append_only() returns trigger language plpgsql as "
        "$$ begin return new; end $$",
        "create or replace trigger audit_row_no_update before update on audit_head "
        "for each statement execute function audit_append_only()",
        "create or replace trigger audit_row_no_update before update on audit_row "
        "for each row when (new.sequence < 0) execute function audit_append_only()",
    ],
    ids=["function", "table", "condition"],
)
def test_a_guard_of_postgresql_that_guards_nothing_is_found(
    postgres: Postgres, statement: str
) -> None:
    url = postgres.create()
    audit = Audit(url)
    audit.upgrade()
    audit.record(address_checked(), NOW)
    assert audit.verify() == []
    with audit.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert (None, "the guard audit_row_no_update is not in place") in faults(audit)
    audit.close()
    postgres.drop(url)


def test_a_guard_that_was_taken_off_is_told(postgres: Postgres) -> None:
    url = postgres.create()
    audit = Audit(url)
    audit.upgrade()
    audit.record(address_checked(), NOW)
    with audit.engine.begin() as connection:
        for statement in (
            "alter table audit_row disable trigger audit_row_no_update",
            "drop trigger audit_head_forward on audit_head",
            "update audit_row set payload = '{}'",
        ):
            connection.exec_driver_sql(statement)
    assert faults(audit) == [
        (None, "the guard audit_row_no_update is not in place"),
        (None, "the guard audit_head_forward is not in place"),
        (1, "its content is not what was written"),
    ]
    audit.upgrade()
    assert (None, "the guard audit_head_forward is not in place") not in faults(audit)
    audit.close()
    postgres.drop(url)


def test_a_row_that_is_no_event_is_told_when_it_is_read(five: Audit, path: Path) -> None:
    tamper(path, "update audit_row set payload = '{}' where sequence = 3")
    row = next(five.rows(after=2))
    with pytest.raises(EventError):
        _ = row.event
