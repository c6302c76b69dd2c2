"""The approver's day in Chromium: a notice, a request, part of what is held told, taken back.

On a telephone and on a desk, with and without JavaScript; every page passes axe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from graph.embedded_store import EmbeddedStore
from tests.browser import DESKTOP, PHONE, axe_faults, served, watched
from tests.webapp.requested import SECRET, asked, fill
from tests.webapp.rooms import PASSWORD, PageHome

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def store(home: PageHome, tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = fill(home, tmp_path)
    yield opened
    opened.close()


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


def state_purpose(page: Page) -> None:
    page.get_by_label("Why are you looking?").select_option("visit")
    page.get_by_label("Case, incident or visit number").fill("24-1182")
    page.get_by_label("Address", exact=True).fill("12 Alder Road")
    press(page, "Check address")


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(f"^{name}")).first.click()


def fits(page: Page) -> bool:
    """Nothing is wider than the screen."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return not wide


def make(page: Page) -> None:
    """An officer asks about the person whose page they came from."""
    sign_in(page, "officer")
    state_purpose(page)
    page.goto("/requests/new?about=p_ann")
    assert axe_faults(page) == []
    page.get_by_label("Which agency do you ask?").select_option("housing")
    page.get_by_label("What was your latest involvement of one kind?").check()
    page.get_by_label("Kind of involvement").select_option("noise")
    page.get_by_label("Who is meant").fill("Ann Other, born in 1980")
    page.get_by_label("Legal basis").select_option("public_task")
    assert fits(page)
    press(page, "Send the request")
    assert page.locator("h1").inner_text() == "Your request to Walsall Housing"


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_approvers_day(browser: Browser, base: str, viewport: dict[str, int]) -> None:
    with (
        watched(browser, base, viewport=viewport) as officer,
        watched(browser, base, viewport=viewport) as warden,
    ):
        make(officer)
        sign_in(warden, "warden")
        follow(warden, "Notices \\(1 new\\)")
        assert axe_faults(warden) == []
        follow(warden, "Look and decide")
        assert warden.get_by_text("Ann Other, born 1980-02-03").is_visible()
        assert axe_faults(warden) == []
        assert fits(warden)
        warden.get_by_label("Service: Tenancy").uncheck()
        warden.get_by_label("They may read it for").select_option("1")
        press(warden, "Tell them this")
        officer.goto("/requests")
        follow(officer, "Notices \\(1 new\\)")
        follow(officer, "The request")
        assert axe_faults(officer) == []
        press(officer, "Read the answer")
        assert axe_faults(officer) == []
        assert fits(officer)
        read = officer.locator("main").inner_text()
        assert "6 May 2026" in read
        assert "Tenancy" not in read
        assert SECRET not in read
        follow(warden, "Requests")
        press(warden, "Take the answer back")
        officer.reload()
        assert "nothing here that you can see" in officer.locator("h1").inner_text()
        officer.goto("/requests")
        assert officer.get_by_text("the answer was taken back").is_visible()
        assert axe_faults(officer) == []


def test_without_javascript_the_approver_decides_too(
    browser: Browser, base: str, home: PageHome
) -> None:
    request_id = asked(home)
    with watched(browser, base, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, "warden")
        page.goto(f"/requests/{request_id}/decision")
        page.get_by_label("What happened: " + SECRET).check()
        press(page, "Tell them this")
        assert page.get_by_text("Told. Whoever asked has a notice.").is_visible()


def test_the_officers_pages(browser: Browser, base: str) -> None:
    with watched(browser, base, viewport=PHONE) as page:
        sign_in(page, "governor")
        page.goto("/register/approvers")
        assert axe_faults(page) == []
        assert fits(page)
        page.goto("/register/why")
        page.get_by_label("Person, address, record or contact").fill("p_ann")
        page.get_by_label("Who looks: a user").fill("officer")
        press(page, "Show why")
        page.get_by_text("Agreements and fields").first.click()
        assert axe_faults(page) == []
        assert fits(page)


def test_the_workers_own_why(browser: Browser, base: str) -> None:
    with watched(browser, base, viewport=PHONE) as page:
        sign_in(page, "officer")
        state_purpose(page)
        page.goto("/why")
        assert axe_faults(page) == []
        assert fits(page)
