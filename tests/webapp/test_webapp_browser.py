"""The pages in Chromium: on a telephone and on a desk, with and without JavaScript.

Every page here is watched: no policy broken, no console error, nothing asked of another machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from governance import accounts
from tests.browser import DESKTOP, PHONE, axe_faults, served, watched
from tests.webapp import answers
from tests.webapp.answers import EVIL
from tests.webapp.rooms import PASSWORD, PageHome, ScriptedDesk
from tests.webapp.test_webapp_loads import add

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
READY = "#picture[data-ready]"


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@contextmanager
def opened(browser: Browser, base: str, user: str = "officer", **options: object) -> Iterator[Page]:
    """A watched page, signed in; for an officer the purpose is stated on the way to an answer."""
    with watched(browser, base, **options) as page:
        sign_in(page, user)
        if user == "officer":
            ask(page, "12 Alder Road")
        yield page


def sign_in(page: Page, user: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def press(page: Page, name: str) -> None:
    """Press a button that leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{name}\\b")).first.click()


def ask(page: Page, address: str) -> None:
    page.get_by_label("Why are you looking?").select_option("visit")
    page.get_by_label("Case, incident or visit number").fill("24-1182")
    page.get_by_label("Address", exact=True).fill(address)
    press(page, "Check address")


def test_from_sign_in_to_the_answer_in_at_most_four_interactions(
    browser: Browser, base: str
) -> None:
    """R77: every page that is sent counts as one, on a telephone."""
    with watched(browser, base, viewport=PHONE, has_touch=True) as page:
        sent: list[str] = []
        page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
        sign_in(page, "officer")
        ask(page, "12 Alder Road")
        assert page.locator("h1").inner_text() == "12 Alder Road, Walsall"
        assert len(sent) == 2
        # Where several addresses fit, one touch more.
        page.get_by_label("Check another address").fill("alder")
        with page.expect_navigation():
            page.get_by_role("button", name="Check", exact=True).tap()
        page.get_by_role("link", name="Flat 2").wait_for()
        assert len(sent) + 1 <= 4


def test_the_warning_is_seen_without_scrolling_on_a_telephone(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=PHONE) as page:
        box = page.locator(".app-alert").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < PHONE["height"]
        dial = page.locator(".app-alert a[href^='tel:']").first.bounding_box()
        assert dial is not None
        assert dial["height"] >= 32


@WIDTHS
def test_a_password_that_somebody_gave_is_replaced(
    browser: Browser, base: str, home: PageHome, viewport: dict[str, int]
) -> None:
    given, own = "a lamp beside the river", "three otters near the weir"
    with home.register.session() as session:
        user = accounts.user_named(session, "officer")
        assert user is not None
        accounts.set_password(session, user.user_id, given, home.clock(), given=True)
        session.commit()
    with watched(browser, base, viewport=viewport) as page:
        sign_in(page, "officer", given)
        for typed in (given, own):
            assert axe_faults(page) == []
            page.get_by_label("New password", exact=True).fill(typed)
            page.get_by_label("New password once more").fill(typed)
            press(page, "Continue")
        assert page.locator("h1").inner_text() == "Check an address"


@WIDTHS
def test_every_page_is_accessible_and_fits(
    browser: Browser, base: str, home: PageHome, viewport: dict[str, int]
) -> None:
    def check(page: Page) -> None:
        assert axe_faults(page) == [], page.url
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, page.url

    with watched(browser, base, viewport=viewport) as page:
        page.goto("/sign-in")
        check(page)
        press(page, "Sign in")
        check(page)
        sign_in(page, "officer")
        check(page)
        press(page, "Check address")
        check(page)
        ask(page, "12 Alder Road")
        check(page)
        for path in (
            "/purpose",
            "/account",
            "/people/p_dean",
            "/links/a_alder?select=p_mia",
            "/nope",
            "/loads",
        ):
            page.goto(path)
            check(page)
        for typed in ("alder", "99 Nowhere Street"):
            page.goto("/check")
            page.get_by_label("Address", exact=True).fill(typed)
            press(page, "Check address")
            check(page)
    load_id = add(home, "police", "niche_nominals_20261101.csv")
    with opened(browser, base, "manager", viewport=viewport) as page:
        check(page)
        page.goto(f"/loads/{load_id}")
        check(page)


