"""A steward answers who is who in a browser, and the ledger has what was answered."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from governance import accounts, judgements
from governance.judgements import Judgement
from governance.labels import leased
from kith.home import Home
from tests.browser import DESKTOP, axe_faults, watched
from tests.e2e.conftest import Demonstration, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NARROW = {"width": 360, "height": 740}
WIDTHS = pytest.mark.parametrize("viewport", [NARROW, DESKTOP], ids=["phone", "desktop"])
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
BUTTONS = {"same": "Same person", "different": "Different people", "unsure": "Cannot tell"}
KEYS = {"same": "s", "different": "d", "unsure": "u"}
FIVE = ("same", "different", "unsure", "same", "different")


def _history(home: Home) -> list[Judgement]:
    with home.register.session() as session:
        return list(judgements.history(session))


def _held(home: Home, username: str) -> tuple[str, str]:
    """The pair that a steward has before them."""
    with home.register.session() as session:
        account = accounts.user_named(session, username)
        assert account is not None
        now = dt.datetime.now(dt.UTC)
        (lease,) = [one for one in leased(session, now) if one.user_id == account.user_id]
    return lease.pair


def _come_to_questions(page: Page, demonstration: Demonstration, username: str = "steward") -> None:
    sign_in(page, demonstration, username)
    page.get_by_role("link", name="Same person?").click()
    page.wait_for_url("**/purpose")
    page.get_by_label("Reason").select_option("record_linkage")
    page.get_by_label("Case, incident or visit number").fill("DQ-7")
    _press(page, "Continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("Same person?")


def _press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def _ready(page: Page) -> None:
    page.locator("body[data-labels=ready]").wait_for()


def _told(home: Home, before: int) -> list[tuple[tuple[str, str], str]]:
    return [((e.record_a, e.record_b), e.verdict) for e in _history(home)[before:]]


@WIDTHS
@SCRIPTS
def test_five_answers_and_an_undo_are_in_the_ledger(
    browser: Browser, demonstration: Demonstration, viewport: dict[str, int], scripts: bool
) -> None:
    home = demonstration.home
    before, urls = len(_history(home)), []
    options: dict[str, Any] = {"viewport": viewport, "java_script_enabled": scripts}
    with watched(browser, demonstration.base, **options) as page:
        page.on("request", lambda request: urls.append(request.url))
        _come_to_questions(page, demonstration)
        asked = []
        for verdict in FIVE:
            asked.append(_held(home, "steward"))
            if scripts:
                _ready(page)
            _press(page, BUTTONS[verdict])
            expect(page.get_by_role("status")).to_contain_text("Kept")
        if scripts:
            _ready(page)
            assert axe_faults(page) == []
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wide
        _press(page, "Undo my last answer")
        expect(page.get_by_role("status")).to_contain_text("taken back")
        assert _held(home, "steward") == asked[-1]
    expected = list(zip(asked, FIVE, strict=True))
    assert _told(home, before) == [*expected, (asked[-1], "undone")]
    assert len(set(asked)) == len(FIVE)
    with home.register.session() as session:
        account = accounts.user_named(session, "steward")
    assert account is not None
    assert {entry.user_id for entry in _history(home)[before:]} == {account.user_id}
    noted = [row.payload for row in home.audit.rows(kind="judgement_made")][before:]
    assert [row["verdict"] for row in noted] == [*FIVE, "undone"]
    ids = {record for pair in asked for record in pair}
    assert [
        url for url in urls if "?" in url.replace("?v=", "") or any(i in url for i in ids)
    ] == []


def test_the_keys_do_the_same(browser: Browser, demonstration: Demonstration) -> None:
    home = demonstration.home
    before = len(_history(home))
    with watched(browser, demonstration.base, viewport=DESKTOP) as page:
        _come_to_questions(page, demonstration)
        for key in (*KEYS.values(), "z"):
            _ready(page)
            with page.expect_navigation():
                page.keyboard.press(key)
        _ready(page)
    assert [verdict for _, verdict in _told(home, before)] == [*KEYS, "undone"]


def test_two_stewards_are_asked_different_questions(
    browser: Browser, demonstration: Demonstration
) -> None:
    home = demonstration.home
    password = accounts.random_password()
    with home.register.session() as session:
        accounts.create_user(session, "second", password, "police", ["steward"], home.clock())
        session.commit()
    demonstration.sign_ins["second"] = password
    with (
        watched(browser, demonstration.base, viewport=DESKTOP) as one,
        watched(browser, demonstration.base, viewport=DESKTOP) as other,
    ):
        _come_to_questions(one, demonstration)
        _come_to_questions(other, demonstration, "second")
        assert _held(home, "steward") != _held(home, "second")


def test_what_is_shown_was_audited_and_names_no_record(
    browser: Browser, demonstration: Demonstration
) -> None:
    home = demonstration.home
    with watched(browser, demonstration.base, viewport=DESKTOP) as page:
        _come_to_questions(page, demonstration)
        pair = _held(home, "steward")
        source = page.content()
    assert not any(record in source for record in pair)
    shown = list(home.audit.rows(kind="question_shown"))[-1].payload
    assert set(pair) <= set(shown["what"])
    assert (shown["purpose"], shown["reference"]) == ("record_linkage", "DQ-7")


def test_nobody_else_is_asked(page: Page, demonstration: Demonstration) -> None:
    sign_in(page, demonstration, "practitioner")
    expect(page.get_by_role("link", name="Same person?")).to_have_count(0)
    page.goto("/label")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your role does not allow this")
