"""The `[emit.fields]` of a mapping: each entry read into a rule, its faults collected.

Invariant: a rule's options fit the field's form, and its codes are on the field's list.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from collections.abc import Mapping as Dictionary
from typing import Any

from loaders.dates import EARLIEST, pattern_fault
from loaders.mapping import ELEMENT_INDEX, FieldRule, template_names
from records.codes import code_list, code_lists

KIND_LISTS = "*kind"
_WAYS = ("column", "columns", "kinds", "constant", "template")
_KIND = re.compile(r"[A-Z][A-Z0-9_]*")
_OPTIONS = {*_WAYS, "join", "pattern", "placeholder", "codes", "dataset", "earliest"}
_DATE_FORMS = {"date", "partial_date"}
_CODED_FORMS = {"code", "flag", "text"}
_KEY_FIELDS = {"record_key", "other_key", "contact_key"}


class FieldReader:
    """Reads the fields of one emit; what is wrong is in `faults` afterwards."""

    def __init__(
        self,
        *,
        where: str,
        fields: Dictionary[str, Dictionary[str, Any]],
        agency: str,
        has_index: bool,
    ) -> None:
        self.where = where
        self.fields = fields
        self.agency = agency
        self.has_index = has_index
        self.faults: list[str] = []

    def read(self, entries: dict[str, Any]) -> tuple[FieldRule, ...]:
        for name, about in self.fields.items():
            if about["required"] and name not in entries:
                self.faults.append(f"{self.where}: required field '{name}' is not mapped")
        rules = []
        for name, entry in entries.items():
            if name not in self.fields:
                close = difflib.get_close_matches(name, list(self.fields), n=1)
                guess = f"; did you mean '{close[0]}'?" if close else ""
                self.faults.append(f"{self.where}: no field '{name}'{guess}")
                continue
            rule = self._rule(name, {"column": entry} if isinstance(entry, str) else entry)
            if rule is not None:
                rules.append(rule)
        return tuple(rules)

    def _rule(self, name: str, entry: Any) -> FieldRule | None:
        if not isinstance(entry, dict):
            self._wrong(name, "must be a column or a table of options")
            return None
        unknown = sorted(set(entry) - _OPTIONS)
        if unknown:
            self._wrong(name, f"option {', '.join(unknown)} is not known")
        ways = [way for way in _WAYS if way in entry]
        if len(ways) != 1:
            self._wrong(name, f"needs just one of {', '.join(_WAYS)}")
            return None
        about = self.fields[name]
        rule = FieldRule(
            name=name,
            form=about["form"],
            code_list=about["codes"],
            required=about["required"],
            columns=self._columns(name, entry),
            kinds=self._kinds(name, entry),
            join=self._text(name, entry, "join", " "),
            constant=self._constant(name, entry),
            template=self._template(name, entry),
            patterns=self._list(name, entry, "pattern"),
            placeholders=frozenset(self._list(name, entry, "placeholder")),
            codes=self._codes(name, entry),
            dataset=self._dataset(name, entry),
            earliest=self._earliest(name, entry),
        )
        self._check_form(rule)
        return rule

    def _columns(self, name: str, entry: dict[str, Any]) -> tuple[str, ...]:
        if "column" in entry:
            column = entry["column"]
            if isinstance(column, str) and column.strip():
                return (column,)
            self._wrong(name, "column must be the name of one column")
        if "columns" in entry:
            return self._list(name, entry, "columns")
        kinds = entry.get("kinds")
        return tuple(kinds) if isinstance(kinds, dict) else ()

    def _kinds(self, name: str, entry: dict[str, Any]) -> tuple[str, ...]:
        if "kinds" not in entry:
            return ()
        kinds = entry["kinds"]
        if self.fields[name]["form"] != "identifiers":
            self._wrong(name, "kinds is for other identifiers only")
        elif not isinstance(kinds, dict) or not kinds:
            self._wrong(name, "kinds must give a kind for each of its columns")
        elif not all(isinstance(kind, str) and _KIND.fullmatch(kind) for kind in kinds.values()):
            self._wrong(name, "a kind must be one word in capitals, such as PASSPORT")
        else:
            return tuple(kinds.values())
        return ()

    def _constant(self, name: str, entry: dict[str, Any]) -> str | None:
        constant = entry.get("constant")
        if isinstance(constant, bool):
            return str(constant).lower()
        if constant is None or isinstance(constant, str):
            return constant
        self._wrong(name, "constant must be text")
        return None

    def _template(self, name: str, entry: dict[str, Any]) -> str | None:
        template = entry.get("template")
        if template is None:
            return None
        try:
            names = template_names(template)
        except (TypeError, ValueError):
            self._wrong(name, "template is not text with {COLUMN} in it")
            return None
        if not names:
            self._wrong(name, "template names no {COLUMN}; use constant")
        if ELEMENT_INDEX in names and not self.has_index:
            self._wrong(name, "template has {#}, which needs an each")
        return str(template)

    def _codes(self, name: str, entry: dict[str, Any]) -> dict[str, str] | None:
        codes = entry.get("codes")
        if codes is None:
            return None
        if not isinstance(codes, dict) or not all(isinstance(c, str) for c in codes.values()):
            self._wrong(name, "codes must give a code, as text, for each of its words")
            return None
        if any(isinstance(word, str) and word != word.strip() for word in codes):
            self._wrong(name, "codes has a word with blanks around it")
        return codes

    def _dataset(self, name: str, entry: dict[str, Any]) -> str | None:
        dataset = entry.get("dataset")
        if dataset is None:
            return None
        if name not in _KEY_FIELDS:
            self._wrong(name, "dataset is for keys of people and contacts only")
            return None
        agency, _, system = str(dataset).partition("/")
        if agency != self.agency or not system:
            self._wrong(name, f"dataset must be another dataset of {self.agency}")
            return None
        return str(dataset)

    def _earliest(self, name: str, entry: dict[str, Any]) -> int:
        year = entry.get("earliest", EARLIEST)
        if self.fields[name]["form"] not in _DATE_FORMS and "earliest" in entry:
            self._wrong(name, "earliest is for dates only")
        elif isinstance(year, int) and 1000 <= year < 2200:
            return year
        else:
            self._wrong(name, "earliest must be a year from 1000 on")
        return EARLIEST

    def _check_form(self, rule: FieldRule) -> None:
        if rule.patterns and rule.form not in _DATE_FORMS:
            self._wrong(rule.name, "pattern is for dates only")
        for pattern in rule.patterns if rule.form in _DATE_FORMS else ():
            fault = pattern_fault(pattern, partial=rule.form == "partial_date")
            if fault:
                self._wrong(rule.name, fault)
        if rule.codes is not None and rule.form not in _CODED_FORMS:
            self._wrong(rule.name, "codes is for coded fields only")
        given = list((rule.codes or {}).values())
        if rule.constant is not None and rule.codes is None:
            given.append(rule.constant)
        if rule.form == "code":
            self._check_codes(rule, given)
        elif rule.form == "flag" and set(given) - {"true", "false", ""}:
            self._wrong(rule.name, "codes must be 'true', 'false' or ''")

    def _check_codes(self, rule: FieldRule, given: Iterable[str]) -> None:
        known = listed_codes(rule.code_list)
        for code in dict.fromkeys(given):
            if code and code not in known:
                close = difflib.get_close_matches(code, sorted(known), n=1)
                guess = f"; did you mean '{close[0]}'?" if close else ""
                words = "a list of kinds" if rule.code_list == KIND_LISTS else rule.code_list
                self._wrong(rule.name, f"'{code}' is not on code list {words}{guess}")

    def _list(self, name: str, entry: dict[str, Any], key: str) -> tuple[str, ...]:
        found = entry.get(key, [])
        if isinstance(found, str) and key != "columns":
            found = [found]
        texts = isinstance(found, list) and all(isinstance(text, str) for text in found)
        if texts and (found or key not in entry):
            return tuple(found)
        self._wrong(name, f"{key} must be a list of texts")
        return ()

    def _text(self, name: str, entry: dict[str, Any], key: str, default: str) -> str:
        found = entry.get(key, default)
        if isinstance(found, str):
            return found
        self._wrong(name, f"{key} must be text")
        return default

    def _wrong(self, name: str, fault: str) -> None:
        self.faults.append(f"{self.where}: {name}: {fault}")


def listed_codes(list_name: str | None) -> frozenset[str]:
    """The codes of a list; for `*kind`, those of every kind of indicator."""
    lists = code_lists()
    if list_name == KIND_LISTS:
        kinds = [kind for kind in code_list("indicator_kind").labels if kind in lists]
        return frozenset(code for kind in kinds for code in lists[kind].labels)
    return frozenset(lists[list_name or ""].labels)
