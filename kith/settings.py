"""Settings: one frozen value, read from the environment once.

Invariant: outside demonstration mode nothing starts without a secret; no default is a password.
"""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import KithError

_LAST_PORT = 65535
_SECOND_FACTOR = ("", "offered", "privileged", "required")


class SettingsError(KithError):
    """A setting is missing or cannot be understood."""

    exit_code = 2


def _setting(variable: str, doc: str, default: object = dataclasses.MISSING) -> Any:
    metadata = {"variable": variable, "doc": doc}
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations. One `home` is one area."""

    home: Path = _setting("KITH_HOME", "data folder of the area", Path("kith-home"))
    demo: bool = _setting(
        "KITH_DEMO", "demonstration: invented people, secrets made on the spot", False
    )
    secret: str = _setting(
        "KITH_SECRET", "signs sessions, at least 32 characters; or KITH_SECRET_FILE", ""
    )
    register_url: str = _setting(
        "KITH_REGISTER_URL", "SQLAlchemy URL of the register; empty: SQLite in the home", ""
    )
    audit_url: str = _setting(
        "KITH_AUDIT_URL", "SQLAlchemy URL of the audit; empty: SQLite in the home", ""
    )
    checkpoints: Path | None = _setting(
        "KITH_CHECKPOINTS", "a second folder for the audit's checkpoints, best elsewhere", None
    )
    neo4j_uri: str = _setting(
        "NEO4J_URI", "Bolt address of Neo4j; empty: the embedded graph engine", ""
    )
    neo4j_user: str = _setting("NEO4J_USER", "user of Neo4j", "neo4j")
    neo4j_password: str = _setting("NEO4J_PASSWORD", "password of Neo4j", "")
    neo4j_database: str = _setting("NEO4J_DATABASE", "database of Neo4j", "neo4j")
    host: str = _setting("KITH_HOST", "address that the web server listens on", "127.0.0.1")
    port: int = _setting("KITH_PORT", "port that the web server listens on", 8021)
    insecure_cookies: bool = _setting(
        "KITH_INSECURE_COOKIES", "send cookies over plain HTTP too (loopback only)", False
    )
    second_factor: str = _setting(
        "KITH_SECOND_FACTOR",
        "who must sign in with a second factor: offered (nobody must), privileged "
        "(administrators, governance officers), required; empty: privileged, in a "
        "demonstration offered",
        "",
    )
    looks_unusual: int = _setting(
        "KITH_LOOKS_UNUSUAL",
        "officers are told when one user looks more often in an hour for one purpose",
        60,
    )
    looks_most: int = _setting(
        "KITH_LOOKS_MOST", "the most that one user may look in an hour for one purpose", 300
    )
    idle_minutes: int = _setting("KITH_IDLE_MINUTES", "a session ends after this idle time", 15)
    session_hours: int = _setting("KITH_SESSION_HOURS", "a session ends after this time", 12)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingsError naming every variable at fault."""
        environment = os.environ if environment is None else environment
        given: dict[str, Any] = {}
        faults = []
        hints = typing.get_type_hints(cls)
        for entry in dataclasses.fields(cls):
            variable = entry.metadata["variable"]
            text = environment.get(variable, "").strip()
            if not text:
                continue
            try:
                given[entry.name] = _convert(text, hints[entry.name])
            except ValueError as error:
                faults.append(f"{variable}: {error}")
        if given.get("port", 0) > _LAST_PORT:
            faults.append(f"KITH_PORT: must be at most {_LAST_PORT}")
        if given.get("second_factor", "") not in _SECOND_FACTOR:
            faults.append(f"KITH_SECOND_FACTOR: must be {', '.join(filter(None, _SECOND_FACTOR))}")
        secret_file = environment.get("KITH_SECRET_FILE", "").strip()
        if secret_file and "secret" not in given:
            try:
                given["secret"] = Path(secret_file).read_text(encoding="utf-8").strip()
            except OSError as error:
                faults.append(f"KITH_SECRET_FILE: {error.strerror}")
            except UnicodeDecodeError:
                faults.append("KITH_SECRET_FILE: is no text")
        if faults:
            raise SettingsError("these settings cannot be used: " + "; ".join(faults))
        return cls(**given)

    def require_secret(self) -> None:
        """Refuse to go on without a secret, unless this is a demonstration."""
        if self.demo:
            return
        if len(self.secret) < 32:
            raise SettingsError(
                "KITH_SECRET (or KITH_SECRET_FILE) must hold at least 32 characters; "
                "set KITH_DEMO=1 only for invented people"
            )


def _convert(text: str, kind: object) -> object:
    if kind is bool:
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"0", "false", "no", "off"}:
            return False
        raise ValueError("must be 1 or 0")
    if kind is int:
        if not text.isdecimal():
            raise ValueError("must be a whole number")
        return int(text)
    if kind in (Path, Path | None):
        return Path(text).expanduser()
    return text
