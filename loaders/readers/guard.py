"""Before a file is read: is it a file at all, of a kind and size that can be what it says?

Invariant: nothing is unpacked here beyond a fixed amount, whatever the file claims.
"""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path

from loaders.errors import ReadError

_BLOCK = 1 << 20
MAX_BYTES = 2 << 30
MAX_TREE_BYTES = 256 << 20  # XML and JSON stand in memory as a whole
MAX_UNPACKED = 1 << 30
MAX_PARTS = 2_000
MAX_CELLS = 40_000_000
MAX_COLUMNS = 2_000

_MAGIC = {
    b"PK\x03\x04": "a zip archive or spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"age-encryption.org": "an encrypted file",
}
_REFERENCE = re.compile(rb'\sr="([A-Z]{0,3})([0-9]{1,7})"')


def check_file(path: Path) -> None:
    """Refuse what is missing, no regular file, empty or too large to be an extract."""
    try:
        about = path.stat()
    except FileNotFoundError:
        raise ReadError(f"{path.name}: there is no such file") from None
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be opened: {error.strerror}") from None
    if stat.S_ISDIR(about.st_mode):
        raise ReadError(f"{path.name}: this is a folder, not a file")
    if not stat.S_ISREG(about.st_mode):
        raise ReadError(f"{path.name}: this is a device or a pipe, not a file")
    if about.st_size == 0:
        raise ReadError(f"{path.name}: the file is empty")
    if about.st_size > MAX_BYTES:
        raise ReadError(f"{path.name}: larger than {MAX_BYTES >> 30} GB; send it in parts")


def check_text(path: Path, kind: str) -> None:
    """Refuse a file that is plainly something else than text."""
    start = first_bytes(path, 32)
    for magic, words in _MAGIC.items():
        if start.startswith(magic):
            raise ReadError(f"{path.name}: this is {words}, not {kind.upper()}")


def first_bytes(path: Path, count: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be opened: {error.strerror}") from None


def check_workbook(path: Path) -> None:
    """Refuse zip bombs, and sheets whose cells would not fit in memory, before opening one.

    Each part is unpacked to nowhere, at most to the size it claims (a false claim shows in its
    checksum), and the far corner of each sheet is looked up.
    """
    if first_bytes(path, 4) != b"PK\x03\x04":
        raise ReadError(f"{path.name}: not an xlsx spreadsheet")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise ReadError(f"{path.name}: the spreadsheet has more than {MAX_PARTS} parts")
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise ReadError(f"{path.name}: unpacks to more than {MAX_UNPACKED >> 30} GB")
            if any(part.flag_bits & 1 for part in parts):
                raise ReadError(f"{path.name}: the spreadsheet is locked with a password")
            for part in parts:
                _check_part(archive, part, path)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise ReadError(
            f"{path.name}: the spreadsheet is damaged ({type(error).__name__})"
        ) from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> None:
    is_sheet = part.filename.startswith("xl/worksheets/")
    columns = {0}
    rows = {0}
    with archive.open(part) as stream:
        rest = b""
        while block := stream.read(_BLOCK):
            if not is_sheet:
                continue
            found = _REFERENCE.findall(rest + block)
            rest = block[-32:]
            if found:
                columns.update(_column_number(letters) for letters in {f[0] for f in found})
                rows.update(int(digits) for digits in {f[1] for f in found})
    if max(columns) > MAX_COLUMNS:
        raise ReadError(f"{path.name}: a sheet has more than {MAX_COLUMNS:,} columns")
    if max(columns) * max(rows) > MAX_CELLS:
        raise ReadError(f"{path.name}: a sheet has more than {MAX_CELLS:,} cells")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
