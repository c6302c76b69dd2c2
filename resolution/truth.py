"""Files that know the truth, read with all their faults named at once.

Invariant: a message names columns and lines, never a value.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from resolution.errors import TruthError


def read_truth(
    path: Path, columns: Sequence[str], *, filled: Sequence[str], key: Sequence[str] = ()
) -> pd.DataFrame:
    """Read a truth file of some columns.

    Args:
        filled: columns that must hold a value in every line.
        key: columns that must differ from line to line; none: lines may be alike.

    Raises:
        TruthError: naming every fault: columns that are missing, lines that lack a value, lines
            that are there twice. Values are never repeated in the message.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise TruthError(f"{path.name} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{path.name} cannot be read: it is no CSV file in UTF-8") from error
    faults = _shape_faults(rows, columns)
    if not faults:
        faults = _blank_faults(rows, filled) + (_twice_faults(rows, key) if key else [])
    if faults:
        raise TruthError(f"{path.name} cannot be used as truth: " + "; ".join(faults))
    return pd.DataFrame(rows, dtype=object)


def _shape_faults(rows: list[dict[str, str]], columns: Sequence[str]) -> list[str]:
    if not rows:
        return ["it has no rows"]
    faults = [f"it has no column '{name}'" for name in columns if name not in rows[0]]
    # csv puts what is over a row's columns under None, and None for what is missing.
    ragged = [line for line, row in enumerate(rows, 2) if None in row or None in row.values()]
    if ragged:
        faults.append(f"the number of columns is wrong in {_lines(ragged)}")
    return faults


def _blank_faults(rows: list[dict[str, str]], filled: Sequence[str]) -> list[str]:
    blank = [line for line, row in enumerate(rows, 2) if not all(row[name] for name in filled)]
    return [f"values are missing in {_lines(blank)}"] if blank else []


def _twice_faults(rows: list[dict[str, str]], key: Sequence[str]) -> list[str]:
    seen: set[tuple[str, ...]] = set()
    twice = []
    for line, row in enumerate(rows, 2):
        values = tuple(row[name] for name in key)
        if values in seen:
            twice.append(line)
        seen.add(values)
    return [f"a record is there twice in {_lines(twice)}"] if twice else []


def _lines(lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:5])
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"
