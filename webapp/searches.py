"""What was typed, kept here under an opaque token so that it stands in no URL.

Invariant: a search is given back only to the session that made it, and only for a while; nothing
typed is written to disk. One process serves the pages (see docs/pages.md), so memory will do.
"""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable

_KEPT_FOR = dt.timedelta(hours=1)
_MOST = 2_000
_MOST_OF_ONE = 50


class Searches:
    """Token -> what was typed, by session; the oldest make room."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[str, str, dt.datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, session_id: str, typed: str) -> str:
        """Keep what was typed; the answer is its token."""
        token = secrets.token_urlsafe(18)
        with self._lock:
            mine = [key for key, (owner, *_) in self._kept.items() if owner == session_id]
            if len(mine) >= _MOST_OF_ONE:
                del self._kept[mine[0]]
            if len(self._kept) >= _MOST:
                self._kept.popitem(last=False)
            self._kept[token] = (session_id, typed, self._clock() + _KEPT_FOR)
        return token

    def typed(self, session_id: str, token: str) -> str | None:
        """What this session typed, None if the token is another's, unknown or too old."""
        with self._lock:
            owner, typed, until = self._kept.get(token, ("", "", self._clock()))
        if owner != session_id or self._clock() >= until:
            return None
        return typed

    def forget(self, session_id: str) -> None:
        """Drop everything that a session typed."""
        with self._lock:
            for key in [key for key, (owner, *_) in self._kept.items() if owner == session_id]:
                del self._kept[key]
