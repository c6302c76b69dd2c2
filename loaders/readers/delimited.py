"""CSV: encodings, delimiters, quoting, and the line on which each row begins.

Invariant: a file is decoded without a single replaced character, or refused.

`auto` tries, in this order: a byte order mark, UTF-16 without one, UTF-8, cp1252. Statistical
guessing is left out on purpose: these four are what agencies' systems write, a text that is
valid UTF-8 is UTF-8, and the same bytes must never be read in two ways.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path

from loaders.errors import ReadError
from loaders.mapping import Mapping, Source
from loaders.readers.columns import check_header, column_places
from loaders.readers.guard import first_bytes
from loaders.readers.rows import FileRows, Gathering, RowFault

_BLOCK = 1 << 20
_CHUNK = 20_000
_DELIMITERS = ",;\t|"
_MAX_FAULTS = 100_000
_WIDE = {"utf-16", "utf-16-le", "utf-16-be"}


def read_headings(path: Path, source: Source) -> list[str]:
    """The header row, blanks around each name taken off."""
    with _Opened(path, source) as opened:
        return opened.header


def read_rows(path: Path, mapping: Mapping) -> FileRows:
    """Every row with as many cells as the header; the others are faults."""
    names = mapping.columns()
    with _Opened(path, mapping.source) as opened:
        places = column_places(path.name, opened.header, names, names)
        pick = itemgetter(*places) if len(places) > 1 else _only(places[0])
        gathering = Gathering(names)
        faults: list[RowFault] = []
        while chunk := list(islice(opened.rows(faults), _CHUNK)):
            gathering.add([pick(row) for _, row in chunk], [line for line, _ in chunk])
        return FileRows(rows=gathering.rows(), faults=faults)


def find_encoding(path: Path, wanted: str) -> str:
    """The codec of a file. Raises ReadError if the bytes do not fit the one wanted."""
    start = first_bytes(path, 4096)
    marked = _marked(start)
    if wanted == "auto":
        candidates = [marked] if marked else _guesses(start)
    elif wanted == "utf-8":
        candidates = ["utf-8-sig"]
    elif wanted == "utf-16":
        candidates = [marked if marked == "utf-16" else "utf-16-le"]
    else:
        candidates = [wanted]
    wrong = []
    for codec in candidates:
        fault = _decoding_fault(path, codec)
        if fault is None:
            return codec
        wrong.append(fault)
    raise ReadError(f"{path.name}: {'; '.join(wrong)}")


def _marked(start: bytes) -> str | None:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _guesses(start: bytes) -> list[str]:
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    evens, odds = start[::2].count(0), start[1::2].count(0)
    if max(evens, odds) * 4 > len(start) and min(evens, odds) * 20 < len(start):
        return ["utf-16-le" if odds > evens else "utf-16-be"]
    return ["utf-8", "cp1252"]


def _decoding_fault(path: Path, codec: str) -> str | None:
    """Why the file is not of a codec, or None. NUL characters are never text."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                place = block[: error.start].count(b"\n") if codec not in _WIDE else 0
                name = codec.removesuffix("-sig")
                return (
                    f"not {name}: a byte on or near line {line + place} is none of its characters"
                )
            if "\0" in text:
                place = line + text[: text.index("\0")].count("\n")
                return f"a NUL character on line {place}: this is no text file, or a damaged one"
            line += text.count("\n")
            if not block:
                return None


class _Opened:
    """An open CSV file, past its header."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path = path
        codec = find_encoding(path, source.encoding)
        self._file = path.open("r", encoding=codec, newline="")
        try:
            self._start(source)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_about: object) -> None:
        self._file.close()

    def _start(self, source: Source) -> None:
        for _ in range(source.header_row - 1):
            self._file.readline(_BLOCK)
        place = self._file.tell()
        delimiter = source.delimiter
        if delimiter == "auto":
            delimiter = self._delimiter(source)
            self._file.seek(place)
        self._skipped = source.header_row - 1
        self._reader = csv.reader(self._file, delimiter=delimiter, strict=True)
        self._next_line = 1 + self._skipped
        first = self._row()
        self.header = [name.strip() for name in first] if first else []
        while self.header and not self.header[-1]:
            self.header.pop()
        check_header(self.path.name, self.header)

    def _delimiter(self, source: Source) -> str:
        """The one under which the header has most of the columns that are looked for."""
        line = self._file.readline(_BLOCK)
        best, most = ",", (-1, -1)
        for delimiter in _DELIMITERS:
            try:
                names = [n.strip() for n in next(csv.reader([line], delimiter=delimiter), [])]
            except csv.Error:
                continue
            score = (len(set(source.match) & set(names)), len(names))
            if score > most:
                best, most = delimiter, score
        return best

    def _row(self) -> list[str] | None:
        """The next row; `line` is where it begins. None at the end."""
        self.line = self._next_line
        try:
            row = next(self._reader, None)
        except csv.Error as error:
            words = "a quote is not closed, or a field is longer than 131,072 characters"
            if "field larger" not in str(error) and "end of data" not in str(error):
                words = "quotes are not as in CSV"
            raise ReadError(f"{self.path.name}: line {self.line}: {words}") from None
        self._next_line = self._reader.line_num + 1 + self._skipped
        return row

    def rows(self, faults: list[RowFault]) -> Iterator[tuple[int, list[str]]]:
        """Rows as wide as the header, with their lines; others go to `faults`."""
        width = len(self.header)
        while (row := self._row()) is not None:
            if len(row) == width or (len(row) > width and not any(row[width:])):
                yield self.line, row
            elif any(cell.strip() for cell in row):
                if len(faults) >= _MAX_FAULTS:
                    raise ReadError(f"{self.path.name}: too many rows of another width")
                faults.append(
                    RowFault(
                        line=self.line,
                        field="",
                        value=f"{len(row)} cells",
                        reason=f"the row has not the {width} cells of the header",
                    )
                )


def _only(place: int) -> itemgetter[slice]:
    return itemgetter(slice(place, place + 1))
