"""XLSX: one simple sheet, read with python-calamine.

Invariant: a cell becomes the text that a person would type: whole numbers without a point, dates
as YYYY-MM-DD, truth as true or false.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from loaders.errors import DriftError, ReadError
from loaders.mapping import Mapping, Source
from loaders.readers.columns import check_header, column_places, nearest_column
from loaders.readers.guard import check_workbook
from loaders.readers.rows import FileRows, Gathering, RowFault

_CHUNK = 20_000
_MIDNIGHT = dt.time(0)


def read_headings(path: Path, source: Source) -> list[str]:
    """The header row of the sheet."""
    return _header(path, source, _cells(path, source))


def read_rows(path: Path, mapping: Mapping) -> FileRows:
    """Every row below the header that has a cell filled in."""
    source = mapping.source
    cells = _cells(path, source)
    header = _header(path, source, cells)
    names = mapping.columns()
    places = column_places(path.name, header, names, names)
    gathering = Gathering(names)
    body = cells[source.header_row :]
    faults: list[RowFault] = []
    for start in range(0, len(body), _CHUNK):
        rows, lines = [], []
        for offset, row in enumerate(body[start : start + _CHUNK], start):
            if any(cell not in {"", None} for cell in row):
                rows.append([_text(row[place]) if place < len(row) else "" for place in places])
                lines.append(source.header_row + 1 + offset)
        gathering.add(rows, lines)
    return FileRows(rows=gathering.rows(), faults=faults)


def _header(path: Path, source: Source, cells: list[list[Any]]) -> list[str]:
    if len(cells) < source.header_row:
        raise ReadError(f"{path.name}: the sheet has no row {source.header_row} for its headers")
    header = [_text(cell).strip() for cell in cells[source.header_row - 1]]
    check_header(path.name, header)
    return header


def _cells(path: Path, source: Source) -> list[list[Any]]:
    check_workbook(path)
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            names = workbook.sheet_names
            wanted = source.sheet if source.sheet is not None else names[0]
            if wanted not in names:
                near = nearest_column(wanted, names)
                hint = f" (is it '{near}' now?)" if near else ""
                raise DriftError(f"{path.name}: there is no sheet '{wanted}'{hint}")
            return list(workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=False))
    except (CalamineError, IndexError) as error:
        kind = type(error).__name__
        raise ReadError(f"{path.name}: the spreadsheet cannot be read ({kind})") from None


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == _MIDNIGHT:
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
