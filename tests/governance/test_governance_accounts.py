from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from governance import AccountError, PasswordRefused, SignInRefused, accounts, passwords
from governance.accounts import authenticate, create_user
from governance.register import Register
from governance.tables import UserRow
from governance.tries import Lockout, count_try
from tests.governance.builders import NOW, PASSWORD, later, make_user

WRONG = "not-the-password"


def refused(session: Session, username: str, password: str, now: dt.datetime) -> str:
    with pytest.raises(SignInRefused) as raised:
        authenticate(session, username, password, now)
    return str(raised.value)


def test_a_user_signs_in_whatever_the_case_of_the_name(session: Session) -> None:
    made = make_user(session, "Jo.Smith", ("steward", "practitioner"))
    found = authenticate(session, "  JO.smith ", PASSWORD, NOW)
    assert found == made
    assert found.roles == {"steward", "practitioner"}
    assert accounts.user(session, made.user_id) == made
    assert accounts.user_named(session, "JO.smith") == made
    assert accounts.user_named(session, "jo") is accounts.user_named(session, "\x00") is None
    assert accounts.users(session) == [made]


def test_only_the_hash_is_stored(session: Session) -> None:
    make_user(session)
    row = session.execute(text("select * from app_user")).one()
    assert not any(PASSWORD in str(value) for value in row)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"username": "jo"}, "taken"),
        ({"username": "JO"}, "taken"),
        ({"username": "j"}, "2 to 64"),
        ({"username": "jo smith"}, "2 to 64"),
        ({"username": "jo\x00smith"}, "2 to 64"),
        ({"agency": "army"}, "not registered"),
        ({"roles": []}, "at least one"),
        ({"roles": ["king"]}, "at least one"),
        ({"roles": ["administrator", "practitioner"]}, "cannot also"),
        ({"roles": ["administrator", "data_manager"]}, "cannot also"),
        ({"roles": ["administrator", "governance_officer"]}, "cannot also"),
    ],
)
def test_an_account_that_cannot_be_made(
    session: Session, changes: dict[str, object], words: str
) -> None:
    make_user(session)
    fields = {"username": "sam", "agency": "police", "roles": ["analyst"], **changes}
    with pytest.raises(AccountError, match=words):
        create_user(session, password=PASSWORD, now=NOW, **fields)  # type: ignore[arg-type]


def test_a_weak_password_makes_no_account(session: Session) -> None:
    with pytest.raises(PasswordRefused):
        create_user(session, "sam", "password1234", "police", ["analyst"], NOW)
    assert accounts.users(session) == []


def test_every_refusal_has_the_same_words(session: Session) -> None:
    user = make_user(session)
    gone = make_user(session, "gone")
    accounts.disable_user(session, gone.user_id, NOW)
    session.commit()
    words = {
        refused(session, "nobody", PASSWORD, NOW),
        refused(session, "jo", WRONG, NOW),
        refused(session, "gone", PASSWORD, NOW),
        refused(session, "", PASSWORD, NOW),
        refused(session, "jo\x00", PASSWORD, NOW),
        refused(session, "\ud800", PASSWORD, NOW),
        refused(session, "x" * 1_000_000, PASSWORD, NOW),
    }
    for _ in range(5):
        words.add(refused(session, "jo", WRONG, NOW))
    words.add(refused(session, "jo", PASSWORD, NOW))
    assert len(words) == 1
    assert user.username not in words.pop().split()


