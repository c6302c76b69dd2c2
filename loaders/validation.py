"""Row rules and file thresholds: what is quarantined, what is found, what refuses a file.

Invariant: a row is quarantined whole or kept whole: if one of its canonical rows breaks a rule that
rejects, the others of the same row (or of the same part inside it) go with it. A finding takes a
value away and keeps the row.
"""

from __future__ import annotations

import datetime as dt
import functools

import pyarrow as pa
import pyarrow.compute as pc

from loaders.emitting import Emitted
from loaders.mapping import Limits
from records.codes import code_list, code_lists
from records.dates import PartialDate

_UNBORN_DAYS = 300
_WHERE = ("address_line", "uprn", "postcode")
_SPANS = {"residence": ("from_date", "to_date"), "indicator": ("valid_from", "valid_to")}


def check_rows(emitted: Emitted, today: dt.date) -> None:
    """Apply the rules of the table that the rows are for."""
    table = emitted.emit.table
    if table == "record":
        _check_births(emitted, today)
        _check_deaths(emitted, today)
    if table == "indicator":
        _check_kinds(emitted)
    if table in _SPANS:
        first, last = _SPANS[table]
        backwards = pc.less(emitted.values[last], emitted.values[first])
        emitted.drop_where(first, backwards, "begins after it ends")
    if table == "residence":
        _drop_placeless(emitted)


def _drop_placeless(emitted: Emitted) -> None:
    """A residence says where, or is none: no line, no UPRN and no postcode that could be read."""
    placed = functools.reduce(pc.or_, (pc.is_valid(emitted.values[name]) for name in _WHERE))
    emitted.keep(placed)


def _check_births(emitted: Emitted, today: dt.date) -> None:
    """No birth lies in the future but an expected one; how the date is known is told."""
    stated = emitted.values["birth_date_status"]
    horizon = str(today + dt.timedelta(days=_UNBORN_DAYS))
    births = emitted.values["birth_date"]
    future = pc.fill_null(pc.greater(births, str(today)), False)
    beyond = pc.and_(future, pc.greater(births, horizon))
    emitted.drop_where("birth_date", beyond, "date of birth is in the future")
    births = emitted.values["birth_date"]
    statuses = _birth_statuses(emitted, births, pc.and_(future, pc.is_valid(births)))
    emitted.values["birth_date_status"] = pc.coalesce(stated, statuses)


def _birth_statuses(emitted: Emitted, births: pa.Array, expected: pa.Array) -> pa.Array:
    raw = emitted.raw["birth_date"]
    rule = next((rule for rule in emitted.emit.rules if rule.name == "birth_date"), None)
    if rule is None:
        return pa.nulls(len(births), pa.string())
    stand_ins = pa.array(sorted(rule.placeholders), pa.string())
    is_stand_in = pc.fill_null(pc.is_in(pc.utf8_trim_whitespace(raw), value_set=stand_ins), False)
    whole = pc.equal(pc.utf8_length(births), 10)
    return pc.case_when(
        pc.make_struct(is_stand_in, expected, pc.fill_null(whole, False), pc.is_valid(births)),
        "placeholder",
        "expected",
        "known",
        "partial",
        "unknown",
    )


def _check_deaths(emitted: Emitted, today: dt.date) -> None:
    """A death lies neither in the future nor before the birth; a date of death means dead."""
    deaths = emitted.values["death_date"]
    emitted.drop_where(
        "death_date", pc.greater(deaths, str(today)), "date of death is in the future"
    )
    kept = emitted.values["death_date"]
    known_dead = pc.if_else(pc.is_valid(kept), True, pa.scalar(None, pa.bool_()))
    emitted.values["dead"] = pc.coalesce(emitted.values["dead"], known_dead)
    at = pc.indices_nonzero(pc.and_(pc.is_valid(kept), pc.is_valid(emitted.values["birth_date"])))
    pairs = zip(
        kept.take(at).to_pylist(), emitted.values["birth_date"].take(at).to_pylist(), strict=True
    )
    wrong = [place for place, pair in zip(at.to_pylist(), pairs, strict=True) if _before(*pair)]
    mask = pa.array([False] * len(kept), pa.bool_())
    if wrong:
        mask = pc.is_in(pa.array(range(len(kept)), pa.int64()), value_set=pa.array(wrong))
    emitted.drop_where("death_date", mask, "death is before birth")


def _before(death: str, birth: str) -> bool:
    return PartialDate.parse(death).latest < PartialDate.parse(birth).earliest


def _check_kinds(emitted: Emitted) -> None:
    """An indicator's code is on the list of its kind."""
    kinds = emitted.values["kind"]
    codes = emitted.values["code"]
    lists = code_lists()
    right = pa.array([False] * len(codes), pa.bool_())
    for kind in code_list("indicator_kind").labels:
        listed = pa.array(list(lists[kind].labels) if kind in lists else [], pa.string())
        fits = pc.and_(pc.equal(kinds, kind), pc.is_in(codes, value_set=listed))
        right = pc.or_(right, pc.fill_null(fits, False))
    both = pc.and_(pc.is_valid(kinds), pc.is_valid(codes))
    wrong = pc.and_(both, pc.invert(right))
    emitted.note_where("code", wrong, "the code is not on the list of its kind", rejected=True)


def threshold_fault(limits: Limits, *, rows_in: int, spoilt: int) -> str | None:
    """Why a file is refused as a whole, or None. `spoilt`: rows with anything quarantined."""
    if rows_in < limits.min_rows:
        return f"{rows_in:,} rows, and {limits.min_rows:,} is the least the mapping allows"
    if rows_in and spoilt / rows_in > limits.max_rejected_share:
        return (
            f"{spoilt:,} of {rows_in:,} rows would be quarantined ({spoilt / rows_in:.1%}); "
            f"the mapping allows {limits.max_rejected_share:.1%}"
        )
    return None
