"""What the product's source does not do: run text as code, speak to strangers, build queries."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from kith.cli import console
from kith.logs import start_logging
from kith.visible import visible, visible_json
from tests.security.walking import HOSTILE, PRODUCT, ROOT, sources

_STRANGERS = {
    "aiohttp", "ftplib", "http.client", "httpx", "imaplib", "marshal", "pickle", "poplib",
    "requests", "shelve", "smtplib", "socketserver", "subprocess", "telnetlib", "urllib.request",
    "urllib3", "xml", "xmlrpc",
}  # fmt: skip
_DANGEROUS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "render_template_string",
    "send_file", "send_from_directory", "literal_eval", "request.files", "populate_obj",
}  # fmt: skip
_MAINTAINERS = {"webapp/vendor.py"}
"""Run by hand, with a fixed list, when the vendored files are made anew."""
_BUILT = {
    "governance/retention_due.py": "names of its own columns",
    "graph/projection_tables.py": "names of its own tables and files",
    "graph/projection_changes.py": "names of its own tables",
}
"""Where a statement is put together from the program's own names, and was looked at."""


def test_nothing_in_the_product_speaks_to_strangers_or_starts_programs() -> None:
    for path, tree in sources(*PRODUCT):
        if path in _MAINTAINERS:
            continue
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module), *(f"{node.module}.{a.name}" for a in node.names)]
            assert not _STRANGERS & set(names), f"{path}:{getattr(node, 'lineno', 0)}"


def test_nothing_in_the_product_runs_text_or_hands_out_files() -> None:
    last = {name.rpartition(".")[2] for name in _DANGEROUS}
    for path, tree in sources(*PRODUCT):
        for node in ast.walk(tree):
            used: ast.expr | None = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                used = node.func if node.func.id in last else None
            elif isinstance(node, ast.Attribute) and node.attr in last:
                used = node
            if used is not None:
                assert ast.unparse(used) not in _DANGEROUS, f"{path}:{used.lineno}"


def test_templates_escape_everything() -> None:
    for template in (ROOT / "webapp" / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for way in ("|safe", "| safe", "autoescape false", "Markup("):
            assert way not in text, template.name


def test_no_statement_is_put_together_from_values() -> None:
    """SQL and Cypher: text that is put together stands where it was looked at, nowhere else."""
    built = set()
    for path, tree in sources("governance", "graph", "kith", "webapp", "records"):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            first = node.args[0]
            dynamic = isinstance(first, ast.JoinedStr | ast.BinOp) or (
                isinstance(first, ast.Call)
                and isinstance(first.func, ast.Attribute)
                and first.func.attr == "format"
            )
            if called in {"execute", "executemany", "text", "sql", "run"} and dynamic:
                reading = isinstance(node.func, ast.Attribute) and (
                    ast.unparse(node.func.value) == "statements"  # the name of a file in cypher/
                )
                if not reading:
                    built.add(path)
    assert built <= set(_BUILT), built - set(_BUILT)


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_no_value_steers_the_terminal(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed = HOSTILE[kind]
    steering = set("\x1b\x07\x9b\r\x00\u202e\u2028")
    shown = "".join(
        part.text for part in console.out.render(f"{visible(typed)}\n") if not part.control
    )
    assert not steering & set(shown)
    raw = [part.text for part in console.out.render(typed.replace("[", "\\["))]
    assert not steering & set("".join(raw))
    document = visible_json(json.dumps({"value": typed}, ensure_ascii=False))
    assert not steering & set(document)
    assert json.loads(document) == {"value": typed}


def test_a_file_name_does_not_steer_the_terminal(tmp_path: Path) -> None:
    name = "a\x1b[2J\x9b31m\x07.csv"
    ran = subprocess.run(
        [sys.executable, "-c", "from kith.cli import main; main()", "mapping", "check", name],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
    )
    assert ran.returncode != 0
    assert not set("\x1b\x07\x9b") & set(ran.stdout + ran.stderr)


def test_a_line_of_the_log_is_one_line(tmp_path: Path) -> None:
    """Log injection: line ends, escapes and marks of direction come out as JSON escapes."""
    start_logging(tmp_path)
    for typed in HOSTILE.values():
        structlog.get_logger("kith.test").info("seen", value=typed)
    lines = (tmp_path / "kith.log").read_bytes().splitlines()
    assert len(lines) == len(HOSTILE)
    for line, typed in zip(lines, HOSTILE.values(), strict=True):
        assert all(0x20 <= byte < 0x7F for byte in line)
        assert json.loads(line)["value"] == typed
