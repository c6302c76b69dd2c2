"""The graph engine and the learners share a process, whichever is loaded first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOAD = """
import sys
from kith import native
native.make_room()
assert sys.argv[1:] == ["an argument"]
import {0}
print("loaded")
"""


@pytest.mark.parametrize(
    ("order", "tunables"),
    [
        ("kglite, lightgbm, sklearn", None),
        ("lightgbm, sklearn, kglite", None),
        ("sklearn, kglite, lightgbm", "glibc.malloc.check=0"),
    ],
)
def test_all_can_be_loaded_in_any_order(order: str, tunables: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    if tunables:
        environment["GLIBC_TUNABLES"] = tunables
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(order), "an argument"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("loaded\n", "")
