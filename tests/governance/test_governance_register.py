from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

from governance import accounts, judgements, migrations, registration, runs
from governance.errors import RegisterError
from governance.register import HEAD, Register
from governance.tables import AgencyRow, Base, DatasetRow, RunRow
from governance.tries import trust_device
from tests.governance.builders import NOW, make_user


def table_names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_the_migrations_make_the_tables_that_the_models_describe(register: Register) -> None:
    with register.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_check_constraints_of_the_migrations_are_those_of_the_models(tmp_path: Path) -> None:
    # Alembic's comparison leaves them out.
    with (
        Register(f"sqlite:///{tmp_path / 'migrated.sqlite'}") as migrated,
        Register(f"sqlite:///{tmp_path / 'modelled.sqlite'}") as modelled,
    ):
        migrated.upgrade()
        Base.metadata.create_all(modelled.engine)
        for table in Base.metadata.tables:
            found, wanted = (
                {(c["name"], c["sqltext"]) for c in inspect(r.engine).get_check_constraints(table)}
                for r in (migrated, modelled)
            )
            assert found == wanted


def test_down_to_nothing_and_up_again(register: Register) -> None:
    register.downgrade("base")
    assert register.current() is None
    assert table_names(register.engine) == {"alembic_version"}
    register.upgrade()
    assert register.current() == HEAD
    assert table_names(register.engine) == {*Base.metadata.tables, "alembic_version"}


def test_a_register_of_an_earlier_version_is_brought_up_to_date_with_its_judgements(
    tmp_path: Path,
) -> None:
    with Register(f"sqlite:///{tmp_path / 'register.sqlite'}") as register:
        register.upgrade("0001")
        with register.session() as session:
            session.execute(
                text(
                    "insert into judgement (record_a, record_b, verdict, user_id, at) "
                    "values ('r_a', 'r_b', 'same', 'u_a', '2026-11-23 09:00:00')"
                )
            )
            session.commit()
        register.bring_up_to_date()
        assert register.current() == HEAD
        with register.session() as session:
            [found] = judgements.judgements(session)
        assert (found.verdict, found.form, found.question) == ("same", "records", {})
        register.downgrade("0001")
        with register.session() as session:
            rows = session.execute(text("select record_a, record_b, verdict from judgement"))
            assert rows.all() == [("r_a", "r_b", "same")]


def test_a_register_in_use_goes_down_and_up_with_its_users(register: Register) -> None:
    with register.session() as session:
        user = make_user(session, "jo")
        accounts.start_session(session, user, NOW)
        trust_device(session, user.user_id, NOW, None)
        session.commit()
    for revision in ("0008", "0001"):
        register.downgrade(revision)
        register.bring_up_to_date()
        with register.session() as session:
            assert accounts.user_named(session, "jo") == user


def test_a_register_of_a_later_version_is_refused(register: Register) -> None:
    register.bring_up_to_date()
    with register.session() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
        session.commit()
    with pytest.raises(RegisterError, match="later version"):
        register.bring_up_to_date()


def test_the_newest_schema_is_the_last_migration() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert max(file.name for file in folder.glob("0*.py")).startswith(f"{HEAD}_")


def test_upgrading_twice_changes_nothing(register: Register) -> None:
    register.upgrade()
    with register.session() as session:
        assert [a.agency_id for a in registration.agencies(session)] == ["housing", "police"]


def test_a_migration_that_fails_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    with Register(f"sqlite:///{tmp_path / 'register.sqlite'}") as register:
        with register.engine.connect() as connection:
            connection.exec_driver_sql("create table user_session (in_the_way integer)")
            connection.commit()
        with pytest.raises(Exception, match="user_session"):
            register.upgrade()
        assert table_names(register.engine) == {"user_session"}


def test_processes_that_upgrade_at_once_make_one_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'register.sqlite'}"
    code = f"from governance.register import HEAD, Register; Register({url!r}).upgrade()"
    command = [sys.executable, "-W", "error", "-c", code]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()
    with Register(url) as register:
        assert register.current() == HEAD


def test_the_models_need_nothing_of_one_database_only() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call, unused-ignore]
    for table in Base.metadata.sorted_tables:
        statement = str(CreateTable(table).compile(dialect=dialect))
        assert "DATETIME" not in statement
        assert all(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
        assert max(len(str(c.name)) for c in table.constraints) <= 63


def test_what_is_not_committed_never_happened(register: Register) -> None:
    with register.session() as session:
        registration.add_agency(session, "fire", "Fire", "fire", "01922 000003")
    with register.session() as session:
        assert "fire" not in {a.agency_id for a in registration.agencies(session)}


def test_an_error_shows_no_parameter(register: Register) -> None:
    with register.session() as session:
        session.add(AgencyRow(agency_id="police", label="SECRET", kind="police", ring="SECRET"))
        with pytest.raises(IntegrityError) as raised:
            session.flush()
    assert "SECRET" not in str(raised.value)
    assert "SECRET" not in repr(raised.value.__cause__)


def test_foreign_keys_are_kept(session: Session) -> None:
    session.add(
        DatasetRow(
            agency="nobody", dataset_id="x", label="x", controller="x", lawful_basis="x",
            owner="x", retention_years=1,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.sqlite
def test_the_database_is_durable_and_shared(session: Session) -> None:
    pragma = {
        name: session.execute(text(f"pragma {name}")).scalar_one()
        for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
    }
    assert pragma == {
        "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30_000
    }  # fmt: skip


def test_a_long_reader_may_write_after_another_has_written(register: Register) -> None:
    with register.session() as reader, register.session() as writer:
        reader.execute(select(AgencyRow)).all()
        registration.add_agency(writer, "fire", "Fire", "fire", "01922 000003")
        writer.commit()
        runs.start_run(reader, "resolution", NOW)
        reader.commit()
    with register.session() as session:
        assert runs.last_run(session, "resolution", None) is not None


def test_a_writer_is_undone_whole_by_an_exception(register: Register) -> None:
    def fail_after_writing() -> None:
        with register.session() as session:
            runs.start_run(session, "resolution", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with register.session() as session:
        assert session.scalars(select(RunRow)).all() == []


def test_instants_come_back_as_they_went_in(register: Register) -> None:
    summer = dt.datetime(2026, 7, 1, 1, 2, 3, 456789, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    with register.session() as session:
        user = make_user(session)
        accounts.disable_user(session, user.user_id, summer)
        session.commit()
        found = session.execute(text("select disabled_at from app_user")).scalar_one()
    assert str(found).startswith("2026-07-01 00:02:03.456789")


def test_an_instant_without_a_zone_is_refused(session: Session) -> None:
    with pytest.raises(StatementError, match="time zone"):
        runs.start_run(session, "resolution", NOW.replace(tzinfo=None))


def test_a_process_that_starts_while_another_makes_the_file_waits(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("begin exclusive")
    maker.execute("create table being_made (number integer)")

    def finish() -> None:
        maker.execute("commit")
        maker.close()

    timer = threading.Timer(0.3, finish)
    timer.start()
    with Register(f"sqlite:///{path}") as register:
        register.upgrade()
        assert register.current() == HEAD
    timer.join()
