"""Where a command finds the session that `kith login` began.

Invariant: a token lies in the user's own state folder, readable by that user alone, one file
per home and kind; it is the session's only copy outside the user's terminal.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from governance.accounts import resume
from governance.sessions import SignedInUser
from kith.home import Home
from records.errors import KithError


class NotSignedInError(KithError):
    """There is no session, or it has ended."""

    exit_code = 3


def _file(home: Path, kind: str = "token") -> Path:
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return (
        state / "kith" / f"{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:24]}.{kind}"
    )


def keep(home: Path, token: str) -> None:
    """Keep a session's token for the next commands on this home."""
    _write(_file(home), token)


def keep_device(home: Path, token: str) -> None:
    """Keep what tells this terminal from a stranger's when somebody signs in again."""
    _write(_file(home, "device"), token)


def find_device(home: Path) -> str | None:
    """What `keep_device` kept, None if nothing."""
    try:
        return _file(home, "device").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None


def _write(file: Path, token: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(token)


def find(home: Path) -> str:
    """The kept token. Raises NotSignedInError if there is none."""
    try:
        return _file(home).read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise NotSignedInError("you are not signed in to this area; run: kith login") from error


def forget(home: Path) -> None:
    """Forget the token, if there is one."""
    _file(home).unlink(missing_ok=True)


def current_user(home: Home) -> SignedInUser:
    """Who is signed in at this terminal. Raises NotSignedInError."""
    token = find(home.folder)
    with home.register.session() as session:
        user = resume(session, token, home.clock())
        session.commit()
    if user is None:
        forget(home.folder)
        raise NotSignedInError("your session has ended; run: kith login")
    return user
