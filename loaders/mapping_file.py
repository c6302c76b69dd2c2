"""Reading mapping files: TOML in, sound mappings or every fault at once out.

Invariant: all faults of all files are told together, each with its file and place, in the words
of the manual; a file with a fault gives no mapping.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loaders.errors import MappingError
from loaders.mapping import ENCODINGS, FORMATS, Emit, Limits, Mapping, Source
from loaders.mapping_fields import FieldReader
from loaders.readers.fhir import COLUMNS as FHIR_COLUMNS
from loaders.readers.fhir import KINDS as FHIR_KINDS
from loaders.readers.fhir import PARTS as FHIR_PARTS
from records.schema import TABLES, source_fields

_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_WORD = r"[a-z][a-z0-9_]{0,39}"
_STEPS = r"(?:\.\./)*[A-Za-z_][\w.-]*(?:/[A-Za-z_][\w.-]*)*"
_XML_PATH = re.compile(rf"{_STEPS}(?:/@[A-Za-z_][\w.-]*)?|@[A-Za-z_][\w.-]*")
_DATASET = re.compile(rf"{_WORD}/{_WORD}")
_TOP = {"mapping", "version", "dataset", "layout", "extract", "description", "source"}
_OPTIONAL_TOP = {"limits", "emit"}
_SOURCE_KEYS = {
    "csv": {"encoding", "delimiter", "header_row"},
    "xlsx": {"sheet", "header_row"},
    "xml": {"rows", "xsd"},
    "fhir": {"rows"},
}
_EMIT_KEYS = {"table", "when", "each", "fields"}


def read_mappings(paths: Iterable[Path]) -> list[Mapping]:
    """Read every mapping in some folders (and of some files), by name.

    A later file of the same name takes an earlier one's place, so that a home's own mapping
    may stand in for one that ships.

    Raises:
        MappingError: with every fault of every file.
    """
    found: dict[str, Mapping] = {}
    faults: list[str] = []
    for path in paths:
        files = [path] if path.is_file() else sorted(path.glob("**/*.toml"))
        seen: dict[str, Path] = {}
        for file in files:
            mapping, wrong = _read(file, named_for=path.is_dir())
            faults += [f"{file.name}: {fault}" for fault in wrong]
            if mapping is None:
                continue
            if mapping.mapping in seen:
                faults.append(f"{file.name}: '{mapping.mapping}' is in {seen[mapping.mapping]} too")
            seen[mapping.mapping] = file
            found[mapping.mapping] = mapping
        if not files and not path.is_dir():
            faults.append(f"{path.name}: there is no such file or folder")
    if faults:
        raise MappingError(faults)
    return [found[name] for name in sorted(found)]


def _read(file: Path, *, named_for: bool) -> tuple[Mapping | None, list[str]]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return None, [f"not TOML: {error}"]
    except OSError as error:
        return None, [f"cannot be read: {error.strerror}"]
    reader = _FileReader(file, content, named_for=named_for)
    mapping = reader.read()
    return (None if reader.faults else mapping), reader.faults


def nearest(word: str, known: Iterable[str]) -> str:
    """`"; did you mean 'x'?"`, or nothing if no known word is near."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


