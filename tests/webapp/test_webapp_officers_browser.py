"""The governance officers' day in Chromium: agreements, roles, an emergency, the audit.

Two officers, on a telephone and at a desk, with and without JavaScript; every page passes axe and
fits.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from governance import accounts
from tests.browser import DESKTOP, PHONE, axe_faults, served, watched
from tests.webapp.rooms import NOW, PASSWORD, PageHome

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture(autouse=True)
def deputy(home: PageHome) -> None:
    """A second officer, and somebody whose role waits."""
    with home.register.session() as session:
        accounts.create_user(session, "deputy", PASSWORD, "housing", ["governance_officer"], NOW)
        admin = accounts.user_named(session, "admin")
        assert admin is not None
        accounts.create_user(
            session, "robin", PASSWORD, "housing", ["practitioner"], NOW, created_by=admin.user_id
        )
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
    sound(page)


def sound(page: Page) -> None:
    """It passes axe, and nothing is wider than the screen."""
    assert axe_faults(page) == [], page.url
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, page.url


def says(page: Page, words: str) -> bool:
    return words in page.locator("main").inner_text()


def propose(page: Page) -> None:
    """Warnings of health to the police, until the end of the year."""
    follow(page, "Agreements")
    follow(page, "Propose an agreement")
    page.get_by_label("Title").fill("Nurses to police, warnings")
    page.get_by_label("Who gives").select_option("nhs/main")
    page.get_by_label("What", exact=True).select_option("warning")
    page.get_by_label("To whom").select_option("police")
    page.get_by_label("Acting as").select_option("practitioner")
    page.get_by_label("Looking because").select_option("visit")
    page.get_by_label("How much").select_option("2")
    page.get_by_label("First day").fill("23/11/2026")
    page.get_by_label("Last day").fill("31/12/2026")
    page.get_by_label("Legal basis").fill("Task in the public interest")
    press(page, "Propose")
    sound(page)
    assert says(page, "You proposed it, so another governance officer has to approve it.")


@WIDTHS
def test_one_officer_proposes_another_approves_and_both_read_what_it_shows(
    browser: Browser, base: str, viewport: dict[str, int]
) -> None:
    with (
        watched(browser, base, viewport=viewport) as first,
        watched(browser, base, viewport=viewport) as second,
    ):
        sign_in(first, "governor")
        propose(first)
        assert first.get_by_role("button", name="Approve").count() == 0
        sign_in(second, "deputy")
        follow(second, "Agreements")
        follow(second, "Nurses to police, warnings")
        assert says(second, "Waits for approval")
        press(second, "Approve")
        assert says(second, "In force")
        follow(second, "Agreements")
        assert says(second, "December 2026")
        follow(second, "Who may see what of whom")
        second.get_by_label("Looking because").select_option("visit")
        press(second, "Show")
        sound(second)
        second.goto("/register")
        sound(second)
        first.reload()
        press(first, "Withdraw")
        assert says(first, "Withdrawn")
        sound(first)


@WIDTHS
def test_an_emergency_is_noticed_at_once_read_and_reviewed(
    browser: Browser, base: str, viewport: dict[str, int]
) -> None:
    with (
        watched(browser, base, viewport=viewport) as officer,
        watched(browser, base, viewport=viewport) as governor,
    ):
        sign_in(officer, "officer")
        follow(officer, "Somebody is in danger now")
        officer.get_by_label("What").fill("A child is missing since this morning, and it is cold.")
        officer.get_by_label("number").fill("24-1182")
        press(officer, "Take emergency access")
        sound(officer)
        assert "Vital interests" in officer.get_by_role("region").first.inner_text()
        officer.goto("/people/p_dean")
        sign_in(governor, "governor")
        follow(governor, "Notices \\(1 new\\)")
        follow(governor, "Review")
        assert says(governor, "A child is missing since this morning")
        assert says(governor, "Looked at a person")
        governor.get_by_label("Justified", exact=True).check()
        press(governor, "Save")
        sound(governor)
        press(governor, "Seen")
        assert governor.get_by_role("link", name=re.compile("^Notices$")).count() == 1


def test_without_javascript_an_officer_approves_a_role_and_reads_the_audit(
    browser: Browser, base: str
) -> None:
    with watched(browser, base, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, "governor")
        page.goto("/roles")
        press(page, "Approve")
        assert page.get_by_text("The role is in force.").is_visible()
        page.goto("/audit?view=all")
        assert says(page, "User changed")
        press(page, "Verify now")
        assert says(page, "rows were walked")


@WIDTHS
def test_an_officer_asks_the_audit_and_is_told_that_it_was_tampered_with(
    browser: Browser, base: str, home: PageHome, viewport: dict[str, int]
) -> None:
    with watched(browser, base, viewport=viewport) as page:
        sign_in(page, "governor")
        follow(page, "Audit")
        page.get_by_label("Show").first.select_option("all")
        page.get_by_label("By").select_option(label="governor")
        press(page, "Show")
        sound(page)
        assert says(page, "Read the audit")
        press(page, "Verify now")
        sound(page)
        assert page.locator("h1").inner_text() == "The audit is whole"
        with closing(sqlite3.connect(home.folder / "audit.sqlite")) as connection:
            connection.execute("drop trigger audit_row_no_update")
            connection.execute("update audit_row set kind = 'signed_out' where sequence = 1")
            connection.commit()
        follow(page, "Back to the audit")
        press(page, "Verify now")
        sound(page)
        assert page.locator("h1").inner_text() == "The audit is not whole"
        assert says(page, "Row 1: its content is not what was written")
