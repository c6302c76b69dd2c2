"""The wheel alone, in an empty environment, answers at the door."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str, cwd: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.wheel
@pytest.mark.slow
def test_the_installed_wheel_makes_a_home_and_checks_an_address(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    for name in ("SSL_CERT_FILE", "PIP_CERT", "UV_CACHE_DIR", "PIP_CONFIG_FILE"):
        if name in os.environ:
            environment[name] = os.environ[name]
    uv = str(Path(sys.executable).parent / "uv")
    real = dict(os.environ)
    _run(uv, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), cwd=ROOT, environment=real)
    (wheel,) = tmp_path.glob("kithgraph-*.whl")
    empty = tmp_path / "env"
    _run(
        uv,
        "venv",
        "--quiet",
        "--python",
        sys.executable,
        str(empty),
        cwd=tmp_path,
        environment=real,
    )
    python = str(empty / "bin" / "python")
    install = (uv, "pip", "install", "--quiet", "--python", python)
    locked = ("--require-hashes", "-r", str(ROOT / "requirements.lock"))
    _run(*install, *locked, cwd=tmp_path, environment=real)
    _run(*install, "--no-deps", str(wheel), cwd=tmp_path, environment=real)

    kith = str(empty / "bin" / "kith")
    home = tmp_path / "home"
    demo = (kith, "demo", "--home", str(home), "--people", "300", "--serve", "no")
    shown = _run(*demo, cwd=tmp_path, environment=environment)
    stories = json.loads((home / "extracts" / "stories.json").read_text(encoding="utf-8"))
    first = stories["stories"][0] if isinstance(stories, dict) else stories[0]
    assert first["address_line"].lower() in shown.lower()

    made = _run(
        kith, "init", "--area", "walsall", "--home", "own", cwd=tmp_path, environment=environment
    )
    assert {line.split()[0] for line in made.splitlines()} == {
        "admin",
        "manager",
        "officer",
    }
    load = (kith, "load", str(home / "extracts" / "lcs_people.csv"), "--dataset", "children/lcs")
    assert "accepted" in _run(*load, "--home", "own", cwd=tmp_path, environment=environment)

    check = (kith, "check", f"{first['address_line']} {first['postcode']}", "--home", str(home))
    reason = ("--purpose", "visit", "--reference", "V1", "--json")
    answer = json.loads(_run(*check, *reason, cwd=tmp_path, environment=environment))
    assert answer["check"]["address"]["postcode"] == first["postcode"]
