"""What a page or a command declares that it writes into the audit.

Invariant: a declaration names event types, or says in words why nothing is to be recorded; there
is no declaration by default, so that something new has to say which it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from governance.events import Event, Refused, SignInFailed

Action = TypeVar("Action", bound=Callable[..., object])

_NAME = "kith_records"

ANYWHERE: frozenset[type[Event]] = frozenset({Refused, SignInFailed})
"""Events of what was not allowed: they may be recorded by whatever was tried."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Which events an action writes; none only with the reason why."""

    events: frozenset[type[Event]]
    why_none: str = ""

    def admits(self, kind: type[Event]) -> bool:
        """Whether the action may write this event."""
        return kind in self.events or kind in ANYWHERE


def records(*events: type[Event]) -> Callable[[Action], Action]:
    """Declare the events that a page or command writes."""
    return _declare(Recorded(events=frozenset(events)))


def records_nothing(why: str) -> Callable[[Action], Action]:
    """Declare that a page or command writes no event, and why not."""
    return _declare(Recorded(events=frozenset(), why_none=why))


def recorded_by(action: object) -> Recorded | None:
    """What an action declares, None if nothing."""
    found: Recorded | None = getattr(action, _NAME, None)
    return found


def _declare(recorded: Recorded) -> Callable[[Action], Action]:
    if not recorded.events and not recorded.why_none.strip():
        raise ValueError("an action that records nothing says why")

    def mark(action: Action) -> Action:
        action.__dict__[_NAME] = recorded
        return action

    return mark
