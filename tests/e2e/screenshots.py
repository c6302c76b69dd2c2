"""Takes the manual's screenshots from the running product.

    python -m tests.e2e.screenshots --home demo-home --out docs/images

Invariant: every picture shows the demonstration area, as a signed-in user of it sees it.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from pathlib import Path

import waitress
from playwright.sync_api import Browser, Page, sync_playwright

from kith import native
from kith.cli.demo import prepare, told_stories
from tests.browser import CHROMIUM, DESKTOP, PHONE, QUIET
from webapp import create_app


def main() -> None:
    """Bring the demonstration up, walk through it, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("demo-home"))
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    given = parser.parse_args()
    native.make_room()
    given.out.mkdir(parents=True, exist_ok=True)
    os.environ["KITH_INSECURE_COOKIES"] = "1"
    with prepare(given.home, "walsall", None, seed=1) as home:
        server = waitress.create_server(create_app(home), host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        base = f"http://127.0.0.1:{server.effective_port}"
        sign_ins = json.loads((home.folder / "sign-ins.json").read_text(encoding="utf-8"))
        stories = {story["story"]: story["typed"] for story in told_stories(home)}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            _Walk(browser, base, sign_ins, stories, given.out).take()
            browser.close()
        server.close()


class _Walk:
    def __init__(
        self,
        browser: Browser,
        base: str,
        sign_ins: dict[str, str],
        stories: dict[int, str],
        out: Path,
    ) -> None:
        self.browser = browser
        self.base = base
        self.sign_ins = sign_ins
        self.stories = stories
        self.out = out

    def take(self) -> None:
        """Every picture."""
        page = self._page("practitioner", PHONE, first="sign-in-phone")
        self._shot(page, "purpose-phone")
        self._ask(page, self.stories[2])
        self._shot(page, "address-phone")
        page.context.close()
        page = self._page("practitioner", DESKTOP)
        self._ask(page, self.stories[2])
        self._shot(page, "address-desktop")
        page.get_by_role("link", name="Corin Thackwray").first.click()
        self._shot(page, "person-desktop")
        page.get_by_role("button", name="See the links").click()
        self._ready(page)
        self._shot(page, "links-desktop")
        page.context.close()
        page = self._page("nurse", PHONE)
        self._ask(page, self.stories[4])
        self._shot(page, "address-falls-phone")
        page.get_by_role("link", name="Winifred Tregarthen").first.click()
        self._shot(page, "person-phone")
        page.get_by_role("button", name="See the links").click()
        self._ready(page)
        self._shot(page, "links-phone")
        page.context.close()
        for number in (3, 5, 6):
            who = {3: "housing", 5: "analyst", 6: "housing"}[number]
            page = self._page(who, DESKTOP)
            self._ask(page, self.stories[number])
            self._shot(page, f"story-{number}-desktop")
            page.context.close()
        page = self._page("practitioner", DESKTOP)
        self._ask(page, "Alder Rd WS1")
        self._shot(page, "candidates-desktop")
        page.goto("/check")
        self._ask(page, "999 Nowhere Street WS1 1AA")
        self._shot(page, "nothing-found-desktop")
        page.context.close()
        for width, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self._questions(width, size)
        page = self._page("manager", DESKTOP)
        self._shot(page, "loads-desktop")
        page.locator("main table a").first.click()
        self._shot(page, "load-desktop")
        page.context.close()

    def _questions(self, width: str, size: dict[str, int]) -> None:
        """What a steward is asked after a few answers, in a window as long as the page."""
        page = self._page("steward", size)
        page.goto("/label")
        page.get_by_label("Reason").select_option("record_linkage")
        page.locator("[name=reference]").fill("DQ-7")
        with page.expect_navigation():
            page.get_by_role("button", name="Continue").click()
        for _ in range(3):
            page.locator("body[data-labels=ready]").wait_for()
            alike = page.locator(".app-mark--same").count() > 2
            with page.expect_navigation():
                page.locator("[data-key=s]" if alike else "[data-key=d]").click()
        page.locator("body[data-labels=ready]").wait_for()
        end = page.locator(".app-foot").bounding_box()
        height = int(end["y"] + end["height"]) if end else 2400
        page.set_viewport_size({"width": size["width"], "height": height})
        self._shot(page, f"label-{width}")
        page.context.close()

    def _page(self, username: str, size: dict[str, int], first: str | None = None) -> Page:
        context = self.browser.new_context(base_url=self.base, viewport=size)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/sign-in")
        if first:
            self._shot(page, first)
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password", exact=True).fill(self.sign_ins[username])
        with page.expect_navigation(url=lambda url: not url.endswith("/sign-in")):
            page.get_by_role("button", name="Sign in").click()
        return page

    def _ask(self, page: Page, typed: str) -> None:
        address = page.locator("main [name=address]")
        if page.locator("main [name=reference]").count():
            page.locator("main [name=purpose]").select_option("visit")
            page.locator("main [name=reference]").fill("VISIT-1")
        address.fill(typed)
        with page.expect_navigation():
            address.press("Enter")

    def _ready(self, page: Page) -> None:
        page.locator("[data-ready]").first.wait_for(state="attached")

    def _shot(self, page: Page, name: str) -> None:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=self.out / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
