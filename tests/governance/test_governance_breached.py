"""Passwords that were in a breach are refused; a list that is none is an error, never a yes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import PasswordRefused
from governance.breached import Breached, BreachedListError


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def listed(folder: Path, passwords: list[str], end: str = "\r\n") -> Breached:
    path = folder / "pwned.txt"
    lines = sorted(f"{digest(each)}:{len(each)}" for each in passwords)
    path.write_bytes(end.join([*lines, ""]).encode())
    return Breached(path=path)


def refuses(breached: Breached, password: str) -> bool:
    try:
        breached.check(password)
    except PasswordRefused:
        return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    on_it=st.sets(st.text(min_size=1, max_size=8), min_size=1, max_size=40),
    others=st.sets(st.text(min_size=1, max_size=8), max_size=20),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_on_the_list_is_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, on_it: set[str], others: set[str], end: str
) -> None:
    breached = listed(tmp_path_factory.mktemp("list"), sorted(on_it), end)
    assert all(refuses(breached, each) for each in on_it)
    assert not any(refuses(breached, each) for each in others - on_it)


def test_the_last_line_may_have_no_end(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text(f"{digest('a heron')}:1", encoding="ascii")
    assert refuses(Breached(path=path), "a heron")


@pytest.mark.parametrize(
    "text", ["", "no digest\n", "0" * 40 + "\n", "a" * 40 + ":1\n", "F" * 40 + ":1 x\n", "\n\n\n"]
)
def test_what_is_no_list_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pwned.txt"
    path.write_text(text, encoding="ascii")
    with pytest.raises(BreachedListError):
        Breached(path=path).check("a grey heron by the lock")
    with pytest.raises(BreachedListError):
        Breached(path=tmp_path / "none.txt").check("a grey heron by the lock")


def test_a_list_that_is_not_sorted_is_an_error_where_it_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "pwned.txt"
    lines = sorted((f"{digest(str(n))}:1" for n in range(99)), reverse=True)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    with pytest.raises(BreachedListError, match="sorted"):
        refuses(Breached(path=path), "a grey heron by the lock")
