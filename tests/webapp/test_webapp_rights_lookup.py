"""The officer's page that finds whom a request is about."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import loaders
from governance.errors import AuditError
from tests.webapp.client import Visitor
from tests.webapp.righted import DEAN, DEAN_TOO, staged
from tests.webapp.rooms import PageHome

SAID: dict[str, Any] = {"given_name": "Dean", "family_name": "Ellis", "birth_date": "02/03/1984"}


@pytest.fixture(autouse=True)
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = staged(tmp_path / "staged")
    monkeypatch.setattr(loaders, "take_snapshot", lambda _context: made)


@pytest.fixture
def governor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("governor")
    return visitor


def test_who_is_found_leads_to_a_case(home: PageHome, governor: Visitor) -> None:
    page = governor.send("/rights/look-up", **SAID)
    assert "Dean Ellis, born 2 Mar 1984" in page.text
    assert "Agrees: forename, surname, date of birth" in page.text
    links = [link.get("href", "") for link in page.all("a") if "about=" in link.get("href", "")]
    assert {link.partition("about=")[2] for link in links} <= {DEAN, DEAN_TOO} | {"p_dean"}
    opening = governor.get(links[0])
    assert links[0].partition("about=")[2] in str(opening.response.get_data(as_text=True))
    [row] = [each.payload for each in home.audit.rows(kind="people_looked_up")]
    assert row["asked_by"] == ["given_name", "family_name", "birth_date"]


def test_an_id_that_is_none_is_not_taken_into_the_form(governor: Visitor) -> None:
    assert 'value="r_dean"' in governor.raw("/rights/new?about=r_dean").get_data(as_text=True)
    evil = governor.raw("/rights/new?about=r_dean%22onfocus=x").get_data(as_text=True)
    assert "onfocus" not in evil


def test_nobody_found_says_what_that_shows(governor: Visitor) -> None:
    page = governor.send("/rights/look-up", given_name="No", family_name="Body")
    assert "does not show that nothing is held" in page.text


@pytest.mark.parametrize(
    "said",
    [{}, {"given_name": "Dean"}, SAID | {"birth_date": "yesterday"}, {"nhs_number": "12"}],
)
def test_too_little_is_refused_in_words(
    home: PageHome, governor: Visitor, said: dict[str, Any]
) -> None:
    page = governor.send("/rights/look-up", **said)
    assert page.status == 400
    assert "There is a problem" in page.text
    assert list(home.audit.rows(kind="people_looked_up")) == []


def test_nothing_typed_is_in_a_log_and_nothing_is_told_without_the_audit(
    home: PageHome,
    governor: Visitor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise AuditError("the audit cannot be written")

    with caplog.at_level(logging.DEBUG):
        governor.send("/rights/look-up", **SAID)
        monkeypatch.setattr(home.audit, "record", fail)
        page = governor.send("/rights/look-up", **SAID)
    assert page.status == 503
    assert "Dean" not in page.text
    assert "Ellis" not in caplog.text


@pytest.mark.parametrize("name", ["officer", "admin", "steward"])
def test_nobody_else_looks(app: Flask, name: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(name)
    assert visitor.get("/rights/look-up").status == 403
