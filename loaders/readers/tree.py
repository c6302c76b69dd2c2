"""XML: a row for each element at a path, checked by the schema that the mapping names.

Invariant: no entity is expanded and nothing outside the file is opened; a document that declares
a document type is refused, since none of the returns has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from loaders.errors import DriftError, ReadError
from loaders.mapping import Mapping, Source
from loaders.readers.columns import drift_words
from loaders.readers.rows import FileRows, Gathering, RowFault, Rows

_CHUNK = 5_000
_MAX_SCHEMA_FAULTS = 10_000

Lookup = Callable[[Any], str]


def read_headings(path: Path, source: Source) -> list[str]:
    """Every path to a text under the rows, in the order first met."""
    found: dict[str, None] = {}
    for row in _row_elements(_parse(path), source, path):
        for element in row.iter():
            if not len(element):
                found[_path_under(row, element)] = None
    return list(found)


def read_rows(path: Path, mapping: Mapping) -> FileRows:
    """Every row element that fits the schema, and the parts inside; others are faults."""
    source = mapping.source
    root = _parse(path)
    faults = _schema_faults(root, source, path)
    rows = _row_elements(root, source, path)
    spoilt = {fault.line for fault in faults}
    kept = [(number, row) for number, row in enumerate(rows, 1) if number not in spoilt]
    _check_match(kept, mapping, path)
    return FileRows(
        rows=_gather(kept, mapping.columns(), None),
        parts={each: _gather(kept, mapping.part_columns(each), each) for each in mapping.parts()},
        faults=faults,
    )


def _parse(path: Path) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        tree: Any = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise ReadError(f"{path.name}: not well-formed XML, on or near line {line}") from None
    except OSError:
        raise ReadError(f"{path.name}: cannot be opened") from None
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise ReadError(f"{path.name}: declares a document type or entities; that is refused")
    return tree.getroot()


def _schema_faults(root: Any, source: Source, path: Path) -> list[RowFault]:
    """The rows that do not fit the schema. Raises ReadError if the rest of the file does not."""
    if source.xsd is None:
        return []
    schema: Any = etree.XMLSchema(etree.parse(str(source.xsd)))
    if schema.validate(root):
        return []
    in_row = re.compile(rf"/[^/]+/{re.escape(source.rows or '')}(?:\[(\d+)\])?(?=/|$)(.*)")
    faults = []
    for error in list(schema.error_log)[:_MAX_SCHEMA_FAULTS]:
        found = in_row.match(error.path or "")
        if not found:
            words = f"not as {source.xsd.name} has it, at {error.path or 'its root'}"
            raise ReadError(f"{path.name}: {words}")
        faults.append(
            RowFault(
                line=int(found[1] or 1),
                field=found[2].strip("/") or (source.rows or ""),
                value=error.message,
                reason=f"not as {source.xsd.name} has it",
            )
        )
    return faults


def _row_elements(root: Any, source: Source, path: Path) -> list[Any]:
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    rows = list(root.iterfind(source.rows or ""))
    if not rows:
        raise ReadError(f"{path.name}: there is no {source.rows} under its root <{root.tag}>")
    return rows


def _check_match(rows: list[tuple[int, Any]], mapping: Mapping, path: Path) -> None:
    finders = {name: etree.XPath(name) for name in mapping.source.match}
    missing = [
        name for name, finder in finders.items() if rows and not any(finder(r) for _, r in rows)
    ]
    if missing:
        headings = {_path_under(r, e): None for _, r in rows for e in r.iter() if not len(e)}
        words = drift_words(missing, list(headings), mapping.columns())
        raise DriftError(f"{path.name}: {words}")


def _gather(rows: list[tuple[int, Any]], names: tuple[str, ...], each: str | None) -> Rows:
    lookups = [_lookup(name) for name in names]
    gathering = Gathering(names, numbered=each is not None)
    find_parts: Any = etree.XPath(each) if each else None
    for start in range(0, len(rows), _CHUNK):
        values, lines, numbers = [], [], []
        for line, row in rows[start : start + _CHUNK]:
            parts = [row] if find_parts is None else find_parts(row)
            for number, part in enumerate(parts, 1):
                values.append([lookup(part) for lookup in lookups])
                lines.append(line)
                numbers.append(number)
        gathering.add(values, lines, numbers)
    return gathering.rows()


def _lookup(name: str) -> Lookup:
    """The text at a path; several elements there are joined with '; ', nothing is lost."""
    finder: Any = etree.XPath(name)

    def look(element: Any) -> str:
        found = finder(element)
        if len(found) == 1:
            return _words(found[0])
        return "; ".join(words for words in map(_words, found) if words)

    return look


def _words(found: Any) -> str:
    return str(found) if isinstance(found, str) else "".join(found.itertext())


def _path_under(row: Any, element: Any) -> str:
    names = []
    while element is not row:
        names.append(element.tag)
        element = element.getparent()
    return "/".join(reversed(names))
