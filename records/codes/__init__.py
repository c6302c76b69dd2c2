"""Closed code lists, shipped as CSV files beside this module.

Invariant: a canonical column with a code list holds one of its codes or null, nothing else.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """A closed list: `labels` maps each code to the words a worker reads, in list order."""

    list_name: str
    labels: dict[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def label(self, code: str) -> str:
        """The words for a code. Raises KeyError for a code that is not on the list."""
        return self.labels[code]


@cache
def code_list(list_name: str) -> CodeList:
    """One list by its file's name without `.csv`. Raises KeyError if there is none."""
    return code_lists()[list_name]


@cache
def code_lists() -> dict[str, CodeList]:
    """Every list that ships."""
    found = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".csv"):
            list_name = file.name.removesuffix(".csv")
            rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
            labels = {row["code"]: row["label"] for row in rows}
            found[list_name] = CodeList(list_name=list_name, labels=labels)
    return found
