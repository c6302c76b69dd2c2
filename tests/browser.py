"""Fixtures for tests in Chromium, as a pytest plugin.

Invariant: a page watched here may not break its content security policy, log an error or warning,
throw, or ask another machine for anything: the test fails at its end if it does.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request
from werkzeug.serving import make_server

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Watch:
    """What went wrong on the pages of one browser context."""

    base: str
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium logs every answer of 400 and above, which some tests ask for.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.faults.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"leaves the machine: {request.url}")


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application, served on a free loopback port while the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def watched(browser: Browser, base: str, **options: Any) -> Iterator[Page]:
    """A page in a context of its own; faults fail the test when the block ends well."""
    context: BrowserContext = browser.new_context(base_url=base, **options)
    watch = Watch(base)
    context.on("page", watch.follow)
    try:
        yield context.new_page()
        assert watch.faults == []
    finally:
        context.close()


def axe_faults(page: Page) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return [
        f"{fault['id']}: {node['html'][:160]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium: Playwright's own is never fetched."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(QUIET)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the tests that need it are skipped by name; under CI they fail instead."""
    if _can_run():
        return
    reason = pytest.mark.skip(reason=f"there is no Chromium at {CHROMIUM}")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run."""
    if not _can_run():
        terminalreporter.section("NOT RUN: every test in a browser", red=True, bold=True)
        terminalreporter.line(f"There is no Chromium at {CHROMIUM} (Debian: apt install chromium)")


def _can_run() -> bool:
    return os.environ.get("CI") == "true" or Path(CHROMIUM).exists()
