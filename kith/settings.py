"""Settings: one frozen value, read from the environment once.

Invariant: outside demonstration mode nothing starts without a secret; no default is a password; a
secret comes from the environment or from a file, never from the command line.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kith.transport import plain_faults
from records.errors import KithError

_LAST_PORT = 65535
_SECRETS = frozenset(
    {
        "KITH_SECRET",
        "KITH_REGISTER_URL",
        "KITH_AUDIT_URL",
        "NEO4J_PASSWORD",
        "KITH_STAGING_KEY",
    }
)
"""Settings that may hold a secret: each may come from a file that VARIABLE_FILE names."""
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
    plain_databases: bool = _setting(
        "KITH_PLAIN_DATABASES",
        "databases on other machines may be reached without TLS: in a network of their own alone",
        False,
    )
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
    breached_passwords: Path | None = _setting(
        "KITH_BREACHED_PASSWORDS",
        "file of SHA1:COUNT lines, sorted: passwords that were stolen elsewhere and are refused",
        None,
    )
    looks_unusual: int = _setting(
        "KITH_LOOKS_UNUSUAL",
        "officers are told when one user looks more often in an hour for one purpose",
        60,
    )
    looks_most: int = _setting(
        "KITH_LOOKS_MOST", "the most that one user may look in an hour for one purpose", 300
    )
    trusted_proxy: str = _setting(
        "KITH_TRUSTED_PROXY",
        "address of the proxy that ends TLS; its X-Forwarded-For and -Proto are believed, "
        "nobody else's",
        "",
    )
    security_contacts: tuple[str, ...] = _setting(
        "KITH_SECURITY_CONTACT",
        "whom to tell of a weakness: mailto:, https: or tel: addresses, with spaces between; "
        "empty: no security.txt",
        (),
    )
    security_expires: dt.date | None = _setting(
        "KITH_SECURITY_EXPIRES", "day until which that holds, at most a year ahead", None
    )
    age_recipients: tuple[str, ...] = _setting(
        "KITH_AGE_RECIPIENTS",
        "public keys (age1...), with spaces between: backups are encrypted to them",
        (),
    )
    age_identity: Path | None = _setting(
        "KITH_AGE_IDENTITY_FILE",
        "file of a private key, for restoring alone; best not on this machine",
        None,
    )
    staging_key: str = _setting(
        "KITH_STAGING_KEY",
        "private key of age: staged rows and quarantine are encrypted with it; or "
        "KITH_STAGING_KEY_FILE",
        "",
    )
    keep_requests: int = _setting(
        "KITH_KEEP_REQUESTS", "days that a work request is kept after it ended; 0: no end", 730
    )
    keep_notices: int = _setting(
        "KITH_KEEP_NOTICES", "days that a notice is kept after it was seen; 0: no end", 365
    )
    keep_emergencies: int = _setting(
        "KITH_KEEP_EMERGENCIES",
        "days that the words of emergency access are kept after its review; 0: no end",
        730,
    )
    keep_sessions: int = _setting(
        "KITH_KEEP_SESSIONS", "days that a session's row is kept after it ended; 0: no end", 90
    )
    keep_tries: int = _setting(
        "KITH_KEEP_TRIES", "days that counts of tries to sign in are kept; 0: no end", 365
    )
    keep_quarantine: int = _setting(
        "KITH_KEEP_QUARANTINE",
        "days that the rows which a load turned away are kept after it; 0: no end",
        180,
    )
    keep_runs: int = _setting(
        "KITH_KEEP_RUNS", "days that what earlier runs left is kept; 0: no end", 30
    )
    keep_bundles: int = _setting(
        "KITH_KEEP_BUNDLES", "days that a released subject access bundle is kept; 0: no end", 30
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
            try:
                text = environment.get(variable, "").strip() or _from_file(variable, environment)
                if text:
                    given[entry.name] = _convert(text, hints[entry.name])
            except ValueError as error:
                faults.append(
                    f"{error}" if str(error).startswith(variable) else f"{variable}: {error}"
                )
        if given.get("port", 0) > _LAST_PORT:
            faults.append(f"KITH_PORT: must be at most {_LAST_PORT}")
        if given.get("second_factor", "") not in _SECOND_FACTOR:
            faults.append(f"KITH_SECOND_FACTOR: must be {', '.join(filter(None, _SECOND_FACTOR))}")
        faults += _contact_faults(given)
        if not given.get("plain_databases"):
            named = {"KITH_REGISTER_URL": "register_url", "KITH_AUDIT_URL": "audit_url"}
            urls = {variable: given.get(name, "") for variable, name in named.items()}
            faults += plain_faults(urls, given.get("neo4j_uri", ""))
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


def _from_file(variable: str, environment: Mapping[str, str]) -> str:
    """What stands in the file that VARIABLE_FILE names, for what holds a secret."""
    named = environment.get(f"{variable}_FILE", "").strip()
    if variable not in _SECRETS or not named:
        return ""
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{variable}_FILE: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{variable}_FILE: is no text") from None


def _contact_faults(given: Mapping[str, Any]) -> list[str]:
    """What RFC 9116 would not have."""
    contacts = given.get("security_contacts", ())
    faults = []
    if not all(entry.startswith(("mailto:", "https:", "tel:")) for entry in contacts):
        faults.append("KITH_SECURITY_CONTACT: must be mailto:, https: or tel: addresses")
    if contacts and "security_expires" not in given:
        faults.append("KITH_SECURITY_EXPIRES: must say until when the contact holds (YYYY-MM-DD)")
    return faults


def _convert(text: str, kind: object) -> object:
    conversion = _CONVERSIONS.get(kind)
    return conversion(text) if conversion else text


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be 1 or 0")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("must be a whole number")
    return int(text)


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, as in 2027-03-31") from None


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CONVERSIONS: dict[object, Callable[[str], object]] = {
    bool: _flag,
    int: _number,
    Path: _path,
    Path | None: _path,
    dt.date | None: _day,
    tuple[str, ...]: _several,
}
