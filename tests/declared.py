"""What an action writes into the audit is what it declares: watched in every test of it.

Invariant: an event that a page or a command did not declare fails the test that met it.
"""

from __future__ import annotations

from typing import Any

import click
import pytest
from flask import current_app, has_request_context, request

from governance.audit import Audit
from governance.declared import recorded_by
from governance.events import Event


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare each event with the declaration of the page or command that runs."""
    record = Audit.record

    def watched(audit: Audit, event: Event, *given: Any, **named: Any) -> Any:
        running = _running()
        if running is not None:
            name, action = running
            declared = recorded_by(action)
            assert declared is not None, f"{name} declares no audit event"
            assert declared.admits(type(event)), f"{name} does not declare {event.kind}"
        return record(audit, event, *given, **named)

    monkeypatch.setattr(Audit, "record", watched)


def _running() -> tuple[str, object] | None:
    if has_request_context() and request.endpoint is not None:
        return request.endpoint, current_app.view_functions[request.endpoint]
    context = click.get_current_context(silent=True)
    return (context.command_path, context.command.callback) if context else None