@WIDTHS
def test_the_picture_is_drawn_and_its_labels_can_be_read(
    browser: Browser, base: str, viewport: dict[str, int]
) -> None:
    with opened(browser, base, viewport=viewport) as page:
        press(page, "See the links")
        page.locator(READY).wait_for()
        picture = page.locator("#picture")
        places = json.loads(picture.get_attribute("data-places") or "{}")
        assert set(places) == {"a_alder", "p_mia", "p_jay", "p_dean", "c_abuse", "a_hostel"}
        assert float(picture.get_attribute("data-scale") or 0) * 16 >= 11.5, "pixels of a label"
        page.get_by_role("button", name="Zoom in").click()
        page.get_by_role("button", name="All", exact=True).click()


def test_select_tells_of_a_node_and_expand_moves_nothing(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=DESKTOP) as page:
        page.goto("/links/a_alder")
        page.locator(READY).wait_for()
        before = json.loads(page.locator("#picture").get_attribute("data-places") or "{}")
        page.locator("[data-select=p_dean]").first.click()
        assert page.locator("#chosen").inner_text() == "Dean Moss, 40 or 41"
        assert page.locator("#said").inner_text() == "Person selected: Dean Moss, 40 or 41"
        assert page.url.endswith("/links/a_alder"), "selecting loads nothing"
        with page.expect_navigation():
            page.locator("#chosen-expand").click()
        page.locator(READY).wait_for()
        after = json.loads(page.locator("#picture").get_attribute("data-places") or "{}")
        assert set(after) - set(before) == {"a_beech", "p_lee"}
        assert {key: after[key] for key in before} == before
        with page.expect_navigation():
            page.get_by_role("link", name="Open the page").click()
        assert page.locator("h1").inner_text() == "Dean Moss"


def test_the_table_sorts(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=DESKTOP) as page:
        page.goto("/links/a_alder")
        page.locator("body[data-tables]").wait_for()
        page.get_by_role("button", name="From").click()
        names = page.locator("tbody tr td:first-child").all_inner_texts()
        assert names == sorted(names)


def test_hostile_labels_do_nothing_in_the_picture(
    browser: Browser, base: str, desk: ScriptedDesk
) -> None:
    desk.networks["a_alder"] = answers.network(label=EVIL)
    with opened(browser, base, viewport=DESKTOP) as page:
        page.goto("/links/a_alder")
        page.locator(READY).wait_for()
        page.locator("[data-select=p_dean]").first.click()
        assert page.locator("#chosen").inner_text() == EVIL
        box = page.locator("#picture").bounding_box()
        assert box is not None
        for share in range(1, 20):
            page.mouse.move(box["x"] + box["width"] * share / 20, box["y"] + box["height"] / 2)
        page.wait_for_timeout(400)
        assert page.evaluate("window.hurt") is None


def test_everything_but_the_picture_works_without_javascript(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=PHONE, java_script_enabled=False) as page:
        page.get_by_role("link", name="Mia Carter").first.wait_for()
        press(page, "See the links")
        press(page, "Select Mia Carter, 34")
        assert page.locator("#chosen").inner_text() == "Mia Carter, 34"
        press(page, "Expand Dean Moss, 40 or 41")
        page.get_by_text("Lee Moss, 19").first.wait_for()
        press(page, "Sign out")
        assert page.locator("h1").inner_text() == "Sign in"


def test_the_keyboard_reaches_everything(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=DESKTOP) as page:
        page.goto("/links/a_alder")
        page.locator(READY).wait_for()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
        reached: list[str] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(
                str(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
            )
        for words in ("picture", "Zoom in", "Expand", "Select Mia Carter, 34"):
            assert any(words in " ".join(found.split()) for found in reached), words


def test_cookies_are_out_of_reach_of_scripts(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=PHONE) as page:
        cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
        assert {name: cookie["sameSite"] for name, cookie in cookies.items()} == {
            "kith": "Lax",
            "kith-device": "Strict",
        }
        assert all(cookie["httpOnly"] for cookie in cookies.values())
        assert page.evaluate("document.cookie") == ""


def test_going_back_after_signing_out_shows_nothing(browser: Browser, base: str) -> None:
    with opened(browser, base, viewport=PHONE) as page:
        press(page, "Sign out")
        page.wait_for_load_state()
        page.go_back()
        assert page.locator("h1").inner_text() == "Sign in"
