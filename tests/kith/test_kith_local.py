"""The local socket: mutual proof of the home's key, one reply per request."""

from pathlib import Path

import pytest

from kith.local import LocalServer, LocalServerError, ask, socket_path

KEY = b"k" * 32


def test_a_request_gets_the_server_s_reply(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, KEY, lambda request: {"echo": request["word"]})
    try:
        assert ask(tmp_path, KEY, {"word": "Łódź"}) == {"echo": "Łódź"}
        assert socket_path(tmp_path).stat().st_mode & 0o077 == 0
    finally:
        server.close()


def test_without_a_server_there_is_no_reply(tmp_path: Path) -> None:
    assert ask(tmp_path, KEY, {"word": "x"}) is None


def test_another_key_is_refused_and_the_server_goes_on(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, KEY, lambda request: {"ok": True})
    try:
        with pytest.raises(LocalServerError):
            ask(tmp_path, b"z" * 32, {})
        assert ask(tmp_path, KEY, {}) == {"ok": True}
    finally:
        server.close()


def test_a_socket_left_by_a_killed_server_is_no_server(tmp_path: Path) -> None:
    server = LocalServer(tmp_path, KEY, lambda request: {})
    path = socket_path(tmp_path)
    server.close()
    path.touch()
    assert ask(tmp_path, KEY, {}) is None


def test_a_long_home_still_has_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / ("e" * 90)
    deep.mkdir(parents=True)
    server = LocalServer(deep, KEY, lambda request: {"ok": True})
    try:
        assert ask(deep, KEY, {}) == {"ok": True}
    finally:
        server.close()
