"""A visitor: the Flask client, which checks every page that it is given.

Invariant: a page read here is valid HTML, its title is its h1, its ids are unique, its forms lead
to pages that exist and carry the token, and it has the security headers.
"""

from __future__ import annotations

import re
from typing import Any

import html5lib
from flask import Flask
from lxml import etree
from werkzeug.test import TestResponse

from tests.webapp.rooms import PASSWORD
from webapp.security import HEADERS

_X = "{http://www.w3.org/1999/xhtml}"


class Page:
    """A page that was checked."""

    def __init__(self, response: TestResponse, app: Flask) -> None:
        self.response = response
        self.status = response.status_code
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), strict=False)
        self.tree = parser.parse(response.get_data(), likely_encoding="utf-8")
        assert [fault[1] for fault in parser.errors] == []
        self._check(app)

    @property
    def h1(self) -> str:
        return self.text_of("h1")

    @property
    def text(self) -> str:
        """What is read on the page, spaces folded; scripts left out."""
        body = self.tree.getroot().find(f"{_X}body")
        for script in list(body.iter(f"{_X}script")):
            script.text = ""
        return _text(body)

    def text_of(self, tag: str) -> str:
        found = list(self.tree.getroot().iter(f"{_X}{tag}"))
        assert len(found) == 1, f"{len(found)} of {tag}"
        return _text(found[0])

    def all(self, tag: str) -> list[etree._Element]:
        return list(self.tree.getroot().iter(f"{_X}{tag}"))

    def links(self) -> dict[str, str]:
        """Words -> href."""
        return {_text(link): link.get("href", "") for link in self.all("a")}

    def token(self) -> str:
        for field in self.all("input"):
            if field.get("name") == "csrf_token":
                return str(field.get("value"))
        raise AssertionError("no form with a token on the page")

    def _check(self, app: Flask) -> None:
        for header, value in HEADERS.items():
            assert self.response.headers[header] == value
        assert self.response.headers["Cache-Control"] == "no-store"
        title = self.text_of("title")
        assert title in {f"{self.h1} – Kith", f"Error: {self.h1} – Kith"}
        ids = [node.get("id") for node in self.tree.getroot().iter() if node.get("id")]
        assert len(ids) == len(set(ids)), sorted(key for key in ids if ids.count(key) > 1)
        rules = app.url_map.bind("localhost")
        for form in self.all("form"):
            method = form.get("method", "get").upper()
            rules.match(form.get("action", "").split("?")[0], method=method)
            if method == "POST":
                assert any(f.get("name") == "csrf_token" for f in form.iter(f"{_X}input"))
        for node in self.tree.getroot().iter():
            assert node.get("style") is None, "the policy allows no style attribute"
            assert not any(str(name).startswith("on") for name in node.attrib)
        for link in self.all("a"):
            target = link.get("href", "")
            assert target.startswith(("/", "#", "tel:")), target
            if target.startswith("#"):
                assert target[1:] in ids


class Visitor:
    """One browser."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, path: str) -> Page:
        return Page(self.client.get(path, follow_redirects=True), self.app)

    def raw(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def send(self, path: str, *, follow: bool = True, **fields: str) -> Page:
        """Post a form of the page at `path`, with its token."""
        response = self.post(path, follow=follow, **fields)
        return Page(response, self.app)

    def post(self, path: str, *, follow: bool = False, **fields: str) -> TestResponse:
        token = Page(self.client.get(path, follow_redirects=True), self.app).token()
        return self.client.post(path, data={**fields, "csrf_token": token}, follow_redirects=follow)

    def sign_in(self, username: str, password: str = PASSWORD) -> Page:
        return self.send("/sign-in", username=username, password=password)

    def sign_out(self) -> Page:
        token = self.get("/").token()
        response = self.client.post("/sign-out", data={"csrf_token": token}, follow_redirects=True)
        return Page(response, self.app)

    def state_purpose(self, purpose: str = "visit", reference: str = "24-1182") -> Page:
        return self.send("/purpose", purpose=purpose, reference=reference)

    def ask(self, address: str) -> Page:
        return self.send("/check", address=address)

    def cookie(self) -> str:
        found = self.client.get_cookie("kith")
        return found.value if found else ""


_INLINE = {"a", "strong", "span", "mark", "em", "b", "i", "code", "abbr"}


def _text(node: etree._Element) -> str:
    """What is read, with a space between blocks."""
    parts: list[str] = []

    def read(element: etree._Element) -> None:
        block = str(element.tag).removeprefix(_X) not in _INLINE
        parts.append(" " * block + (element.text or ""))
        for child in element:
            read(child)
            parts.append(child.tail or "")
        parts.append(" " * block)

    read(node)
    return " ".join("".join(parts).split())


def words(page: Page) -> str:
    """The page's text in lower case."""
    return re.sub(r"\s+", " ", page.text).lower()
