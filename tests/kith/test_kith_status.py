"""The state of a home at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from governance import accounts, erasures
from governance.sessions import SessionLimits
from kith.cli import kith, tokens
from kith.home import Home
from kith.settings import Settings


def status(home: Home, *words: str) -> str:
    done = CliRunner().invoke(kith, ["status", *words, "--home", str(home.folder)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_interrupted_erasure_is_told_with_the_way_to_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Home.create(Settings(home=tmp_path / "home"), "walsall") as home:
        with home.register.session() as session:
            agency = home.keeper(session) or ""
            roles = ["governance_officer"]
            user = accounts.create_user(
                session, "officer", "a grey heron by the canal", agency, roles, home.clock()
            )
            token = accounts.start_session(session, user, home.clock(), SessionLimits())
            session.commit()
        tokens.keep(home.folder, token)
        assert json.loads(status(home, "--json"))["interrupted_erasures"] == 0
        assert "kith rights resume" not in status(home)
        with home.register.session() as session:
            gone = erasures.Gone(record=frozenset({"r_a"}))
            erasures.begin(session, gone, "request", "u_aaaa", home.clock())
            session.commit()
        assert json.loads(status(home, "--json"))["interrupted_erasures"] == 1
        assert "kith rights resume" in status(home)
