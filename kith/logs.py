"""The log: events by name, with ids and counts, in one JSON line each.

Invariant: nothing a person is known by reaches the log. An exception is written as its type and
the places it passed through; its text, which may quote a value, is not.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

from records.errors import KithError

_BYTES = 5_000_000
_KEPT = 5
_RENDER = structlog.processors.JSONRenderer(
    ensure_ascii=True
)  # whoever prints the log prints no commands


def start_logging(folder: Path) -> None:
    """Write Kith's log into `folder/kith.log`, rotated; other libraries' warnings redacted."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "kith.log", maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    handler.setFormatter(_Redacted())
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, logging.handlers.RotatingFileHandler):
            root.removeHandler(old)
            old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("kith").setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _redact_exception,
            _RENDER,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def before_logging() -> None:
    """Before a data folder is open there is no log: faults go to standard error, redacted."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, _redact_exception, _RENDER],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def describe(error: BaseException) -> dict[str, Any]:
    """What may be said of an error: its type and its path; the words only if they are ours."""
    frames = traceback.extract_tb(error.__traceback__)
    told: dict[str, Any] = {
        "error": type(error).__qualname__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, KithError):
        told["words"] = str(error)
    if error.__cause__ is not None:
        told["cause"] = describe(error.__cause__)
    return told


def _redact_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["exception"] = describe(error)
    return event


class _Redacted(logging.Formatter):
    """Other libraries' records: where they come from and how grave, never their words."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("kith"):
            return str(record.msg)
        told: dict[str, Any] = {"logger": record.name, "level": record.levelname}
        if record.exc_info and record.exc_info[1] is not None:
            told["exception"] = describe(record.exc_info[1])
        return str(structlog.processors.JSONRenderer()(None, "", told))
