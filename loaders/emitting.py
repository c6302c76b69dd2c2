"""From the rows of a file to canonical columns: one emit of a mapping, worked out set-wise.

Invariant: the raw column of a field holds exactly what the file has for it (joined as the mapping
says), whatever became of its value; a column here has one entry for each row that the emit's
`when` lets through.
"""

from __future__ import annotations

import functools
import re
import string
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from loaders import findings
from loaders.mapping import ELEMENT_INDEX, Emit, FieldRule
from loaders.readers.rows import Rows
from loaders.standardise import TYPES, standardise
from records.schema import TABLES, source_fields


@dataclass(kw_only=True)
class Emitted:
    """The rows of one emit on their way: columns, their raw text, and what was found.

    `numbers` is the number of the part inside its row, 0 for the row itself.
    """

    emit: Emit
    file_name: str
    lines: pa.Array
    numbers: pa.Array
    values: dict[str, pa.Array]
    raw: dict[str, pa.Array]
    found: list[pa.Table] = field(default_factory=list)

    def note(self, name: str, reasons: pa.Array, *, rejected: bool) -> None:
        """Write down a field's faults: wherever `reasons` is not null."""
        if reasons.null_count == len(reasons):
            return
        self.found.append(
            findings.of_column(
                file_name=self.file_name,
                table=self.emit.table,
                field=name,
                lines=self.lines,
                numbers=self.numbers,
                values=self.raw[name],
                reasons=reasons,
                rejected=rejected,
            )
        )

    def note_where(self, name: str, mask: pa.Array, reason: str, *, rejected: bool) -> None:
        """Write down one reason wherever a mask is true."""
        none = pa.scalar(None, pa.string())
        self.note(name, pc.if_else(pc.fill_null(mask, False), reason, none), rejected=rejected)

    def keep(self, mask: pa.Array) -> None:
        """Keep the rows where a mask is true; what was found about the others stays."""
        self.lines = self.lines.filter(mask)
        self.numbers = self.numbers.filter(mask)
        self.values = {name: column.filter(mask) for name, column in self.values.items()}
        self.raw = {name: column.filter(mask) for name, column in self.raw.items()}

    def drop_where(self, name: str, mask: pa.Array, reason: str) -> None:
        """Take a value away wherever a mask is true, and write down why."""
        mask = pc.fill_null(mask, False)
        values = self.values[name]
        self.note_where(name, mask, reason, rejected=False)
        self.values[name] = pc.if_else(mask, pa.scalar(None, values.type), values)


def emit_rows(emit: Emit, rows: Rows, *, file_name: str, last_year: int) -> Emitted:
    """Standardise the rows that one emit gives."""
    rows = _selected(emit, rows)
    numbers = rows.numbers
    if numbers is None:
        numbers = pa.array([0] * len(rows), pa.int64())
    emitted = Emitted(
        emit=emit, file_name=file_name, lines=rows.lines, numbers=numbers, values={}, raw={}
    )
    for rule in emit.rules:
        raw = raw_text(rule, rows)
        column = standardise(rule, raw, last_year)
        emitted.values[rule.name] = column.values
        emitted.raw[rule.name] = raw
        emitted.note(rule.name, column.reasons, rejected=rule.required)
        if rule.required:
            lost = pc.and_(pc.is_null(column.values), pc.is_null(column.reasons))
            emitted.note_where(rule.name, lost, "required, and not filled in", rejected=True)
    for entry in source_fields(TABLES[emit.table]):
        if entry.name not in emitted.values:
            kind = TYPES.get(entry.metadata["form"], pa.string())
            emitted.values[entry.name] = pa.nulls(len(rows), kind)
            emitted.raw[entry.name] = pa.nulls(len(rows), pa.string())
    return emitted


def raw_text(rule: FieldRule, rows: Rows) -> pa.Array:
    """What the file has for a field; null where it has nothing."""
    if rule.constant is not None:
        return pa.array([rule.constant] * len(rows), pa.string())
    if rule.template is not None:
        return _filled(rule.template, rows)
    columns = [rows.columns[name] for name in rule.columns]
    if rule.kinds:
        pairs = zip(columns, rule.kinds, strict=True)
        return _joined([_of_kind(column, kind) for column, kind in pairs], "; ")
    if len(columns) == 1:
        return columns[0]
    # Arrow leaves a row out altogether if all that it joins is null; so one is made empty.
    nothing = functools.reduce(pc.and_, (pc.is_null(column) for column in columns))
    columns[0] = pc.if_else(nothing, "", columns[0])
    return _joined(columns, rule.join)


def _of_kind(column: pa.Array, kind: str) -> pa.Array:
    """Each identifier of a column with its kind before it; null where there is none."""
    trimmed = pc.utf8_trim(column, " ;\t\r\n\u00a0")
    parted = pc.replace_substring_regex(trimmed, r"\s*;[\s;]*", f"; {kind} ")
    filled = pc.fill_null(pc.not_equal(trimmed, ""), False)
    named = pc.binary_join_element_wise(kind, parted, " ")
    return pc.if_else(filled, named, pa.scalar(None, pa.string()))


def _joined(columns: list[pa.Array], separator: str) -> pa.Array:
    """What is there of the columns, joined; null where none of them has anything.

    Arrow's own `null_handling="skip"` loses a row in which every column is null.
    """
    nothing = pa.scalar("", pa.string())
    parts = [
        pc.if_else(
            pc.is_valid(column),
            pc.binary_join_element_wise(pc.fill_null(column, ""), nothing, separator),
            nothing,
        )
        for column in columns
    ]
    joined = pc.binary_join_element_wise(*parts, "")
    ending = f"{re.escape(separator)}$"
    whole = pc.replace_substring_regex(joined, ending, "") if separator else joined
    return pc.if_else(pc.equal(whole, nothing), pa.scalar(None, pa.string()), whole)


def _filled(template: str, rows: Rows) -> pa.Array:
    """A template filled in; null if one of its columns is empty."""
    parts: list[pa.Array | str] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        if literal:
            parts.append(literal)
        if name == ELEMENT_INDEX and rows.numbers is not None:
            parts.append(pc.cast(rows.numbers, pa.string()))
        elif name is not None:
            parts.append(pc.utf8_trim_whitespace(rows.columns[name]))
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def _selected(emit: Emit, rows: Rows) -> Rows:
    """The rows in which all of `when` is filled in."""
    if not emit.when:
        return rows
    mask = None
    for name in emit.when:
        filled = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(rows.columns[name]), ""), False)
        mask = filled if mask is None else pc.and_(mask, filled)
    return Rows(
        columns={name: column.filter(mask) for name, column in rows.columns.items()},
        lines=rows.lines.filter(mask),
        numbers=None if rows.numbers is None else rows.numbers.filter(mask),
    )
