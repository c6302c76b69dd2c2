"""What was sent last in each session, so that sending a form twice does nothing twice.

Invariant: it holds opaque question ids and verdicts, in memory, and only the last of a session.
One process serves the pages (see docs/pages.md), so memory will do.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

_MOST = 2_000


class Repeats:
    """Session -> what it sent last; the oldest sessions make room."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def seen(self, session_id: str, *sent: str) -> bool:
        """Note what a session sends; whether it is what it sent last."""
        with self._lock:
            before = self._last.get(session_id)
            self._last[session_id] = sent
            self._last.move_to_end(session_id)
            if len(self._last) > _MOST:
                self._last.popitem(last=False)
        return before == sent
