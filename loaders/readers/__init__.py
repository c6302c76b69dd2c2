"""Readers: a file's rows with their line numbers, as text, nothing interpreted.

Invariant: a reader changes no value; it only finds where each one stands. A file that is not what
it should be is refused with the reason, never half read.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from loaders.errors import ReadError
from loaders.mapping import Mapping, Source
from loaders.readers import delimited, fhir, sheet, tree
from loaders.readers.guard import MAX_TREE_BYTES, check_file, check_text
from loaders.readers.rows import FileRows, RowFault, Rows

__all__ = ["FileRows", "RowFault", "Rows", "read_headings", "read_rows"]

_READERS: dict[str, ModuleType] = {"csv": delimited, "xlsx": sheet, "xml": tree, "fhir": fhir}


def read_headings(path: Path, source: Source) -> list[str]:
    """The columns (or paths) that a file has, to recognise it by.

    Raises:
        ReadError: if it is not a file of the source's format.
    """
    _check(path, source)
    headings: list[str] = _READERS[source.format].read_headings(path, source)
    return headings


def read_rows(path: Path, mapping: Mapping) -> FileRows:
    """Every row of a file: the columns that the mapping reads.

    Raises:
        ReadError: if the file cannot be read.
        DriftError: if a column that the mapping reads is not there.
    """
    _check(path, mapping.source)
    rows: FileRows = _READERS[mapping.source.format].read_rows(path, mapping)
    return rows


def _check(path: Path, source: Source) -> None:
    check_file(path)
    if source.format != "xlsx":
        check_text(path, source.format)
    if source.format in {"xml", "fhir"} and path.stat().st_size > MAX_TREE_BYTES:
        raise ReadError(f"{path.name}: larger than {MAX_TREE_BYTES >> 20} MB; send it in parts")
