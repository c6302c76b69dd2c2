"""Walks over every route of the application, those included that nobody has thought of yet.

Invariant: a route is visited by somebody who may open it, so that what refuses it is the defence
that is tested and not the role.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from governance.permissions import CASES, PERMISSIONS, Permission, Role
from governance.tables import Base
from tests.webapp.client import Visitor
from tests.webapp.rooms import PASSWORD, USERS, PageHome
from webapp.access import Access, access_of

ROOT = Path(__file__).parents[2]
PRODUCT = ("records", "governance", "loaders", "resolution", "graph", "areas", "kith", "webapp")
MADE_UP = "x_aaaaaaaaaaaaaaaa"
"""An id in the form of ours that is nobody's."""
_TOKEN = re.compile('name="csrf_token" type="hidden" value="([^"]+)"')
HOSTILE = {
    "sql": "' OR 1=1; DROP TABLE user_account; --",
    "cypher": "'}) DETACH DELETE n //",
    "cypher call": 'x"}) CALL dbms.procedures() YIELD name RETURN name //',
    "markup": "\"><script>alert('kith-was-here')</script><svg onload=alert(1)>",
    "template": "{{ 'kith' ~ 'ssti' }}{% include '/etc/passwd' %}${7*7}#{7*7}",
    "path": "../../../../etc/passwd",
    "url": "https://evil.example/?x=1",
    "lines": "x\r\nEvil-Header: 1\r\n\r\n<html>",
    "terminal": "\x1b[2J\x1b]0;evil\x07\x9b31m",
    "nul": "x\x00y",
    "form": "%s%n{0.__class__.__mro__}{self.__init__.__globals__}",
    "unseen": "\U0001f600\u202e\ufeff\u2028",
    "long": "9" * 5_000,
}
"""What a tester types first."""


@dataclass(frozen=True)
class Route:
    """One rule of the application, and what its view declares."""

    rule: Rule
    access: Access

    def path(self, value: str = MADE_UP, **named: str) -> str:
        """The path with values (already quoted) for its arguments."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: named.get(found[1], value), self.rule.rule)

    @property
    def methods(self) -> frozenset[str]:
        return frozenset(self.rule.methods or ()) - {"HEAD", "OPTIONS"}

    def holder(self) -> str | None:
        """A user who may open it; None if nobody has to be signed in."""
        if not self.access.signed_in:
            return None
        wanted = self.access.permission
        may = (n for n, (_, role) in USERS.items() if wanted is None or _holds(role, wanted))
        return next(may)


def routes(app: Flask) -> list[Route]:
    """Every route, the files of the product included."""
    found = []
    for rule in app.url_map.iter_rules():
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None, rule.endpoint
        found.append(Route(rule, access))
    return found


def everybody(app: Flask) -> dict[str, Visitor]:
    visitors = {}
    for name, (_, role) in USERS.items():
        visitors[name] = visitor = Visitor(app)
        fields = {"username": name, "password": PASSWORD, "csrf_token": token_of(visitor)}
        visitor.client.post("/sign-in", data=fields)
        if any(_holds(role, permission) for permission in CASES):
            fields = {"purpose": "visit", "reference": "24-1", "csrf_token": token_of(visitor)}
            visitor.client.post("/purpose", data=fields)
    return visitors


def as_holder(route: Route, app: Flask, visitors: dict[str, Visitor]) -> Visitor:
    """Somebody who may open a route."""
    name = route.holder()
    return visitors[name] if name else Visitor(app)


def token_of(visitor: Visitor) -> str:
    """A form token of the visitor's own session: it is good for every form."""
    page = visitor.raw("/sign-in/set-up" if "_user_id" in _held(visitor) else "/sign-in")
    found = _TOKEN.search(page.text)
    assert found, "no form with a token on the page"
    return found[1]


def _held(visitor: Visitor) -> Mapping[str, object]:
    with visitor.client.session_transaction() as held:
        return dict(held)


def everything_stored(home: PageHome) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the register, and how many the audit has."""
    with home.register.session() as session:
        rows: dict[str, list[tuple[object, ...]]] = {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }
    rows["audit"] = [(home.audit.count(),)]
    return rows


@cache
def field_names() -> frozenset[str]:
    """Every name that a form or a view reads from a request, found in the source."""
    names: set[str] = set()
    for tree in trees("webapp"):
        for node in ast.walk(tree):
            names |= _read_from_request(node)
            if isinstance(node, ast.ClassDef) and node.name.endswith("Form"):
                names |= {
                    target.id
                    for entry in node.body
                    if isinstance(entry, ast.Assign) and isinstance(entry.value, ast.Call)
                    for target in entry.targets
                    if isinstance(target, ast.Name)
                }
    assert {"username", "address", "words", "about", "title"} <= names
    return frozenset(names)


def trees(*rooms: str) -> Iterator[ast.Module]:
    """The parsed source of rooms of the product."""
    for _, tree in sources(*rooms):
        yield tree


def sources(*rooms: str) -> list[tuple[str, ast.Module]]:
    """(path, parsed source) of every module of rooms of the product."""
    return [found for room in rooms for found in _room(room)]


@cache
def _room(room: str) -> list[tuple[str, ast.Module]]:
    return [
        (file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8")))
        for file in sorted((ROOT / room).rglob("*.py"))
    ]


def _read_from_request(node: ast.AST) -> set[str]:
    """`x` of `request.form.get("x")` and the like."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return set()
    source, first = ast.unparse(node.func.value), node.args[0]
    if source not in {"request.form", "request.args"} or not isinstance(first, ast.Constant):
        return set()
    return {str(first.value)}


def _holds(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS[Role(role)]