def test_every_refusal_costs_the_same_statements_and_one_hash(
    session: Session, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(session)
    gone = make_user(session, "gone")
    accounts.disable_user(session, gone.user_id, NOW)
    authenticate(session, "jo", PASSWORD, NOW)
    session.commit()
    done: list[str] = []

    @event.listens_for(register.engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        done.append(str(arguments[2]).split("\n")[0].split(" WHERE")[0])

    @event.listens_for(register.engine, "commit")
    def note_commit(_: object) -> None:
        done.append("commit")

    def verify(*_: object) -> bool:
        done.append("hash")
        return False

    monkeypatch.setattr(accounts, "verify_password", verify)
    traces = []
    for name in ("nobody", "jo", "gone", "\x00"):
        done.clear()
        refused(session, name, WRONG, NOW)
        traces.append(list(done))
    assert traces[0].count("hash") == 1
    assert traces[0].count("commit") == 1
    assert all(trace == traces[0] for trace in traces)


def test_an_account_locks_after_five_wrong_passwords_and_opens_again(session: Session) -> None:
    make_user(session)
    for _ in range(5):
        refused(session, "jo", WRONG, NOW)
    refused(session, "jo", PASSWORD, NOW)
    refused(session, "jo", PASSWORD, later(minutes=14, seconds=59))
    assert authenticate(session, "jo", PASSWORD, later(minutes=15)).username == "jo"


def test_the_fifth_try_may_still_be_right(session: Session) -> None:
    make_user(session)
    for _ in range(4):
        refused(session, "jo", WRONG, NOW)
    authenticate(session, "jo", PASSWORD, NOW)
    session.commit()
    for _ in range(4):
        refused(session, "jo", WRONG, NOW)
    assert authenticate(session, "jo", PASSWORD, NOW).locked_until is None


def test_tries_during_a_lock_do_not_lengthen_it(session: Session) -> None:
    make_user(session)
    for minute in range(15):
        refused(session, "jo", WRONG, later(minutes=minute) if minute > 4 else NOW)
    assert authenticate(session, "jo", PASSWORD, later(minutes=15)).username == "jo"


def test_a_try_counts_though_the_caller_rolls_back(register: Register) -> None:
    with register.session() as session:
        make_user(session)
    for _ in range(5):
        with register.session() as session:
            refused(session, "jo", WRONG, NOW)
            session.rollback()
    with register.session() as session:
        refused(session, "jo", PASSWORD, NOW)


def test_guesses_in_parallel_are_counted_one_by_one(register: Register) -> None:
    with register.session() as session:
        make_user(session)
    tried: list[bool] = []

    def guess() -> None:
        with register.session() as session:
            tried.append(count_try(session, "jo", NOW, Lockout()))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tried.count(True) == 5


def test_a_lock_is_ended_by_an_administrator(session: Session) -> None:
    user = make_user(session)
    for _ in range(5):
        refused(session, "jo", WRONG, NOW)
    accounts.unlock_user(session, user.user_id)
    assert authenticate(session, "jo", PASSWORD, NOW).username == "jo"


def test_the_lock_can_be_set(session: Session) -> None:
    make_user(session)
    strict = Lockout(tries=1, duration=dt.timedelta(hours=1))
    with pytest.raises(SignInRefused):
        authenticate(session, "jo", WRONG, NOW, strict)
    refused(session, "jo", PASSWORD, later(minutes=59))
    authenticate(session, "jo", PASSWORD, later(minutes=60))


def test_a_hash_made_with_weaker_parameters_is_renewed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(session)
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)
    authenticate(session, "jo", PASSWORD, NOW)
    stored = session.scalars(
        select(UserRow.password_hash).where(UserRow.user_id == user.user_id)
    ).one()
    assert "t=2" in stored
    authenticate(session, "jo", PASSWORD, NOW)


def test_changes_to_an_account_end_its_sessions(session: Session) -> None:
    user = make_user(session)
    token = accounts.start_session(session, user, NOW)
    accounts.set_password(session, user.user_id, "another-harbour-43", NOW)
    assert accounts.resume(session, token, NOW) is None
    assert authenticate(session, "jo", "another-harbour-43", NOW) == user
    refused(session, "jo", PASSWORD, NOW)

    token = accounts.start_session(session, user, NOW)
    accounts.give_role(session, user.user_id, "steward", "u_admin", NOW)
    assert accounts.resume(session, token, NOW) is not None
    accounts.approve_role(session, user.user_id, "steward", "u_officer", NOW)
    assert accounts.resume(session, token, NOW) is None
    token = accounts.start_session(session, user, NOW)
    accounts.take_role(session, user.user_id, "steward", NOW)
    assert accounts.resume(session, token, NOW) is None

    token = accounts.start_session(session, user, NOW)
    accounts.disable_user(session, user.user_id, NOW)
    assert accounts.resume(session, token, NOW) is None


def test_a_role_that_waits_for_approval_is_not_in_force(session: Session) -> None:
    user = make_user(session, roles=("analyst", "practitioner"))
    row = session.get_one(UserRow, user.user_id)
    row.roles[0].approved_by = row.roles[0].approved_at = None
    session.commit()
    assert authenticate(session, "jo", PASSWORD, NOW).roles == {"practitioner"}
    token = accounts.start_session(session, user, NOW)
    resumed = accounts.resume(session, token, NOW)
    assert resumed is not None
    assert resumed.roles == {"practitioner"}


def test_nothing_can_be_done_to_nobody(session: Session) -> None:
    acts: list[Callable[[], object]] = [
        lambda: accounts.set_password(session, "u_none", PASSWORD, NOW),
        lambda: accounts.give_role(session, "u_none", "analyst", "u_admin", NOW),
        lambda: accounts.disable_user(session, "u_none", NOW),
        lambda: accounts.unlock_user(session, "u_none"),
    ]
    for act in acts:
        with pytest.raises(AccountError):
            act()
    assert accounts.user(session, "u_none") is None


def test_a_role_is_given_by_one_and_approved_by_another(session: Session) -> None:
    made = create_user(session, "sam", PASSWORD, "police", ["analyst"], NOW, created_by="u_admin")
    assert (sorted(made.roles), sorted(made.waiting)) == ([], ["analyst"])
    (waits,) = accounts.waiting_roles(session)
    assert (waits.username, waits.role, waits.given_by) == ("sam", "analyst", "u_admin")
    for nobody in ("u_admin", made.user_id):
        with pytest.raises(AccountError, match="somebody else"):
            accounts.approve_role(session, made.user_id, "analyst", nobody, NOW)
    accounts.approve_role(session, made.user_id, "analyst", "u_officer", NOW)
    found = accounts.user(session, made.user_id)
    assert found is not None
    assert (sorted(found.roles), sorted(found.waiting)) == (["analyst"], [])
    assert accounts.waiting_roles(session) == []
    with pytest.raises(AccountError, match="waits for approval"):
        accounts.approve_role(session, made.user_id, "analyst", "u_officer", NOW)


@pytest.mark.parametrize("role", ["analyst", "administrator", "king"])
def test_a_role_that_cannot_be_given(session: Session, role: str) -> None:
    user = make_user(session, roles=("analyst",))
    with pytest.raises(AccountError):
        accounts.give_role(session, user.user_id, role, "u_admin", NOW)
    with pytest.raises(AccountError):
        accounts.take_role(session, user.user_id, "steward", NOW)


def test_a_role_that_waits_can_be_refused(session: Session) -> None:
    user = make_user(session, roles=("analyst",))
    accounts.give_role(session, user.user_id, "steward", "u_admin", NOW)
    accounts.take_role(session, user.user_id, "steward", NOW)
    assert accounts.waiting_roles(session) == []
