"""The officers' day of retention in Chromium: a telephone and a desk, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

import loaders
from governance import accounts
from tests.browser import DESKTOP, PHONE, axe_faults, served, watched
from tests.governance.retained import day, snapshot
from tests.webapp.rooms import NOW, PASSWORD, PageHome

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def staged(home: PageHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty contacts of long ago, and two officers."""
    whose = {"agency": "police", "dataset": "main", "load_id": "l_a"}
    rows = [
        {
            **whose,
            "contact_id": f"c_{a}{b}{'x' * 22}",
            "category": "noise",
            "on_date": day("2015-05-01"),
        }
        for a in "abcdefghij"
        for b in "abcdef"
    ]
    made = snapshot(tmp_path / "staged", contact=rows)
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


def test_two_officers_make_a_rule_review_hold_and_propose(base: str, browser: Browser) -> None:
    with (
        watched(browser, base, viewport=PHONE) as first,
        watched(browser, base, viewport=DESKTOP) as second,
    ):
        _day(first, second)


def _day(first: Page, second: Page) -> None:
    sign_in(first, "governor")
    sign_in(second, "deputy")
    follow(first, "Retention")
    follow(first, "Propose a rule")
    sound(first)
    first.get_by_label("Of which system").select_option("police/main")
    first.get_by_label("Years").fill("7")
    first.get_by_label("After").select_option("last_contact")
    first.get_by_label("Whose rule it is").fill("MoPI group 2 clear period")
    press(first, "Propose")
    sound(first)
    second.goto(first.url)
    sound(second)
    press(second, "Approve")
    first.goto("/retention")
    sound(first)
    follow(first, "What falls due")
    sound(first)
    first.get_by_role("checkbox").nth(1).check()
    first.get_by_label("Dispose of").check()
    first.get_by_label("Why").fill("Nothing since, and no claim")
    press(first, "Decide")
    assert "Decided about 1" in first.content()
    follow(first, "Next")
    assert "Page 2 of 2" in first.content()
    sound(first)
    follow(first, "Legal holds")
    follow(first, "Place a hold")
    sound(first)
    first.get_by_label("Because of").select_option("iicsa")
    first.get_by_label("Or a system").select_option("housing/main")
    first.get_by_label("Why").fill("The inquiry asked")
    first.get_by_label("Whose hold it is").fill("County solicitor")
    first.get_by_label("Look again on").fill("31/12/2027")
    press(first, "Hold from now on")
    sound(first)
    follow(first, "Disposals")
    sound(first)
    press(first, "Propose to dispose")
    sound(first)
    second.goto(first.url)
    press(second, "Approve")
    assert "It can be carried out" in second.content()
    first.goto("/register")
    follow(first, "Change the basis")
    sound(first)


def test_an_officer_decides_and_holds_without_scripts(base: str, browser: Browser) -> None:
    with watched(browser, base, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, "governor")
        page.goto("/retention/holds/new")
        page.get_by_label("Because of").select_option("court")
        page.get_by_label("Or a system").select_option("*/*")
        page.get_by_label("Why").fill("A claim against the force")
        page.get_by_label("Whose hold it is").fill("County solicitor")
        page.get_by_label("Look again on").fill("31/12/2027")
        press(page, "Hold from now on")
        press(page, "Lift this hold")
        assert page.get_by_text("Lifted.", exact=True).is_visible()
        page.goto("/retention/due?status=no_rule")
        follow(page, "Next")
        assert page.get_by_text("Page 2 of 2").is_visible()
