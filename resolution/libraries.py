"""The libraries that learning needs, which take most of a second to import.

Invariant: one thread alone imports them, once in a process; who needs them waits for it.
"""

from __future__ import annotations

import importlib
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from types import ModuleType
from typing import Any


def bring() -> None:
    """Have them imported beside what is done next."""
    _coming()


def lightgbm() -> Any:
    """The module `lightgbm`; as `Any`, for it is not typed throughout."""
    return _coming().result()[0]


def linear_model() -> Any:
    """The module `sklearn.linear_model`."""
    return _coming().result()[1]


@cache
def _coming() -> Future[tuple[ModuleType, ...]]:
    one = ThreadPoolExecutor(1, thread_name_prefix="kith-import")
    found = one.submit(_import)
    one.shutdown(wait=False)
    return found


def _import() -> tuple[ModuleType, ...]:
    return tuple(importlib.import_module(name) for name in ("lightgbm", "sklearn.linear_model"))
