"""The Cypher statements, by name.

Invariant: a statement is the text of one file of cypher/, never put together from values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_PARAMETER = re.compile(r"\$(\w+)")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement with what its header says; `name` is its path without `.cypher`."""

    name: str
    purpose: str
    params: frozenset[str]
    returns: tuple[str, ...]
    text: str


@cache
def load(name: str) -> Statement:
    """The statement of cypher/`name`.cypher. Raises FileNotFoundError if there is none."""
    return parse(name, _root().joinpath(*f"{name}.cypher".split("/")).read_text(encoding="utf-8"))


def text(name: str) -> str:
    """What an engine runs of a statement: its lines without the header."""
    return load(name).text


@cache
def names(folder: str = "") -> tuple[str, ...]:
    """The statements of one folder of cypher/, in order of name."""
    found = [entry.name for entry in _folder(folder).iterdir() if entry.name.endswith(".cypher")]
    prefix = f"{folder}/" if folder else ""
    return tuple(sorted(f"{prefix}{entry.removesuffix('.cypher')}" for entry in found))


def parse(name: str, content: str) -> Statement:
    """Take a file apart: comment lines `purpose`, `params:` and `returns:`, then the statement.

    Raises:
        ValueError: if the header lacks one of the three.
    """
    lines = content.splitlines()
    header = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
    body = "\n".join(line for line in lines if not line.startswith("//")).strip()
    params = [line for line in header if line.startswith("params:")]
    returns = [line for line in header if line.startswith("returns:")]
    purpose = [line for line in header if line not in (*params, *returns)]
    if not purpose or len(params) != 1 or len(returns) != 1:
        raise ValueError(f"{name}: the header needs a purpose, params and returns")
    told = returns[0].removeprefix("returns:").strip()
    return Statement(
        name=name,
        purpose=" ".join(purpose),
        params=frozenset(_PARAMETER.findall(params[0])),
        returns=() if told == "nothing" else tuple(told.split(", ")),
        text=body,
    )


def _folder(folder: str) -> Traversable:
    return _root() if not folder else _root().joinpath(folder)


def _root() -> Traversable:
    return resources.files("cypher")
