"""A day's difference: the person files again, with one row in a hundred changed.

Invariant: the same rows with the same keys; in each changed row the surname (or whole name) loses
a letter, as a slip in the source would have it, and nothing else differs.
"""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

from bench.data import Source
from loaders import read_mappings
from loaders.mapping import Mapping

EVERY = 100


def changed(sources: tuple[Source, ...], folder: Path) -> tuple[list[Source], int]:
    """Write the changed files into a folder; those files, and how many rows differ."""
    found, count = [], 0
    for source in sources:
        column = _name_column(read_mappings([source.mapping])[0])
        if source.file.suffix != ".csv" or column is None:
            continue
        copy = folder / source.file.name
        rows = _copy(source.file, copy, column)
        if rows:
            found.append(dataclasses.replace(source, file=copy))
            count += rows
    return found, count


def _name_column(mapping: Mapping) -> str | None:
    rules = [rule for emit in mapping.emits if emit.table == "record" for rule in emit.rules]
    for wanted in ("family_name", "full_name"):
        for rule in rules:
            if rule.name == wanted and rule.columns:
                return rule.columns[0]
    return None


def _copy(file: Path, copy: Path, column: str) -> int:
    content = file.read_bytes()
    encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252")
    header = text.splitlines()[0]
    delimiter = max(",;|\t", key=header.count)
    rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    place = [name.strip() for name in rows[0]].index(column)
    count = 0
    for row in rows[EVERY // 2 :: EVERY]:
        name = row[place]
        if len(name) > 3:
            row[place] = name[:2] + name[3:]
            count += 1
    with copy.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(rows)
    return count
