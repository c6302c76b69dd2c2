"""A home, an application and a client for page tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from governance import passwords
from tests.declared import watch
from tests.webapp.client import Visitor
from tests.webapp.labelling import ScriptedLabels
from tests.webapp.rooms import PageHome, ScriptedDesk, make_home
from webapp import create_app


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Cheap argon2 parameters: these tests are about pages."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    passwords._decoy.cache_clear()
    yield
    passwords._decoy.cache_clear()


@pytest.fixture(autouse=True)
def events_are_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page records is what it declares."""
    watch(monkeypatch)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PageHome]:
    home = make_home(tmp_path)
    yield home
    home.close()


@pytest.fixture
def desk(home: PageHome) -> ScriptedDesk:
    return ScriptedDesk(home)


@pytest.fixture
def labels(home: PageHome) -> ScriptedLabels:
    return ScriptedLabels(home)


@pytest.fixture
def app(
    home: PageHome,
    desk: ScriptedDesk,
    labels: ScriptedLabels,
    compiled_templates: FileSystemBytecodeCache,
) -> Flask:
    app = create_app(home.as_home(), desk=desk.as_desk(), label_desk=labels.as_desk())
    app.testing = False  # errors become pages, as in service
    app.jinja_env.bytecode_cache = compiled_templates
    return app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)


@pytest.fixture
def officer(app: Flask) -> Visitor:
    """A practitioner who has signed in and stated a purpose."""
    visitor = Visitor(app)
    visitor.sign_in("officer")
    visitor.state_purpose()
    return visitor


@pytest.fixture
def steward(app: Flask) -> Visitor:
    """A steward who has signed in and stated a purpose."""
    visitor = Visitor(app)
    visitor.sign_in("steward")
    visitor.state_purpose("record_linkage")
    return visitor
