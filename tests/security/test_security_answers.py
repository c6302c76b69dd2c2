"""Every answer of every route: headers, types, hosts, where it leads; forged requests."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from tests.security.walking import (
    Route,
    as_holder,
    everybody,
    everything_stored,
    routes,
    token_of,
)
from tests.webapp.client import Visitor
from tests.webapp.labelling import ScriptedLabels
from tests.webapp.rooms import PageHome, ScriptedDesk, make_home
from webapp import create_app
from webapp.security import HEADERS

EVIL = "evil.example"
TYPES = {"text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"}
UNUSED = ("PUT", "PATCH", "DELETE", "TRACE")
LEADS_ON = ("next", "url", "return", "return_to", "redirect", "redirect_uri", "continue", "goto")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageHome]:
    """One home for all walks here: what they do is refused."""
    home = make_home(tmp_path_factory.mktemp("walked"))
    yield home
    home.close()


@pytest.fixture(scope="module")
def app(home: PageHome, compiled_templates: FileSystemBytecodeCache) -> Flask:
    desk, labels = ScriptedDesk(home).as_desk(), ScriptedLabels(home).as_desk()
    app = create_app(home.as_home(), desk=desk, label_desk=labels)
    app.testing = False  # errors become pages, as in service
    app.jinja_env.bytecode_cache = compiled_templates
    for limiter in app.extensions["limiter"]:
        limiter.enabled = False
    return app


@pytest.fixture(scope="module")
def visitors(app: Flask) -> dict[str, Visitor]:
    return everybody(app)


def check_headers(response: TestResponse, where: str) -> None:
    for header, value in HEADERS.items():
        assert response.headers.getlist(header) == [value], f"{where}: {header}"
    assert "Server" not in response.headers
    assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
    assert response.headers["Content-Type"] in TYPES, where
    assert response.headers["Cache-Control"] == "no-store", where
    location = response.headers.get("Location", "/")
    assert location.startswith("/"), f"{where} leads to {location}"
    assert not location.startswith(("//", "/\\")), f"{where} leads to {location}"


def pages(app: Flask) -> list[Route]:
    return [route for route in routes(app) if route.rule.endpoint != "static"]


def test_every_answer_of_every_route_has_the_headers(
    app: Flask, visitors: dict[str, Visitor]
) -> None:
    stranger = Visitor(app)
    for place, route in enumerate(pages(app)):
        holder = as_holder(route, app, visitors)
        unused = UNUSED[place % len(UNUSED)]
        walked = ((stranger, ("GET", "POST")), (holder, ("GET", "POST", unused, "OPTIONS")))
        for visitor, methods in walked:
            for method in methods:
                where = f"{method} {route.rule}"
                response = visitor.client.open(route.path(), method=method)
                assert response.status_code < 500, where
                if method in UNUSED:
                    assert response.status_code == 405, where
                check_headers(response, where)


def test_over_tls_every_answer_says_to_stay_there(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_cookies=False)
    app = create_app(home.as_home(), desk=ScriptedDesk(home).as_desk())
    client = app.test_client()
    paths = [route.path() for route in pages(app)]
    for path in (*paths, "/static/app.css", "/static/nope", "/nope", "/static/../app.py"):
        response = client.get(path, base_url="https://localhost", buffered=True)
        kept = response.headers["Strict-Transport-Security"]
        assert kept == "max-age=31536000; includeSubDomains", path
        for cookie in response.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-kith"), path
            assert "; Secure; HttpOnly; Path=/; SameSite=" in cookie, path
    home.close()


def test_files_are_those_of_the_product_alone(visitor: Visitor) -> None:
    for path in (
        "/static/",
        "/static/vendor",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/..\\app.py",
        "/static/app.css/x",
        "/static/app.css%00.html",
    ):
        response = visitor.raw(path)
        assert response.status_code == 404, path
        check_headers(response, path)


def test_too_much_is_refused_everywhere(app: Flask, visitors: dict[str, Visitor]) -> None:
    for route in pages(app):
        if "POST" in route.methods:
            response = as_holder(route, app, visitors).client.post(
                route.path(), data={"csrf_token": "x" * 70_000}
            )
            assert response.status_code == 413, route.rule
            check_headers(response, str(route.rule))


def test_no_forged_request_changes_anything(
    app: Flask, home: PageHome, visitors: dict[str, Visitor]
) -> None:
    stranger = token_of(Visitor(app))
    tokens = {name: token_of(visitor) for name, visitor in visitors.items()}
    before = everything_stored(home)
    for route in pages(app):
        if "POST" not in route.methods:
            continue
        visitor, own = as_holder(route, app, visitors), tokens.get(route.holder() or "", stranger)
        forged: tuple[dict[str, Any], ...] = (
            {"data": {}},
            {"data": {"csrf_token": ""}},
            {"data": {"csrf_token": stranger[::-1]}},
            {"data": {"csrf_token": tokens["landlord"]}},
            {"headers": {"X-CSRFToken": own, "X-CSRF-Token": own}},
            {"query_string": {"csrf_token": own}},
            {"json": {"csrf_token": own}},
        )
        for sent in forged:
            if route.holder() == "landlord" and sent["data"]:
                continue
            response = visitor.client.post(route.path(), **sent)
            assert response.status_code == 400, f"{route.rule} {sent.keys()}"
            check_headers(response, str(route.rule))
    assert everything_stored(home) == before


def test_looking_changes_nothing_but_the_audit(
    app: Flask, home: PageHome, visitors: dict[str, Visitor]
) -> None:
    before = everything_stored(home)
    for route in pages(app):
        if "GET" in route.methods:
            as_holder(route, app, visitors).raw(route.path())
            as_holder(route, app, visitors).client.head(route.path())
    after = everything_stored(home)
    assert {**after, "audit": before["audit"], "second_factor": before["second_factor"]} == before


def test_the_host_that_is_asked_for_is_nowhere_repeated(
    app: Flask, visitors: dict[str, Visitor]
) -> None:
    named = {
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Prefix": f"//{EVIL}",
        "X-Original-URL": f"//{EVIL}/",
        "Forwarded": f"host={EVIL}",
        "Origin": f"https://{EVIL}",
        "Referer": f"https://{EVIL}/",
    }
    for route in pages(app):
        visitor = as_holder(route, app, visitors)
        for headers in (named, {"Host": EVIL}):
            response = visitor.raw(route.path(), headers=headers)
            check_headers(response, str(route.rule))
            assert EVIL not in response.text, route.rule
            assert EVIL not in str(response.headers), route.rule


def test_no_name_in_a_request_decides_where_an_answer_leads(
    app: Flask, visitors: dict[str, Visitor]
) -> None:
    targets = (f"https://{EVIL}/", f"//{EVIL}", f"/\\{EVIL}", "javascript:alert(1)")
    leads = {name: targets[place % len(targets)] for place, name in enumerate(LEADS_ON)}
    for route in pages(app):
        visitor = as_holder(route, app, visitors)
        for method in sorted(route.methods):
            data = {**leads, "csrf_token": token_of(visitor)} if method == "POST" else None
            response = visitor.client.open(
                route.path(), method=method, query_string=leads, data=data
            )
            check_headers(response, f"{method} {route.rule}")
            for start in ('href="', 'action="', 'src="'):
                assert not [t for t in targets if f"{start}{t}" in response.text], route.rule
        if route.rule.endpoint == "signin.sign_out":
            visitor.sign_in(route.holder() or "")


def test_a_path_of_two_slashes_leads_nowhere(visitor: Visitor) -> None:
    for path in ("//sign-in", "/sign-in//", "/static//app.css", f"//{EVIL}/%2f.."):
        response = visitor.raw("/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": EVIL})
        assert response.status_code in {200, 404}
        if path != "/static//app.css" or response.status_code == 404:
            check_headers(response, path)


def test_a_page_that_waits_for_a_purpose_is_one_of_ours(app: Flask) -> None:
    for waiting in (
        "/addresses/a_alder?x=%0d%0aEvil:%201",
        f"/addresses/a_alder?//{EVIL}",
        "/people/%0d%0aEvil:%201",
        f"/people/x%3F//{EVIL}",
    ):
        visitor = Visitor(app)
        visitor.sign_in("officer")
        visitor.raw(waiting)
        response = visitor.post("/purpose", purpose="visit", reference="24-1182")
        check_headers(response, waiting)
        assert "Evil" not in response.headers


def test_no_route_takes_or_gives_back_a_file(
    app: Flask, home: PageHome, visitors: dict[str, Visitor]
) -> None:
    page = b"GIF89a<html><script>alert('kith-was-here')</script></html>"
    kinds = (("a.html", "text/html"), ("a.svg", "image/svg+xml"), ("a.xml", "application/xml"))
    for place, route in enumerate(pages(app)):
        if "POST" not in route.methods or route.rule.endpoint == "signin.sign_out":
            continue
        visitor = as_holder(route, app, visitors)
        token = token_of(visitor)
        for name, kind in kinds[place % 3 :: 3]:
            fields = ("file", "words", "address", "title", "password", "code")
            files = {field: (BytesIO(page), name, kind) for field in fields}
            response = visitor.client.post(
                route.path(),
                data={"csrf_token": token, **files},
                content_type="multipart/form-data",
            )
            check_headers(response, str(route.rule))
            assert response.status_code < 500, route.rule
            assert "kith-was-here" not in response.text, route.rule
    kept = [path for path in home.folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"kith-was-here" in path.read_bytes()]
