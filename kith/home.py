"""One area's data folder, opened: settings, register, audit, keys and the graph.

Invariant: a home is whole or absent: `Home.create` builds it beside its place and renames it,
so a home that exists has its key, its register, its audit and its area.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import os
import secrets
import shutil
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

import areas
from governance import registration
from governance.audit import Audit, AuditRow
from governance.checkpoints import Sealer, SealingKey
from governance.errors import AuditError
from governance.register import Register
from governance.second_factor import Demand
from graph import GraphStore, open_store
from kith.settings import Settings
from loaders.at_rest import AtRest
from records.errors import KithError
from records.keys import KeyMaker

BLANK = "blank"
"""The area of no pack: no geography, no agencies but those that are registered by hand."""

_KEY_FILE = "home.key"
_SEALING_KEY_FILE = "audit.key"
_AREA_FILE = "area.toml"
_DEMO_FILE = "demo.secret"


class HomeError(KithError):
    """The data folder is missing, already there, or not one of Kith's."""

    exit_code = 2


class Home:
    """An open area. Close it, or use it in a `with` block."""

    def __init__(self, settings: Settings) -> None:
        self.settings = _with_demonstration(settings)
        self.folder = settings.home
        self.key = _read_key(self.folder)
        self.keys = KeyMaker(self.key)
        self.area = str(_read_area(self.folder)["area"])
        self.at_rest = AtRest.of(self.settings.staging_key)
        self.register = Register(_register_url(settings))
        self.audit = Audit(_audit_url(settings), after=self._seal_when_due)
        self._sealer: Sealer | None = None
        self._store: GraphStore | None = None
        self._opening = threading.Lock()

    @classmethod
    def create(
        cls,
        settings: Settings,
        area: str,
        *,
        demo: bool = False,
        register: Callable[[Session], None] | None = None,
    ) -> Home:
        """Make the data folder of a new area and register what its pack names.

        Args:
            register: registers more, in the pack's own transaction; if it raises, there is no home.

        Raises:
            HomeError: if the folder exists and is not empty or cannot be made, there is no such
                area pack, or the databases cannot be used.
        """
        if area not in {*areas.areas(), BLANK}:
            known = ", ".join([*areas.areas(), BLANK])
            raise HomeError(f"no area pack '{area}'; there are: {known}")
        folder = settings.home
        building = folder.with_name(f".{folder.name}.building")
        try:
            if folder.exists() and any(folder.iterdir()):
                raise HomeError(f"{folder} is there already and is not empty")
            shutil.rmtree(building, ignore_errors=True)
            _build(building, settings, area, demo, register)
            if folder.exists():
                folder.rmdir()
            building.rename(folder)
        except OSError as error:
            raise HomeError(f"{folder} cannot be made: {error.strerror}") from error
        finally:
            shutil.rmtree(building, ignore_errors=True)
        return cls(settings)

    @classmethod
    def open(cls, settings: Settings) -> Home:
        """Open an existing home; a register of an earlier version is brought up to date.

        Raises:
            HomeError: if there is none.
            RegisterError: if a later version made it.
        """
        if not (settings.home / _KEY_FILE).is_file():
            raise HomeError(f"{settings.home} is no Kith data folder; make one with: kith init")
        home = cls(settings)
        try:
            home.register.bring_up_to_date()
        except BaseException:
            home.close()
            raise
        return home

    @property
    def store(self) -> GraphStore:
        """The graph, opened on first use: the embedded engine admits one process only."""
        with self._opening:
            if self._store is None:
                self._store = open_store(self.settings, self.folder / "graph")
            return self._store

    @property
    def sealer(self) -> Sealer:
        """What seals the audit: into the home, and into the folder that the settings name."""
        if self._sealer is None:
            key = SealingKey.of_home(self.folder / _SEALING_KEY_FILE, self.area)
            kept = (self.folder / "checkpoints", self.settings.checkpoints)
            self._sealer = Sealer(self.audit, key, [folder for folder in kept if folder])
        return self._sealer

    def _seal_when_due(self, row: AuditRow) -> None:
        """A home whose key of seals is lost goes on: verifying the audit tells of it."""
        try:
            sealer = self.sealer
        except AuditError as error:
            structlog.get_logger("kith").error("audit not sealed", fault=type(error).__name__)
            return
        sealer.after(row)

    @property
    def box(self) -> Fernet:
        """What enciphers secrets that the register keeps: the key is not in it."""
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kith register secrets")
        return Fernet(base64.urlsafe_b64encode(derived.derive(self.key)))

    @property
    def demand(self) -> Demand:
        """Who must have a second factor here."""
        usual = Demand.OFFERED if self.settings.demo else Demand.PRIVILEGED
        return Demand(self.settings.second_factor or usual)

    def keeper(self, session: Session) -> str | None:
        """The agency that keeps the area: it may load for all, its data managers see all loads."""
        if self.area != BLANK:
            return areas.keeper(self.area)
        known = registration.agencies(session)
        return known[0].agency_id if known else None

    def clock(self) -> dt.datetime:
        """Now, in UTC."""
        return dt.datetime.now(dt.UTC)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        self.register.close()
        self.audit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _register_url(settings: Settings, folder: Path | None = None) -> str:
    return settings.register_url or f"sqlite:///{(folder or settings.home) / 'register.sqlite'}"


def _audit_url(settings: Settings, folder: Path | None = None) -> str:
    return settings.audit_url or f"sqlite:///{(folder or settings.home) / 'audit.sqlite'}"


def _build(
    building: Path,
    settings: Settings,
    area: str,
    demo: bool,
    register: Callable[[Session], None] | None,
) -> None:
    """Everything that a home holds, in a folder that is not its place yet."""
    building.mkdir(parents=True, mode=0o700)
    _write_private(building / _KEY_FILE, secrets.token_hex(32))
    (building / _AREA_FILE).write_text(_area_text(area, demo), encoding="utf-8")
    if demo:
        _write_private(building / _DEMO_FILE, secrets.token_hex(32))
    for name in ("staging", "snapshots", "resolved", "projection", "graph", "logs", "mappings"):
        (building / name).mkdir()
    _fill_stores(building, settings, area, register)


def _fill_stores(
    folder: Path,
    settings: Settings,
    area: str,
    more: Callable[[Session], None] | None,
) -> None:
    register = Register(_register_url(settings, folder))
    audit = Audit(_audit_url(settings, folder))
    try:
        register.upgrade()
        audit.upgrade()
        with register.session() as session:
            if area != BLANK:
                areas.install_pack(session, area)
            if more is not None:
                more(session)
            session.commit()
    finally:
        register.close()
        audit.close()


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _read_key(folder: Path) -> bytes:
    return bytes.fromhex((folder / _KEY_FILE).read_text(encoding="utf-8").strip())


def _area_text(area: str, demo: bool) -> str:
    return f'area = "{area}"\ndemonstration = {str(demo).lower()}\n'


def _read_area(folder: Path) -> dict[str, Any]:
    with (folder / _AREA_FILE).open("rb") as file:
        return tomllib.load(file)


def _with_demonstration(settings: Settings) -> Settings:
    """A home made as a demonstration stays one, with the secret that was made for it."""
    if not _read_area(settings.home)["demonstration"]:
        return dataclasses.replace(settings, demo=False)
    secret = (settings.home / _DEMO_FILE).read_text(encoding="utf-8")
    return dataclasses.replace(settings, demo=True, secret=settings.secret or secret)
