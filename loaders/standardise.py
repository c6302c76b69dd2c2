"""Canonical values out of raw ones, column by column.

Invariant: standardising is a function of the distinct text alone: each is worked out once and
spread over the rows, so a column of a hundred thousand rows costs what its distinct values cost.

Each `form` of `records.schema` has one function here, from a text that is not empty to a value,
or to None with the reason that the findings and the manual use.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from loaders import words
from loaders.dates import date_reader
from loaders.mapping import ANY_VALUE, FieldRule
from loaders.mapping_fields import listed_codes
from records import identifiers

Value = str | bool | dt.date | None
Outcome = tuple[Value, str | None]
Standardiser = Callable[[str], Outcome]

NOT_LISTED = "the code is not listed in the mapping"

_WORDS: dict[str, Callable[[str], str | None]] = {
    "text": words.text,
    "name": words.name,
    "names": words.names,
    "address": words.address,
}
_IDENTIFIERS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "nhs_number": (identifiers.nhs_number, "not a valid NHS number"),
    "upn": (identifiers.upn, "not a valid unique pupil number"),
    "uln": (identifiers.uln, "not a valid unique learner number"),
    "nino": (identifiers.nino, "not a valid National Insurance number"),
    "uprn": (identifiers.uprn, "not a valid UPRN"),
    "postcode": (identifiers.postcode, "not a valid postcode"),
    "phone": (identifiers.phone, "not a telephone number"),
    "email": (identifiers.email, "not an e-mail address"),
}
_LISTED = {
    "identifiers": (words.identifiers, "not identifiers, each as KIND value"),
}
_DATES = {"date", "partial_date"}
_TRUE = {"true", "yes", "y", "1", "t"}
_FALSE = {"false", "no", "n", "0", "f"}

FORMS = frozenset({*_WORDS, *_IDENTIFIERS, *_LISTED, *_DATES, "code", "flag"})
"""Every form that a canonical field may have."""

TYPES: dict[str, pa.DataType] = {"date": pa.date32(), "flag": pa.bool_()}
"""The Arrow type of a form's values; text if it is not here."""


@dataclass(frozen=True, kw_only=True)
class Standardised:
    """A column: canonical values, and beside them why a value is missing (null: no fault)."""

    values: pa.Array
    reasons: pa.Array


def standardise(rule: FieldRule, raw: pa.Array, last_year: int) -> Standardised:
    """Standardise a column of raw text by a rule.

    Args:
        raw: text, null where the source gave nothing.
        last_year: the latest year that a year of two digits may mean.
    """
    kind = TYPES.get(rule.form, pa.string())
    function = standardiser(rule, last_year)
    encoded = pc.dictionary_encode(raw)
    outcomes = [function(text) for text in encoded.dictionary.to_pylist()]
    values = pa.array([value for value, _ in outcomes], kind)
    reasons = pa.array([reason for _, reason in outcomes], pa.string())
    return Standardised(values=values.take(encoded.indices), reasons=reasons.take(encoded.indices))


def standardiser(rule: FieldRule, last_year: int) -> Standardiser:
    """The function of one rule: placeholders, then codes, then the form."""
    form = _form(rule, last_year)
    placeholders = rule.placeholders

    def apply(text: str) -> Outcome:
        stripped = text.strip()
        if not stripped or stripped in placeholders:
            return None, None
        return form(stripped)

    return apply


def _form(rule: FieldRule, last_year: int) -> Standardiser:
    if rule.form in {"code", "flag"} or rule.codes is not None:
        return _coded(rule)
    if rule.form in _DATES:
        return _dated(rule, last_year)
    if rule.form in _WORDS:
        function = _WORDS[rule.form]
        return lambda text: (function(text), None)
    if rule.form in _LISTED:
        return _several(*_LISTED[rule.form])
    check, reason = _IDENTIFIERS[rule.form]

    def identified(text: str) -> Outcome:
        value = check(text)
        return value, None if value is not None else reason

    return identified


def _several(read: Callable[[str], tuple[str | None, bool]], reason: str) -> Standardiser:
    """What could be read stays; the reason stands beside it if some of it could not."""

    def listed(text: str) -> Outcome:
        value, whole = read(text)
        return value, None if whole else reason

    return listed


def _dated(rule: FieldRule, last_year: int) -> Standardiser:
    read = date_reader(rule.patterns, last_year, earliest=rule.earliest)
    whole = rule.form == "date"

    def dated(text: str) -> Outcome:
        found = read(text)
        if found is None:
            return None, "not a date as the mapping has it"
        if not whole:
            return str(found), None
        return found.exact, None if found.exact else "the date is not known to the day"

    return dated


def _coded(rule: FieldRule) -> Standardiser:
    """Codes as the mapping lists them; without a list, the canonical codes themselves."""
    codes = _code_table(rule)
    folded = {word.casefold(): code for word, code in reversed(list(codes.items()))}
    other = codes.get(ANY_VALUE)
    is_flag = rule.form == "flag"

    def coded(text: str) -> Outcome:
        code = codes.get(text, folded.get(text.casefold(), other))
        if code is None:
            return None, NOT_LISTED
        return (code == "true" if is_flag and code else code or None), None

    return coded


def _code_table(rule: FieldRule) -> Dictionary[str, str]:
    if rule.codes is not None:
        return rule.codes
    if rule.form == "flag":
        return {**dict.fromkeys(_TRUE, "true"), **dict.fromkeys(_FALSE, "false")}
    return {code: code for code in listed_codes(rule.code_list)}
