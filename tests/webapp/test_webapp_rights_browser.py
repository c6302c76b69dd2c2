"""The officers' day of a request for access in Chromium: a telephone without JavaScript, a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

import loaders
from governance import accounts
from tests.browser import DESKTOP, PHONE, axe_faults, served, watched
from tests.webapp.righted import DEAN, DEAN_TOO, staged
from tests.webapp.rooms import NOW, PASSWORD, PageHome

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def snapshot(home: PageHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = staged(tmp_path / "staged")
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: made)
    with home.register.session() as session:
        accounts.create_user(session, "deputy", PASSWORD, "housing", ["governance_officer"], NOW)
        session.commit()


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def sign_in(page: Page, user: str) -> None:
    page.set_default_timeout(10_000)
    page.goto("/sign-in")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(f"^{name}")).first.click()


def sound(page: Page) -> None:
    """It passes axe, and nothing is wider than the screen."""
    assert axe_faults(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def unchecked(_page: Page) -> None:
    """Axe itself is a script."""


def test_a_request_for_access_from_opening_to_release(base: str, browser: Browser) -> None:
    with (
        watched(browser, base, viewport=PHONE) as first,
        watched(browser, base, viewport=DESKTOP) as second,
    ):
        _day(first, second, sound)


def test_the_same_without_scripts(base: str, browser: Browser) -> None:
    options: dict[str, Any] = {"viewport": PHONE, "java_script_enabled": False}
    with watched(browser, base, **options) as first, watched(browser, base, **options) as second:
        _day(first, second, unchecked)


def _day(first: Page, second: Page, sound: Callable[[Page], None]) -> None:
    sign_in(first, "governor")
    sign_in(second, "deputy")
    follow(first, "Rights")
    sound(first)
    press(first, "Find the person")
    sound(first)
    first.get_by_label("Forename").fill("Dean")
    first.get_by_label("Surname").fill("Ellis")
    press(first, "Look")
    assert "Dean Ellis" in first.locator("main").inner_text()
    assert "Dean" not in first.url
    sound(first)
    first.get_by_role("link", name="Open a case about Dean Ellis").first.click()
    sound(first)
    first.get_by_label("Access: a copy").check()
    assert first.get_by_label("Whom it is about").input_value() in (DEAN, DEAN_TOO)
    first.get_by_label("Whom it is about").fill(f"{DEAN} {DEAN_TOO}")
    first.get_by_label("Received on").fill("20/11/2026")
    first.get_by_label("How their identity was checked").select_option("document")
    press(first, "Open the case")
    sound(first)
    case = first.url
    follow(first, "Where it is held")
    sound(first)
    first.goto(case)
    press(first, "Draw the items")
    sound(first)
    first.get_by_label("Withhold").first.check()
    first.get_by_label("What is kept back, because of (item 1)").select_option("crime")
    press(first, "Save, and take")
    for _ in range(5):
        if not first.get_by_role("link", name="Next").count():
            break
        press(first, "Save, and take")
    press(first, "Save, and take")
    sound(first)
    follow(first, "The case")
    press(first, "Propose the release")
    sound(first)
    second.goto(case)
    follow(second, "Look at the items")
    sound(second)
    follow(second, "The case")
    press(second, "Approve")
    first.goto(case)
    press(first, "Release the bundle")
    sound(first)
    link = first.get_by_role("link", name="page to read").get_attribute("href")
    assert link is not None
    saved = first.request.get(link)
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "Copy of your data" in saved.text()
    assert "Tracy" not in saved.text()
