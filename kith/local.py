"""The local socket between a command and the running server of the same home.

Invariant: whoever speaks here has proved, both ways, to hold the home's key; a request carries
the user's own session and is answered under that user's grants, never under the server's.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from records.errors import KithError

Request = dict[str, Any]
Reply = dict[str, Any]
_LONGEST_PATH = 100  # a Unix socket's path ends at 107 bytes
_LONGEST_REQUEST = 64 * 1024


class LocalServerError(KithError):
    """The running server refused or could not answer."""


def socket_path(folder: Path) -> Path:
    """Where the server of this home listens: in the home, or by its digest if that is too long."""
    inside = folder.resolve() / "serve.sock"
    if len(str(inside).encode()) <= _LONGEST_PATH:
        return inside
    digest = hashlib.sha256(str(inside).encode()).hexdigest()[:20]
    return Path(tempfile.gettempdir()) / f"kith-{digest}.sock"


class LocalServer:
    """Answers requests of commands in threads of its own until closed."""

    def __init__(self, folder: Path, key: bytes, answer: Callable[[Request], Reply]) -> None:
        self._path = socket_path(folder)
        self._path.unlink(missing_ok=True)
        self._listener = Listener(str(self._path), family="AF_UNIX", authkey=key)
        self._path.chmod(0o600)
        self._answer = answer
        self._closing = False
        self._thread = threading.Thread(target=self._accept, name="local-socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection = self._listener.accept()
            except AuthenticationError:
                continue
            except (OSError, EOFError):
                if self._closing:
                    return
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection[bytes, bytes]) -> None:
        with connection, contextlib.suppress(EOFError, OSError, ValueError):
            request = json.loads(connection.recv_bytes(_LONGEST_REQUEST))
            connection.send_bytes(json.dumps(self._answer(request)).encode())


def ask(folder: Path, key: bytes, request: Request) -> Reply | None:
    """The running server's reply, or None if no server runs for this home.

    Raises:
        LocalServerError: if something else listens there, or the answer broke off.
    """
    try:
        connection = Client(str(socket_path(folder)), family="AF_UNIX", authkey=key)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (AuthenticationError, OSError, EOFError) as error:
        raise LocalServerError("what listens on this home's socket is not its server") from error
    with connection:
        try:
            connection.send_bytes(json.dumps(request).encode())
            reply: Reply = json.loads(connection.recv_bytes())
        except (EOFError, OSError, ValueError) as error:
            raise LocalServerError("the running server broke off its answer") from error
    return reply
