"""Errors, headers, cookies, the log: what leaves the server whatever happens."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
import structlog
from flask import Flask

from kith.settings import SettingsError
from tests.webapp.client import Page, Visitor
from tests.webapp.rooms import PageHome, ScriptedDesk, make_home
from webapp import create_app
from webapp.faults import WORDS
from webapp.security import HEADERS, INLINE_SCRIPT, POLICY


def test_the_one_inline_script_is_the_one_whose_hash_is_allowed(visitor: Visitor) -> None:
    page = visitor.get("/sign-in")
    inline = [str(node.text) for node in page.all("script") if node.get("src") is None]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    assert [f"sha256-{digest}" for digest in digests] == [INLINE_SCRIPT]


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'; ")
    for part in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in POLICY


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nope", "/static/app.css", "/static/nope", "/healthz"]
)
def test_every_answer_has_the_headers(visitor: Visitor, path: str) -> None:
    response = visitor.raw(path)
    for header, value in HEADERS.items():
        assert response.headers[header] == value
    cached = "public" in response.headers["Cache-Control"]
    assert cached is (path == "/static/app.css")


def test_every_error_has_a_page_that_says_what_to_do(app: Flask) -> None:
    from werkzeug.exceptions import default_exceptions

    from governance.declared import records_nothing
    from webapp.access import open_to_all

    @open_to_all()
    @records_nothing("it fails")
    def fail(status: int) -> str:
        raise default_exceptions[status]

    app.add_url_rule("/fail/<int:status>", "fail", fail)
    visitor = Visitor(app)
    for status in (400, 401, 403, 404, 405, 413, 429, 500, 503):
        page = visitor.get(f"/fail/{status}")
        assert page.status == status
        assert page.h1 == WORDS[status].title
        for heading in ("What happened", "What still works", "Whom to ask"):
            assert heading in page.text
        assert f"Reference: {status} {page.response.headers['X-Request-Id']}" in page.text


def test_a_form_without_its_token_is_refused(officer: Visitor, home: PageHome) -> None:
    before = len(list(home.audit.rows()))
    for path, fields in (
        ("/check", {"address": "12 Alder Road"}),
        ("/purpose", {"purpose": "crime", "reference": "1"}),
        ("/sign-out", {}),
    ):
        for token in ({}, {"csrf_token": "forged"}):
            page = Page(officer.client.post(path, data={**fields, **token}), officer.app)
            assert page.status == 400, path
    assert len(list(home.audit.rows())) == before
    assert officer.get("/addresses/a_alder").status == 200


def test_a_token_of_another_session_is_refused(app: Flask, officer: Visitor) -> None:
    other = Visitor(app)
    stolen = other.get("/sign-in").token()
    response = officer.client.post("/check", data={"address": "x", "csrf_token": stolen})
    assert response.status_code == 400


def test_too_large_a_form_is_refused(officer: Visitor) -> None:
    response = officer.client.post("/check", data={"address": "x" * 100_000})
    assert response.status_code == 413
    assert "That is too much to send" in response.text


def test_too_many_requests_are_slowed_down(officer: Visitor) -> None:
    answers = [officer.raw("/addresses/a_alder").status_code for _ in range(62)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert officer.get("/check").status == 200


def test_a_fault_shows_and_logs_no_value(
    officer: Visitor, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Mia Carter born 1992-01-01")

    monkeypatch.setattr(desk, "check_address", fail)
    page = officer.get("/addresses/a_alder")
    assert page.status == 500
    assert "Mia" not in page.text


def test_the_log_holds_no_url_name_or_words(
    app: Flask, home: PageHome, officer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with structlog.testing.capture_logs() as lines:
        officer.ask("12 Alder Road")
        officer.get("/people/p_dean?agency=police")
        officer.get("/nope/mia-carter")
    told = json.dumps([line for line in lines if line["event"] == "request"])
    for words in ("lder", "p_dean", "Mia", "mia", "officer", "police", "/", "24-1182"):
        assert words not in told
    assert '"endpoint": "people.person"' in told
    keys = {key for line in lines for key in line}
    assert keys == {
        "endpoint", "event", "log_level", "method", "milliseconds", "request_id", "status",
    }  # fmt: skip


def test_health_says_up_and_nothing_else(visitor: Visitor) -> None:
    response = visitor.raw("/healthz")
    assert response.get_json() == {"state": "up"}
    assert "Set-Cookie" not in response.headers


def test_no_start_without_a_secret_or_with_open_cookies_to_others(tmp_path: Path) -> None:
    import dataclasses

    home = make_home(tmp_path)
    home.settings = dataclasses.replace(home.settings, secret="short")
    with pytest.raises(SettingsError):
        create_app(home.as_home())
    home.settings = dataclasses.replace(home.settings, secret="s" * 40, host="0.0.0.0")
    with pytest.raises(SettingsError, match="this machine only"):
        create_app(home.as_home())
    home.close()


def test_static_files_may_be_kept_for_long_under_their_digest(visitor: Visitor) -> None:
    page = visitor.get("/sign-in")
    sheets = [str(node.get("href")) for node in page.all("link")]
    assert all(re.search(r"\?v=[0-9a-f]{12}$", sheet) for sheet in sheets)
    kept = visitor.raw(sheets[0]).headers["Cache-Control"]
    assert kept == "public, max-age=31536000"
