"""Whom to tell of a weakness: security.txt."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from flask import Flask

from kith.settings import Settings, SettingsError
from tests.webapp.client import Visitor
from tests.webapp.rooms import PageHome

PATH = "/.well-known/security.txt"
SAID = {"KITH_SECURITY_CONTACT": "mailto:security@example.org tel:+44-20-7946-0000"}


def says(home: PageHome, expires: dt.date) -> None:
    settings = Settings.from_environment({**SAID, "KITH_SECURITY_EXPIRES": expires.isoformat()})
    home.settings = dataclasses.replace(
        home.settings,
        security_contacts=settings.security_contacts,
        security_expires=settings.security_expires,
    )


def test_it_says_what_the_settings_say(app: Flask, home: PageHome, visitor: Visitor) -> None:
    assert visitor.raw(PATH).status_code == 404
    says(home, home.clock().date())
    answer = visitor.raw(PATH)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:security@example.org",
        "Contact: tel:+44-20-7946-0000",
        f"Expires: {home.clock():%Y-%m-%d}T23:59:59Z",
        "Preferred-Languages: en",
    ]


def test_one_that_has_expired_is_not_served(home: PageHome, visitor: Visitor) -> None:
    says(home, home.clock().date() - dt.timedelta(days=1))
    assert visitor.raw(PATH).status_code == 404


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"KITH_SECURITY_CONTACT": "security@example.org"}, "KITH_SECURITY_CONTACT"),
        (SAID, "KITH_SECURITY_EXPIRES"),
        ({**SAID, "KITH_SECURITY_EXPIRES": "next spring"}, "KITH_SECURITY_EXPIRES"),
    ],
)
def test_what_the_standard_does_not_allow_is_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        Settings.from_environment(given)
    assert "next spring" not in str(refused.value)
