"""One line in the log for each request.

Invariant: a line holds the page's name in the program, a request id, the status and the time it
took; never the URL, what was typed, who was asked about, or who asked.
"""

from __future__ import annotations

import secrets
import time

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response


def install(app: Flask) -> None:
    """Give every request an id and log it when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id that an error page shows and the log can be searched for."""
    return str(g.get("request_id", ""))


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    took = (time.perf_counter() - g.get("began", time.perf_counter())) * 1000
    response.headers["X-Request-Id"] = request_id()
    if request.endpoint != "static":
        structlog.get_logger("kith.web").info(
            "request",
            endpoint=request.endpoint or "none",
            method=request.method,
            request_id=request_id(),
            status=response.status_code,
            milliseconds=round(took, 1),
        )
    return response
