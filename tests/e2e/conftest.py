"""One demonstration area for all tests that go the whole way, served as `kith serve` would."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, Page

from kith.cli.demo import prepare, told_stories
from kith.home import Home
from tests.browser import DESKTOP, watched
from webapp import create_app

PEOPLE = 700


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """An open demonstration home and what is known about it."""

    home: Home
    base: str
    sign_ins: dict[str, str]
    stories: dict[int, dict[str, Any]]


@pytest.fixture(scope="session")
def demonstration_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A demonstration area, loaded, resolved and projected by the product's own pipeline."""
    with pytest.MonkeyPatch.context() as patch:
        state = tmp_path_factory.mktemp("state")
        patch.setenv("XDG_STATE_HOME", str(state))
        patch.delenv("NEO4J_URI", raising=False)
        patch.setenv("KITH_INSECURE_COOKIES", "1")
        folder = tmp_path_factory.mktemp("demonstration") / "home"
        home = prepare(folder, "walsall", PEOPLE, seed=11)
        yield home
        home.close()


@pytest.fixture(scope="session")
def demonstration(demonstration_home: Home) -> Iterator[Demonstration]:
    """The same, served on a free loopback port."""
    server = waitress.create_server(
        create_app(demonstration_home), host="127.0.0.1", port=0, threads=4
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Demonstration(
        home=demonstration_home,
        base=f"http://127.0.0.1:{server.effective_port}",
        sign_ins=json.loads((demonstration_home.folder / "sign-ins.json").read_text()),
        stories={story["story"]: story for story in told_stories(demonstration_home)},
    )
    server.close()
    thread.join(timeout=10)


@pytest.fixture
def page(browser: Browser, demonstration: Demonstration) -> Iterator[Page]:
    """A watched page at desktop width."""
    with watched(browser, demonstration.base, viewport=DESKTOP) as watched_page:
        watched_page.set_default_timeout(10_000)
        yield watched_page


def sign_in(page: Page, demonstration: Demonstration, username: str) -> None:
    """Sign in as one of the demonstration's users."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(demonstration.sign_ins[username])
    with page.expect_navigation(url=lambda url: not url.endswith("/sign-in")):
        page.get_by_role("button", name="Sign in").click()


def ask(page: Page, typed: str, *, purpose: str = "visit", reference: str = "VISIT-1") -> None:
    """State the purpose if the page asks for one, and ask for an address."""
    address = page.locator("main [name=address]")
    address.wait_for()
    if page.locator("main [name=reference]").count():
        page.locator("main [name=purpose]").select_option(purpose)
        page.locator("main [name=reference]").fill(reference)
    address.fill(typed)
    with page.expect_navigation():
        address.press("Enter")


@pytest.fixture
def visit(page: Page, demonstration: Demonstration) -> Callable[[str, int], Page]:
    """Sign in as somebody and ask for a story's address."""

    def go(username: str, story: int) -> Page:
        sign_in(page, demonstration, username)
        ask(page, demonstration.stories[story]["typed"])
        return page

    return go


def folder_texts(folder: Path) -> str:
    """All text of a folder's files."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
