"""Every command declares who may run it, for what purpose, and what the audit then holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from governance import accounts
from governance.declared import recorded_by
from governance.errors import NotPermitted, SessionEnded
from governance.permissions import CASES, Permission, Role, allows
from governance.sessions import SessionLimits
from kith import service
from kith.cli import kith, tokens
from kith.cli.declared import Access, Purpose, Undeclared, access_of
from kith.cli.options import home_option, opened
from kith.home import Home
from kith.settings import Settings

PASSWORD = "a grey heron by the canal"
ROLES = (Role.PRACTITIONER, Role.ADMINISTRATOR)
"""What the one may the other may not, but for the state of the installation."""

GIVEN = {
    "label": ["--status"],
    "emergency": ["--why", "words for an officer"],
    "why": ["--user", "wren"],
    "request ask": ["--words", "who is meant"],
    "retention review": ["r_a", "--dispose"],
    "rights open": ["--received", "2026-01-01"],
    "retention hold place": ["--about", "r_a", "--review", "2099-01-01"],
}
"""What a command asks for before it opens the home."""


def commands(group: click.Group = kith, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield path + name, command


ALL = dict(commands())


def declared(name: str) -> Access:
    found = access_of(ALL[name].callback)
    assert found is not None, f"kith {name} declares no access"
    return found


PROTECTED = [name for name in ALL if declared(name).permission is not None]


@pytest.mark.parametrize("name", ALL)
def test_every_command_declares_permission_purpose_and_event(name: str) -> None:
    access, recorded = declared(name), recorded_by(ALL[name].callback)
    assert access.permission is not None or access.why_open
    assert recorded is not None, f"kith {name} declares no audit event"
    assert recorded.events or recorded.why_none


def test_commands_that_show_cases_need_a_purpose_and_are_recorded() -> None:
    cases = {name for name in ALL if declared(name).permission in CASES}
    without = {name for name in cases if declared(name).purpose is Purpose.NOT_NEEDED}
    # A request has its own purpose: it is considered, answered and read for that one.
    requests = {name for name in without if name.startswith("request ")}
    assert "request ask" not in requests, "a request is made for the purpose that is stated"
    assert without - requests == {"emergency"}, "it asks and shows nobody"
    silent = {name for name in cases if not _events(name)}
    assert silent == {"request list"}, "it shows no fact"


def _events(name: str) -> frozenset[object]:
    recorded = recorded_by(ALL[name].callback)
    return frozenset(recorded.events) if recorded else frozenset()


def test_a_purpose_can_be_stated_where_one_is_needed() -> None:
    for name, command in ALL.items():
        if declared(name).purpose is Purpose.STATED and name != "request ask":
            assert "purpose" in {parameter.name for parameter in command.params}, name


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("declared")
    with Home.create(Settings(home=folder / "home"), "walsall") as home:
        with home.register.session() as session:
            agency = home.keeper(session) or ""
            for role in ROLES:
                accounts.create_user(session, role, PASSWORD, agency, [role], home.clock())
            session.commit()
        yield home


def sign_in(home: Home, role: Role) -> None:
    with home.register.session() as session:
        user = accounts.user_named(session, role)
        assert user is not None
        token = accounts.start_session(session, user, home.clock(), SessionLimits())
        session.commit()
    tokens.keep(home.folder, token)


def arguments(name: str, home: Home) -> list[str]:
    """What a command cannot do without."""
    given: list[str] = []
    for number, wanted in enumerate(p for p in ALL[name].params if p.required):
        if isinstance(wanted.type, click.Path):
            value = str(home.folder / "area.toml")
        elif isinstance(wanted.type, click.Choice):
            value = str(wanted.type.choices[0])
        else:
            value = f"x{number}"
        given += [value] if isinstance(wanted, click.Argument) else [wanted.opts[0], value]
    return [*name.split(), *given, *GIVEN.get(name, [])]


def run(home: Home, name: str) -> Result:
    given = [*arguments(name, home), "--home", str(home.folder)]
    return CliRunner().invoke(kith, given, standalone_mode=False)


@pytest.mark.parametrize("name", PROTECTED)
def test_a_command_is_refused_on_the_record(
    name: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    permission = declared(name).permission
    assert permission is not None
    other = next((role for role in ROLES if not allows([role], permission)), None)
    if other is None:
        assert permission is Permission.VIEW_STATUS, "everybody may know the state"
        return
    sign_in(home, other)
    before = home.audit.count()
    assert isinstance(run(home, name).exception, NotPermitted)
    rows = list(home.audit.rows())[before:]
    assert [(row.kind, row.payload["permission"]) for row in rows] == [("refused", permission)]


@pytest.mark.parametrize("name", [name for name in ALL if declared(name).signed_in])
def test_a_command_asks_to_sign_in(
    name: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = home.audit.count()
    assert isinstance(run(home, name).exception, tokens.NotSignedInError)
    assert home.audit.count() == before


def test_of_what_the_local_socket_answers_all_but_a_sign_of_life_is_permitted() -> None:
    assert {name for name, verb in service.VERBS.items() if verb.permission is None} == {"ping"}


@pytest.mark.parametrize("name", [n for n, v in service.VERBS.items() if v.permission])
def test_the_local_socket_refuses_on_the_record(
    name: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    permission = service.VERBS[name].permission
    assert permission is not None
    sign_in(home, next(role for role in ROLES if not allows([role], permission)))
    before = home.audit.count()
    with pytest.raises(NotPermitted):
        service.answer(home, {"verb": name, "token": tokens.find(home.folder)})
    rows = list(home.audit.rows())[before:]
    assert [(row.kind, row.payload["permission"]) for row in rows] == [("refused", permission)]
    with pytest.raises(SessionEnded):
        service.answer(home, {"verb": name, "token": "nobody's"})


def test_a_command_that_declares_nothing_opens_no_home(home: Home) -> None:
    @click.command()
    @home_option
    def forgotten(home_folder: Path | None) -> None:
        with opened(home_folder):
            raise AssertionError("it was opened")

    done = CliRunner().invoke(forgotten, ["--home", str(home.folder)], standalone_mode=False)
    assert isinstance(done.exception, Undeclared)
