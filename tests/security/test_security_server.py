"""The server itself, spoken to by hand: where a request ends, and whose word is taken."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import waitress
from flask import Flask, request

from kith.cli.serving import _proxy
from kith.settings import Settings


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server as `kith serve` starts one, with pages that say what reached them."""
    app = Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST"])
    def told(path: str) -> str:
        return f"[{path} {request.get_data(as_text=True)} {request.remote_addr} {request.scheme}]"

    server = waitress.create_server(
        app, host="127.0.0.1", port=0, threads=2, ident="", **_proxy(Settings())
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(timeout=5)


def answers(port: int, *sent: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"\r\n".join(sent))
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while block := connection.recv(65536):
            parts.append(block)
    return b"".join(parts).decode("latin-1")


INSIDE = b"GET /inside HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Length: 0", b"Content-Length: 52"),
        (b"Content-Length: 4, 52",),
        (b"Content-Length: +4",),
        (b"Content-Length: 0x34",),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: xchunked", b"Content-Length: 4"),
        (b"Transfer-Encoding : chunked", b"Content-Length: 4"),
        (b"Content-Length : 4",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        (b"X: y\nTransfer-Encoding: chunked",),
    ],
)
def test_the_end_of_a_request_is_where_it_says(port: int, headers: tuple[bytes, ...]) -> None:
    """Smuggling: what is told in two ways is refused, and nothing behind it is answered."""
    told = answers(port, b"POST /outside HTTP/1.1", b"Host: x", *headers, b"", INSIDE)
    assert "[inside" not in told
    assert told.split(" ")[1] in {"400", "501"}, told[:80]


def test_of_length_and_chunks_the_chunks_count(port: int) -> None:
    both = (b"Content-Length: 3", b"Transfer-Encoding: chunked", b"Connection: close")
    told = answers(
        port, b"POST /outside HTTP/1.1", b"Host: x", *both, b"", b"2", b"ab", b"0", b"", b""
    )
    assert "[outside ab " in told or told.startswith("HTTP/1.1 400")


def test_nobody_says_by_a_header_who_they_are(port: int) -> None:
    """Without a trusted proxy its headers are nobody's."""
    lies = (b"X-Forwarded-For: 10.9.8.7", b"X-Forwarded-Proto: https", b"Forwarded: for=10.9.8.7")
    told = answers(port, b"GET /who HTTP/1.1", b"Host: x", *lies, b"Connection: close", b"", b"")
    assert "[who  127.0.0.1 http]" in told
    assert "Server:" not in told


def test_the_server_s_own_refusals_tell_nothing(port: int) -> None:
    for sent in (b"NONSENSE", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n"):
        told = answers(port, sent, b"", b"")
        assert "Traceback" not in told
        assert "waitress" not in told.lower(), told
