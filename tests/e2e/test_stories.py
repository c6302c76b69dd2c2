"""The six told stories, each as the person concerned sees it in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe_faults
from tests.e2e.conftest import Demonstration, ask, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[[str, int], Page]


def _section(page: Page, heading: str) -> str:
    block = page.locator("section", has=page.get_by_role("heading", name=heading))
    return block.first.inner_text()


def test_a_neighbours_calls_about_an_address_where_nobody_is_known(visit: Visit) -> None:
    page = visit("nurse", 1)
    expect(page.get_by_role("heading", level=1)).to_contain_text("12 Alder Road")
    concerns = _section(page, "Open concerns")
    assert "Noise" in concerns
    assert "9" in concerns
    assert "Anti-social behaviour" in concerns
    assert "Ring" in concerns or "ring" in concerns
    here = _section(page, "Who lives here now")
    assert "Somebody may" in here
    assert axe_faults(page) == []


def test_a_partner_with_earlier_domestic_abuse_in_another_family(visit: Visit) -> None:
    page = visit("practitioner", 2)
    main = page.get_by_role("main").inner_text()
    assert "Domestic abuse" in main
    here = _section(page, "Who lives here now")
    for name in ("Corin Thackwray", "Merrin Hallowen", "Tamsin Hallowen", "Jory Hallowen"):
        assert name in here
    assert "Early help" in main
    page.get_by_role("link", name="Corin Thackwray").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Corin Thackwray")
    story = page.get_by_role("main").inner_text()
    assert "Domestic abuse" in story
    assert "14 Beechcombe Lane" in story


def test_father_and_son_of_one_name_are_two_people_and_one_is_dangerous(visit: Visit) -> None:
    page = visit("housing", 3)
    here = _section(page, "Who lives here now")
    assert here.count("Ambrose Wexcombe") == 2
    alerts = page.get_by_role("main").inner_text()
    assert "Violence" in alerts
    links = page.locator("section", has=page.get_by_role("heading", name="Who lives here now"))
    found = links.get_by_role("link", name="Ambrose Wexcombe")
    pages = []
    for number in range(2):
        with page.expect_navigation():
            found.nth(number).click()
        pages.append(page.get_by_role("main").inner_text())
        page.go_back()
    dangerous = [text for text in pages if "Violence towards staff" in text]
    assert len(dangerous) == 1
    assert "1994" in dangerous[0]
    (other,) = [text for text in pages if text is not dangerous[0]]
    assert "1968" in other
    assert "Weapons" not in other


def test_three_falls_known_to_three_agencies(visit: Visit) -> None:
    page = visit("nurse", 4)
    main = page.get_by_role("main").inner_text()
    assert "Winifred Tregarthen" in main
    assert main.count("Fall") >= 2
    assert "Aug 2026" in main
    assert "Oct 2026" in main
    assert "adults' services" in main.lower()
    assert "14 Sep 2026" not in main  # existence only: no date, no category
    assert "nobody else since 1971" in main


def test_a_missing_teenager_excluded_and_at_another_address(visit: Visit) -> None:
    page = visit("analyst", 5)
    main = page.get_by_role("main").inner_text()
    assert "Kezia Marlowe-Finch" in main
    assert "Missing" in main
    page.get_by_role("link", name="Kezia Marlowe-Finch").first.click()
    story = page.get_by_role("main").inner_text()
    assert "School exclusion" in story or "Excluded from school" in story
    assert "18 Station Parade" in story


def test_a_death_known_only_to_health(visit: Visit) -> None:
    page = visit("housing", 6)
    main = page.get_by_role("main").inner_text()
    assert "Horace Penhallurick" in main
    assert "died" in main.lower()
    assert "Rent arrears" in main


def test_nothing_found_is_said_as_such(page: Page, demonstration: Demonstration) -> None:
    sign_in(page, demonstration, "practitioner")
    ask(page, "999 Nowhere Street WS1 1AA")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing recorded at this address")
    main = page.get_by_role("main").inner_text()
    assert "has recorded anything" in main
    assert "What was not searched" in main
