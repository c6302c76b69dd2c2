"""No invented name, date of birth or number of the browser run stands in any log or URL."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page

import loaders
from kith import pipeline
from kith.home import Home
from records.dates import PartialDate
from tests.e2e.conftest import Demonstration, ask, folder_texts, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_SHORTEST = 5  # shorter names are also words


def _personal_values(home: Home) -> set[str]:
    resolved = pipeline.current_result(home)
    snapshot = loaders.open_snapshot(pipeline.load_context(home), resolved.snapshot_id)
    columns = [
        "given_name",
        "family_name",
        "full_name",
        "nhs_number",
        "nino",
        "phone",
        "email",
        "birth_date",
    ]
    table = snapshot.read("record", columns=columns)
    values = {str(value) for name in columns for value in table[name].to_pylist() if value}
    spoken = set()
    for value in values:
        if len(value) == len("2001-02-03") and value[4] == "-":
            date = PartialDate.parse(value).earliest
            spoken.add(f"{date:%d/%m/%Y}")
    return {value for value in values | spoken if len(value) >= _SHORTEST}


def test_the_logs_hold_nobody(page: Page, demonstration: Demonstration) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    sign_in(page, demonstration, "practitioner")
    for story in demonstration.stories.values():
        ask(page, story["typed"])
        for link in page.locator("main a[href*='/people/']").all()[:1]:
            link.click()
            page.wait_for_url("**/people/*")  # going back from a page half arrived fails
            page.go_back()
    page.goto("/people/p_nobodynobodynobodynob")
    page.goto("/check/Penhallurick")
    logs = folder_texts(demonstration.home.folder / "logs")
    assert logs.strip(), "the run must have logged something, or this test proves nothing"
    for line in logs.splitlines():
        json.loads(line)
    values = _personal_values(demonstration.home)
    assert len(values) > 500
    logged = logs.casefold()
    tokens = set(re.findall(r"[^\W\d_]+", logged))
    names = {word for value in values for word in re.findall(r"[^\W\d_]+", value.casefold())}
    assert sorted(word for word in names & tokens if len(word) >= _SHORTEST) == []
    numbers = {value for value in values if any(mark.isdigit() for mark in value)}
    assert sorted(value for value in numbers if value.casefold() in logged) == []
    typed = [story["typed"].split()[1].casefold() for story in demonstration.stories.values()]
    assert [url for url in urls if any(word in url.casefold() for word in typed)] == []
