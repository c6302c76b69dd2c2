"""How long a steward waits: for the first question after loading, and between questions.

    .venv/bin/python -m bench.first_question [--data NAME ...] [--answers 200] [--dedupe]

Invariant: what is timed is what a steward sees, in a home that was loaded and never resolved: of
`kith label` from the command to the question on a terminal, and from a key to the next question;
of `/label` from the request to the whole page. dedupe's time is that of its `prepare_training` and
its first uncertain pair; its imports and reading the data are left out, which favours it.
"""

from __future__ import annotations

import argparse
import fcntl
import http.cookiejar
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.data import NAMES, prepare
from bench.kith_pipeline import PURPOSE, KithHome, home

_KITH = Path(sys.executable).parent / "kith"
_ASKED = b"z undo"  # stands under every question
_COLOURS = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_QUESTION = re.compile(r'name="question"[^>]*value="([^"]+)"')
_PATIENCE = 90.0
_MOMENT = 0.1
_PORT = 8137
_PAGES = 50  # a steward in a browser may not go faster than this for long


class StoppedError(RuntimeError):
    """The terminal fell silent, or the command ended, before what was waited for."""


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._seen = b""
        self.begun = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execve(command[0], command, {**os.environ, **environment, "TERM": "xterm"})
        size = struct.pack("HHHH", 50, 160, 0, 0)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, size)

    def until_asked(self) -> float:
        """Wait for a question; when it stood there."""
        while _ASKED not in _COLOURS.sub(b"", self._seen):
            if not select.select([self._fd], [], [], _PATIENCE)[0]:
                raise StoppedError("nothing came for too long")
            try:
                self._seen += os.read(self._fd, 65536)
            except OSError as error:
                raise StoppedError(self._seen[-400:].decode(errors="replace")) from error
        self._seen = b""
        return time.perf_counter()

    def press(self, key: str) -> float:
        """Press a key a moment later (what is typed before the terminal listens is lost); when."""
        time.sleep(_MOMENT)
        pressed = time.perf_counter()
        os.write(self._fd, key.encode())
        return pressed

    def close(self) -> float:
        """End the command; the CPU seconds that it took."""
        os.kill(self._pid, signal.SIGTERM)
        _, _, usage = os.wait4(self._pid, 0)
        os.close(self._fd)
        return usage.ru_utime + usage.ru_stime


class Browser:
    """Pages of a server, one visitor."""

    def __init__(self, address: str) -> None:
        self._address = address
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str) -> str:
        return self._read(path, None)

    def send(self, path: str, page: str, **fields: str) -> str:
        """Post a form of a page; the page that follows."""
        token = _TOKEN.search(page)
        if token is None:
            raise StoppedError(f"{path}: the page has no form")
        given = urllib.parse.urlencode({**fields, "csrf_token": token[1]})
        return self._read(path, given.encode())

    def _read(self, path: str, data: bytes | None) -> str:
        headers = {"Referer": f"{self._address}{path}"}
        request = urllib.request.Request(f"{self._address}{path}", data, headers)
        with self._opener.open(request, timeout=_PATIENCE) as answer:
            return str(answer.read().decode())


def at_terminal(mine: KithHome, answers: int) -> dict[str, Any]:
    """Open `kith label` as a steward does and answer, the keys in turn."""
    mine.sign_in("steward")
    screen = Terminal([str(_KITH), "label", *PURPOSE], mine.environment)
    try:
        first = screen.until_asked() - screen.begun
        waits = []
        for number in range(answers):
            pressed = screen.press("sdd"[number % 3])
            waits.append(screen.until_asked() - pressed)
    finally:
        cpu = screen.close()
    mine.sign_in("manager")
    return {"first_seconds": round(first, 2), "cpu_seconds": round(cpu, 2), **_waits(waits)}


def in_browser(mine: KithHome, answers: int) -> dict[str, Any]:
    """Sign in to a server that was just started, open `/label` and answer."""
    command = [str(_KITH), "serve", "--port", str(_PORT)]
    with subprocess.Popen(
        command, env={**os.environ, **mine.environment}, stderr=subprocess.DEVNULL
    ) as server:
        try:
            browser = Browser(f"http://127.0.0.1:{_PORT}")
            page = _started(browser)
            account = {"username": "steward", "password": mine.passwords["steward"]}
            browser.send("/sign-in", page, **account)
            why = {"purpose": PURPOSE[1], "reference": PURPOSE[3]}
            browser.send("/purpose", browser.get("/purpose"), **why)
            begun = time.perf_counter()
            page = browser.get("/label")
            first = time.perf_counter() - begun
            waits = []
            for number in range(answers):
                begun = time.perf_counter()
                page = _decided(browser, page, "same" if number % 3 == 0 else "different")
                waits.append(time.perf_counter() - begun)
        finally:
            server.terminate()
    return {"first_seconds": round(first, 2), **_waits(waits)}


def dedupe_first(name: str, cache: Path) -> float:
    """Seconds of dedupe's own until its first uncertain pair."""
    from bench.dedupe_pipeline import Pipeline
    from bench.frames import frame

    people = frame(prepare(name, cache))
    pipeline = Pipeline(name, people, cache / "dedupe-first.json", seed=1)
    begun = time.perf_counter()
    pipeline.deduper.prepare_training(pipeline.data)
    pipeline.deduper.uncertain_pairs()
    return round(time.perf_counter() - begun, 2)


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description="How long a steward waits for questions.")
    parser.add_argument("--data", action="append", choices=NAMES, help="again for more; vip")
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--dedupe", action="store_true", help="dedupe on the same data too")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "kith-bench")
    given = parser.parse_args()
    found: dict[str, Any] = {}
    for name in given.data or ["vip"]:
        with home(prepare(name, given.cache)) as mine:
            mine.init()
            found[name] = {"load": mine.load()}
            asked_once = mine.folder.with_name("asked")
            shutil.copytree(mine.folder, asked_once)
            found[name]["terminal"] = at_terminal(mine, given.answers)
            shutil.rmtree(mine.folder)
            asked_once.rename(mine.folder)
            found[name]["browser"] = in_browser(mine, min(given.answers, _PAGES))
        if given.dedupe:
            seconds = dedupe_first(name, given.cache)
            ratio = found[name]["terminal"]["first_seconds"] / seconds
            found[name]["dedupe"] = {"first_seconds": seconds, "kith_ratio": round(ratio, 3)}
    print(json.dumps(found, indent=1))


def _started(browser: Browser) -> str:
    """The page to sign in at, once the server answers."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            return browser.get("/sign-in")
        except urllib.error.URLError:
            time.sleep(0.2)
    raise StoppedError("the server does not answer")


def _decided(browser: Browser, page: str, verdict: str) -> str:
    asked = _QUESTION.search(page)
    if asked is None:
        raise StoppedError("no question on the page")
    return browser.send("/label", page, question=asked[1], verdict=verdict)


def _waits(waits: Sequence[float]) -> dict[str, Any]:
    p50, p95, longest = np.quantile(waits, [0.5, 0.95, 1.0]) * 1000 if waits else (0, 0, 0)
    return {
        "answers": len(waits),
        "wait_p50_ms": round(float(p50), 1),
        "wait_p95_ms": round(float(p95), 1),
        "wait_longest_ms": round(float(longest), 1),
    }


if __name__ == "__main__":
    main()
