"""Mappings: which column of an agency's file fills which canonical field, as values.

Invariant: a `Mapping` that exists is sound: every name in it is a table, field or code that is
there, and everything required is mapped. `loaders.mapping_file` reads them and tells the faults.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from pathlib import Path

from loaders.dates import EARLIEST
from records.schema import TABLES, source_fields

FORMATS = ("csv", "xlsx", "xml", "fhir")
ENCODINGS = ("auto", "utf-8", "cp1252", "utf-16")
ELEMENT_INDEX = "#"
ANY_VALUE = "*"


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    """How one canonical field is filled: from columns, from a template, or with a constant.

    `codes` maps the source's words to codes (`""` for none, `*` for any other value);
    `dataset` says whose source key a key is, if not this dataset's.
    """

    name: str
    form: str
    code_list: str | None
    required: bool
    columns: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # of the identifier in each of `columns`
    join: str = " "
    constant: str | None = None
    template: str | None = None
    patterns: tuple[str, ...] = ()
    placeholders: frozenset[str] = frozenset()
    codes: Dictionary[str, str] | None = None
    dataset: str | None = None
    earliest: int = EARLIEST

    def sources(self) -> tuple[str, ...]:
        """The columns that are read for this field."""
        if self.template is None:
            return self.columns
        return tuple(name for name in template_names(self.template) if name != ELEMENT_INDEX)


@dataclass(frozen=True, kw_only=True)
class Emit:
    """One canonical row for each row of the file, or for each `each` element in it."""

    table: str
    rules: tuple[FieldRule, ...]
    when: tuple[str, ...] = ()
    each: str | None = None

    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once, in order of first use."""
        names = [*self.when, *(name for rule in self.rules for name in rule.sources())]
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, kw_only=True)
class Source:
    """How the file is read, and the columns by which it is recognised."""

    format: str
    match: tuple[str, ...]
    encoding: str = "auto"
    delimiter: str = "auto"
    sheet: str | None = None
    header_row: int = 1
    rows: str | None = None
    xsd: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a file may not fall short of; past one of these all of it is refused."""

    max_rejected_share: float = 0.05
    min_rows: int = 1


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One layout of one dataset's files."""

    mapping: str
    version: int
    dataset: str
    layout: str
    extract: str
    description: str
    source: Source
    limits: Limits = field(default_factory=Limits)
    emits: tuple[Emit, ...]
    path: Path

    def columns(self) -> tuple[str, ...]:
        """Every column that is read from the row itself, or by which the file is recognised."""
        names = [*self.source.match]
        for emit in self.emits:
            if emit.each is None:
                names += emit.columns()
        return tuple(dict.fromkeys(names))

    def parts(self) -> tuple[str, ...]:
        """Every `each`: elements inside a row that give rows of their own."""
        return tuple(dict.fromkeys(emit.each for emit in self.emits if emit.each is not None))

    def part_columns(self, each: str) -> tuple[str, ...]:
        """Every column that is read for one `each`."""
        names = [name for emit in self.emits if emit.each == each for name in emit.columns()]
        return tuple(dict.fromkeys(names))


def template_names(template: str) -> list[str]:
    """The columns named in a template. Raises ValueError if it is no template."""
    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def describe(mapping: Mapping) -> str:
    """A mapping in words, for `kith mapping show`."""
    return "\n".join(_lines(mapping))


def _lines(mapping: Mapping) -> Iterator[str]:
    source = mapping.source
    yield f"{mapping.mapping}, version {mapping.version}: {mapping.description}"
    kind = "every row each time" if mapping.extract == "full" else "changed rows only"
    yield f"  of {mapping.dataset}, layout {mapping.layout}, {mapping.extract} extract ({kind})"
    yield f"  read from {_source_words(source)}"
    yield f"  recognised by {', '.join(source.match)}"
    limits = mapping.limits
    yield (
        f"  refused if more than {limits.max_rejected_share:.1%} of its rows are quarantined, "
        f"or it has fewer than {limits.min_rows:,} row{'s' if limits.min_rows != 1 else ''}"
    )
    for emit in mapping.emits:
        yield ""
        per = f" for each {emit.each}" if emit.each else " for each row"
        when = f" with {' and '.join(emit.when)} filled in" if emit.when else ""
        article = "an" if emit.table[0] in "aeiou" else "a"
        yield f"  {article} {emit.table}{per}{when}:"
        docs = {entry.name: entry.metadata["doc"] for entry in source_fields(TABLES[emit.table])}
        width = max(len(rule.name) for rule in emit.rules)
        for rule in emit.rules:
            yield f"    {rule.name:{width}}  {_rule_words(rule)}   ({docs[rule.name]})"


def _source_words(source: Source) -> str:
    if source.format == "csv":
        return f"CSV, encoding {source.encoding}, delimiter {source.delimiter!r}"
    if source.format == "xlsx":
        sheet = f"sheet '{source.sheet}'" if source.sheet else "its first sheet"
        return f"spreadsheet, {sheet}, headers in row {source.header_row}"
    if source.format == "xml":
        checked = f", checked by {source.xsd.name}" if source.xsd else ""
        return f"XML, a row for each {source.rows}{checked}"
    return "FHIR R4 JSON, a row for each Patient"


def _rule_words(rule: FieldRule) -> str:
    if rule.constant is not None:
        return f"always {rule.constant}"
    words = " + ".join(rule.columns) if rule.template is None else f"made as {rule.template}"
    if rule.kinds:
        kinds = zip(rule.columns, rule.kinds, strict=True)
        words = " + ".join(f"{column} as {kind}" for column, kind in kinds)
    if rule.patterns:
        words += f", as {' or '.join(rule.patterns)}"
    if rule.earliest != EARLIEST:
        words += f", from the year {rule.earliest} on"
    if rule.placeholders:
        words += f", {' and '.join(sorted(rule.placeholders))} standing for none"
    if rule.codes is not None:
        pairs = (f"{word} = {code or 'none'}" for word, code in rule.codes.items())
        words += f", where {'; '.join(pairs)}"
    if rule.dataset:
        words += f", a key of {rule.dataset}"
    return words
