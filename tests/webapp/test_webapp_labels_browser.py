"""Questions to stewards in Chromium: keys, telephones, no JavaScript, axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from kith.labelling import CurvePoint
from tests.browser import DESKTOP, axe_faults, served, watched
from tests.webapp.answers import EVIL
from tests.webapp.labelling import FIRST, SECOND, ScriptedLabels, clusters, records
from tests.webapp.rooms import PASSWORD

pytestmark = pytest.mark.browser
NARROW = {"width": 360, "height": 740}
WIDTHS = pytest.mark.parametrize("viewport", [NARROW, DESKTOP], ids=["phone", "desktop"])
ANSWERS = ("Same person", "Different people", "Cannot tell")


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@contextmanager
def at_question(browser: Browser, base: str, **options: object) -> Iterator[Page]:
    """A watched page with the first question, as a steward comes to it."""
    with watched(browser, base, **options) as page:
        page.goto("/sign-in")
        page.get_by_label("User name").fill("steward")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        press(page, "Sign in")
        with page.expect_navigation():
            page.get_by_role("link", name="Same person?").click()
        page.get_by_label("Reason").select_option("record_linkage")
        page.get_by_label("Case, incident or visit number").fill("DQ-7")
        press(page, "Continue")
        if options.get("java_script_enabled", True):
            ready(page)
        yield page


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def ready(page: Page) -> None:
    """Wait until the page takes answers: keys of the moment it arrives are not for it."""
    page.locator("body[data-labels=ready]").wait_for()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@WIDTHS
def test_every_page_is_accessible_and_fits(
    browser: Browser, base: str, labels: ScriptedLabels, viewport: dict[str, int]
) -> None:
    labels.curve = tuple(CurvePoint(labels=n * 25, agreement=0.55 + n * 0.03) for n in range(15))
    with at_question(browser, base, viewport=viewport) as page:
        for heading in ("Same person?", "Same person?", "No more questions"):
            expect(page.locator("h1")).to_have_text(heading)
            assert axe_faults(page) == []
            assert fits(page)
            page.locator("summary").click()
            assert axe_faults(page) == []
            assert fits(page)
            if heading == "Same person?":
                ready(page)
                press(page, "Same person")
        labels.ready = False
        page.goto("/label")
        assert axe_faults(page) == []


def test_on_a_telephone_the_answers_are_at_hand(browser: Browser, base: str) -> None:
    with at_question(browser, base, viewport=NARROW, has_touch=True) as page:
        for name in ANSWERS:
            box = page.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["y"] + box["height"] <= NARROW["height"]
        fields = [row.bounding_box() for row in page.locator(".app-pair__row").all()]
        assert all(box is not None and box["width"] <= NARROW["width"] for box in fields)
        left, right = page.locator(".app-pair__row").first.locator("td.app-pair__values").all()
        over, under = left.bounding_box(), right.bounding_box()
        assert over is not None
        assert under is not None
        assert over["y"] + over["height"] <= under["y"], "one value stands under the other"


def test_keys_answer_and_undo(browser: Browser, base: str, labels: ScriptedLabels) -> None:
    with at_question(browser, base, viewport=DESKTOP) as page:
        expect(page.get_by_text("Keys: S same")).to_be_visible()
        for key in ("s", "u"):
            ready(page)
            with page.expect_navigation():
                page.keyboard.press(key)
        ready(page)
        with page.expect_navigation():
            page.keyboard.press("z")
        ready(page)
        with page.expect_navigation():
            page.keyboard.press("D")
        page.locator("h1", has_text="No more questions").wait_for()
    assert labels.ledger == [
        (FIRST, "same"),
        (SECOND, "unsure"),
        (SECOND, "undone"),
        (SECOND, "different"),
    ]


def test_keys_can_be_switched_off_and_stay_off(
    browser: Browser, base: str, labels: ScriptedLabels
) -> None:
    with at_question(browser, base, viewport=DESKTOP) as page:
        page.get_by_role("button", name="Turn keys off").click()
        for _ in range(2):
            page.keyboard.press("s")
            page.keyboard.press("z")
            expect(page.get_by_role("button", name="Turn keys on")).to_be_visible()
            expect(page.get_by_text("Keys: S same")).to_be_hidden()
            page.reload()
            ready(page)
    assert labels.ledger == []


def test_keys_are_for_the_page_and_not_for_typing(
    browser: Browser, base: str, labels: ScriptedLabels
) -> None:
    with at_question(browser, base, viewport=DESKTOP) as page:
        page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
        page.locator("textarea").type("sudzs")
        assert page.locator("textarea").input_value() == "sudzs"
        page.locator("h1").click()
        for keys in ("Control+d", "Alt+u"):
            page.keyboard.press(keys)
        page.wait_for_timeout(200)
        assert page.url.endswith("/label")
    assert labels.ledger == []


def test_the_second_click_of_two_is_not_for_the_next_question(
    browser: Browser, base: str, labels: ScriptedLabels
) -> None:
    labels.waiting = [records(), clusters(), records("q_third")]
    with at_question(browser, base, viewport=DESKTOP) as page:
        box = page.get_by_role("button", name="Same person").bounding_box()
        assert box is not None
        with page.expect_navigation():
            page.mouse.dblclick(box["x"] + 10, box["y"] + 10)
        # At once on the page that arrives: it takes nothing yet.
        page.locator("[data-key=s]").dispatch_event("click")
        ready(page)
    assert labels.ledger == [(FIRST, "same")]


@WIDTHS
def test_answers_need_no_javascript(
    browser: Browser, base: str, labels: ScriptedLabels, viewport: dict[str, int]
) -> None:
    with at_question(browser, base, viewport=viewport, java_script_enabled=False) as page:
        expect(page.get_by_text("Keys:")).to_be_hidden()
        press(page, "Different people")
        press(page, "Undo my last answer")
        press(page, "Same person")
        press(page, "Cannot tell")
        expect(page.locator("h1")).to_have_text("No more questions")
    assert [verdict for _, verdict in labels.ledger] == ["different", "undone", "same", "unsure"]


def test_hostile_values_do_nothing(browser: Browser, base: str, labels: ScriptedLabels) -> None:
    labels.waiting = [records(evil=EVIL)]
    with at_question(browser, base, viewport=NARROW) as page:
        assert page.evaluate("window.hurt") is None
        assert fits(page)
        page.locator("td", has_text="onerror").first.wait_for()


def test_the_keyboard_reaches_every_answer(browser: Browser, base: str) -> None:
    with at_question(browser, base, viewport=DESKTOP) as page:
        reached = []
        for _ in range(20):
            page.keyboard.press("Tab")
            reached.append(str(page.evaluate("document.activeElement.innerText")))
        assert tuple(dict.fromkeys(name for name in reached if name in ANSWERS)) == ANSWERS
