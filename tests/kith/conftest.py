"""A home whose last run left questions: made once, copied for each test."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from governance import passwords
from kith.home import Home
from kith.labelling import LabelDesk
from kith.settings import Settings
from tests.declared import watch
from tests.kith.labelling_builders import LabelHome, make_label_home


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Cheap argon2 parameters: these tests are not about passwords."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(1, 64, 1))
        passwords._decoy.cache_clear()
        yield
    passwords._decoy.cache_clear()


@pytest.fixture(autouse=True)
def events_are_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command records is what it declares."""
    watch(monkeypatch)


@pytest.fixture(scope="session")
def label_template(tmp_path_factory: pytest.TempPathFactory) -> LabelHome:
    made = make_label_home(tmp_path_factory.mktemp("labels"))
    made.home.close()
    return made


@pytest.fixture
def label_home(label_template: LabelHome, tmp_path: Path) -> Iterator[LabelHome]:
    """A home of 72 records of 24 people with a steward, its clock standing still."""
    folder = tmp_path / "home"
    shutil.copytree(label_template.home.folder, folder)
    with Home.open(Settings(home=folder)) as home:
        copied = dataclasses.replace(label_template, home=home)
        copied.pass_time()
        yield copied


@pytest.fixture
def desk(label_home: LabelHome) -> LabelDesk:
    return LabelDesk(label_home.home)
