"""What is somebody else's: an id that exists is answered like one that does not."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from governance import accounts
from governance.permissions import Permission
from governance.tables import Base
from tests.security.walking import MADE_UP, everything_stored, routes, token_of
from tests.webapp.client import Visitor
from tests.webapp.requested import asked
from tests.webapp.rooms import NOW, PASSWORD, PageHome
from tests.webapp.test_webapp_loads import add

_THEIRS = ("tenant", "landlord")
_OF_THE_AREA = {Permission.VIEW_REGISTER}
"""What these show belongs to all agencies: who sends what, and what is agreed."""
_REFERENCE = re.compile(r"Reference: <strong>\d+ [0-9a-f]+|name=\"csrf_token\"[^>]*>|Kith [0-9:]+")


def real_ids(home: PageHome, app: Flask) -> dict[str, str]:
    """Argument -> an id of the police's or of their officer's own."""
    load_id = add(home, "police", "nominals.csv")
    request_id = asked(home)
    officer = Visitor(app)
    officer.sign_in("officer")
    officer.send("/emergency", words="A child on the roof of number 12", reference="24-1182")
    officer.state_purpose()
    searched = officer.post("/check", address="12 Alder Road").headers["Location"]
    ids = {"load_id": load_id, "request_id": request_id, "search": searched.rpartition("/")[2]}
    with home.register.session() as session:
        user = accounts.user_named(session, "officer")
        assert user is not None
        ids |= {"user_id": user.user_id, "role": "practitioner"}
        for table in Base.metadata.sorted_tables:
            for column in table.primary_key.columns:
                found = session.scalar(select(column))
                if isinstance(found, str):
                    ids.setdefault(column.name, found)
    return ids


def answered(visitor: Visitor, method: str, path: str, value: str) -> tuple[int, str]:
    """Status and words of an answer, the id itself and what is new in each answer left out."""
    data = {"csrf_token": token_of(visitor)} if method == "POST" else None
    response = visitor.client.open(path, method=method, data=data, buffered=True)
    words = response.headers.get("Location", "") + _REFERENCE.sub("", response.text)
    return response.status_code, words.replace(value, "ID")


def test_an_id_of_another_agency_is_answered_like_none(
    app: Flask, home: PageHome, graph: None
) -> None:
    """Every route with an id, as every user of another agency."""
    with home.register.session() as session:
        accounts.create_user(session, "tenant", PASSWORD, "adults", ["practitioner"], NOW)
        session.commit()
    ids = real_ids(home, app)
    assert {"load_id", "request_id", "search", "notice_id", "emergency_id"} <= set(ids)
    before = everything_stored(home)
    visited = 0
    for name in _THEIRS:
        visitor = Visitor(app)
        visitor.sign_in(name)
        if name == "tenant":
            visitor.state_purpose()
            before = everything_stored(home)
        for route in routes(app):
            arguments = sorted(route.rule.arguments & set(ids))
            if not arguments or route.access.permission in _OF_THE_AREA:
                continue
            for method in sorted(route.methods):
                real = {argument: ids[argument] for argument in arguments}
                theirs = answered(visitor, method, route.path(**real), real[arguments[0]])
                nobodys = answered(visitor, method, route.path(), MADE_UP)
                assert theirs == nobodys, f"{name}: {method} {route.rule}"
                visited += 1
    assert visited > 30
    after = everything_stored(home)
    changed = {name for name in after if after[name] != before[name]}
    signing_in = {"user_session", "trusted_device", "sign_in_day", "second_factor"}
    assert changed <= {"audit", *signing_in}


def test_what_one_typed_a_colleague_does_not_find(app: Flask, officer: Visitor) -> None:
    kept = officer.post("/check", address="12 Alder Road").headers["Location"]
    assert officer.get(kept).status == 200
    for name in ("analyst", "steward", "officer"):
        colleague = Visitor(app)
        colleague.sign_in(name)
        colleague.state_purpose()
        assert colleague.get(kept).status == 404, name