class _FileReader:
    """Reads one file's content and collects what is wrong with it."""

    def __init__(self, file: Path, content: dict[str, Any], *, named_for: bool) -> None:
        self.file = file
        self.named_for = named_for  # in a folder, the name tells which file a mapping is in
        self.content = content
        self.faults: list[str] = []

    def read(self) -> Mapping | None:
        content = self.content
        self._only(content, _TOP | _OPTIONAL_TOP, "")
        for missing in sorted(_TOP - set(content)):
            self.faults.append(f"'{missing}' is missing")
        self._heading()
        source = self._source(self._table(content, "source"))
        limits = self._limits(self._table(content, "limits"))
        emits = self._emits(source)
        if self.faults or source is None:
            return None
        return Mapping(
            mapping=content["mapping"],
            version=content["version"],
            dataset=content["dataset"],
            layout=content["layout"],
            extract=content["extract"],
            description=content["description"],
            source=source,
            limits=limits,
            emits=tuple(emits),
            path=self.file,
        )

    def _heading(self) -> None:
        name = self._text(self.content, "mapping", "")
        if name is not None and not _NAME.fullmatch(name):
            self.faults.append("mapping must be lower-case words and digits with - between")
        elif name is not None and self.named_for and name != self.file.stem:
            self.faults.append(f"mapping is '{name}', so the file must be named {name}.toml")
        version = self.content.get("version", 1)
        if not _is_whole(version) or version < 1:
            self.faults.append("version must be a whole number from 1")
        dataset = self._text(self.content, "dataset", "")
        if dataset is not None and not _DATASET.fullmatch(dataset):
            self.faults.append("dataset must be AGENCY/SYSTEM in lower case, as in the register")
        layout = self._text(self.content, "layout", "")
        if layout is not None and not re.fullmatch(_WORD, layout):
            self.faults.append("layout must be a lower-case word")
        if self.content.get("extract", "full") not in {"full", "delta"}:
            self.faults.append("extract must be 'full' or 'delta'")
        self._text(self.content, "description", "")

    def _source(self, table: dict[str, Any]) -> Source | None:
        if "source" not in self.content:
            return None
        kind = table.get("format")
        if kind not in FORMATS:
            self.faults.append(f"[source] format must be one of {', '.join(FORMATS)}")
            return None
        self._only(table, {"format", "match"} | _SOURCE_KEYS[kind], f"[source] of a {kind} file: ")
        match = self._texts(table, "match", "[source] ")
        if not match:
            self.faults.append("[source] match must name the columns that recognise the file")
        header_row = table.get("header_row", 1)
        if not _is_whole(header_row) or not 1 <= header_row <= 1000:
            self.faults.append("[source] header_row must be a whole number from 1")
        if table.get("encoding", "auto") not in ENCODINGS:
            self.faults.append(f"[source] encoding must be one of {', '.join(ENCODINGS)}")
        delimiter = table.get("delimiter", "auto")
        if delimiter != "auto" and (not isinstance(delimiter, str) or len(delimiter) != 1):
            self.faults.append("[source] delimiter must be one character, or 'auto'")
        if kind == "fhir":
            self._fhir(table, match)
        return Source(
            format=kind,
            match=match,
            encoding=table.get("encoding", "auto"),
            delimiter=delimiter,
            sheet=self._text(table, "sheet", "[source] "),
            header_row=header_row,
            rows=self._rows(table, kind),
            xsd=self._xsd(table),
        )

    def _fhir(self, table: dict[str, Any], match: tuple[str, ...]) -> None:
        if table.get("rows", "Patient") != "Patient":
            self.faults.append('[source] rows must be "Patient"')
        self._known_fhir(match, [*FHIR_COLUMNS, *FHIR_KINDS], "[source] match")

    def _known_fhir(self, names: Iterable[str], known: Iterable[str], where: str) -> None:
        for name in names:
            if name not in known:
                self.faults.append(f"{where}: a Patient has no '{name}'{nearest(name, known)}")

    def _rows(self, table: dict[str, Any], kind: str) -> str | None:
        rows = self._text(table, "rows", "[source] ")
        if kind == "xml":
            if not rows:
                self.faults.append("[source] rows must be the path of the row element")
            self._paths([rows] if rows else [], "[source] rows")
            self._paths(self._texts(table, "match", "[source] "), "[source] match")
        return rows

    def _paths(self, names: Iterable[str], where: str) -> None:
        for name in names:
            if not _XML_PATH.fullmatch(name):
                self.faults.append(f"{where}: '{name}' is no path of elements, such as Child/UPN")

    def _xsd(self, table: dict[str, Any]) -> Path | None:
        name = self._text(table, "xsd", "[source] ")
        if name is None:
            return None
        path = self.file.parent / name
        if Path(name).name != name or not path.is_file():
            self.faults.append(f"[source] xsd '{name}' is not beside the mapping file")
        return path

    def _limits(self, table: dict[str, Any]) -> Limits:
        self._only(table, {"max_rejected_share", "min_rows"}, "[limits] ")
        share = table.get("max_rejected_share", Limits.max_rejected_share)
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
            self.faults.append("[limits] max_rejected_share must be a number from 0 to 1")
            share = 0.0
        rows = table.get("min_rows", Limits.min_rows)
        if not _is_whole(rows) or rows < 0:
            self.faults.append("[limits] min_rows must be a whole number from 0")
            rows = 0
        return Limits(max_rejected_share=float(share), min_rows=rows)

    def _emits(self, source: Source | None) -> list[Emit]:
        tables = self.content.get("emit", [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            tables = []
        if not tables:
            self.faults.append("there is no [[emit]]: the mapping fills no table")
            return []
        found = []
        for number, table in enumerate(tables, start=1):
            emit = self._emit(table, f"emit {number}", source)
            if emit is not None:
                found.append(emit)
        return found

    def _emit(self, table: dict[str, Any], where: str, source: Source | None) -> Emit | None:
        self._only(table, _EMIT_KEYS, f"{where}: ")
        name = str(table.get("table"))
        if name not in TABLES:
            guess = nearest(name, TABLES)
            self.faults.append(f"{where}: no table '{name}'{guess}; there are {', '.join(TABLES)}")
            return None
        where = f"{where} ({name})"
        each = self._text(table, "each", f"{where}: ")
        if each is not None and source is not None and source.format not in {"xml", "fhir"}:
            self.faults.append(f"{where}: each is for xml and fhir only")
        fields = table.get("fields", {})
        reader = FieldReader(
            where=where,
            fields={entry.name: entry.metadata for entry in source_fields(TABLES[name])},
            agency=str(self.content.get("dataset", "")).partition("/")[0],
            has_index=each is not None,
        )
        rules = reader.read(fields if isinstance(fields, dict) else {})
        self.faults += reader.faults
        emit = Emit(
            table=name, rules=rules, when=self._texts(table, "when", f"{where}: "), each=each
        )
        if source is not None and source.format == "fhir":
            self._fhir_emit(emit, where)
        if source is not None and source.format == "xml":
            self._paths([*emit.columns(), *([each] if each else [])], where)
        return emit

    def _fhir_emit(self, emit: Emit, where: str) -> None:
        if emit.each is None:
            self._known_fhir(emit.columns(), FHIR_COLUMNS, where)
        elif emit.each not in FHIR_PARTS:
            self._known_fhir([emit.each], FHIR_PARTS, where)
        else:
            known = [*FHIR_PARTS[emit.each], *(f"../{name}" for name in FHIR_COLUMNS)]
            self._known_fhir(emit.columns(), known, where)

    def _only(self, table: dict[str, Any], known: set[str], where: str) -> None:
        for key in table:
            if key not in known:
                self.faults.append(f"{where}'{key}' is not known{nearest(key, known)}")

    def _table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        found = table.get(key, {})
        if isinstance(found, dict):
            return found
        self.faults.append(f"'{key}' must be a table")
        return {}

    def _text(self, table: dict[str, Any], key: str, where: str) -> str | None:
        found = table.get(key)
        if found is None or (isinstance(found, str) and found.strip()):
            return found
        self.faults.append(f"{where}{key} must be text, and not empty")
        return None

    def _texts(self, table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
        found = table.get(key, [])
        if isinstance(found, list) and all(isinstance(text, str) and text for text in found):
            return tuple(found)
        self.faults.append(f"{where}{key} must be a list of column names")
        return ()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
