"""Labels in and out as dedupe's training JSON, through dedupe's own serializer.

Invariant: a label names its records by agency, dataset and source key, so that a file means the
same in another home; what is read is checked before any of it is used; no message holds a value
of a record. The file does hold values of people: it is readable by its owner alone.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from records.schema import PersonRecord, source_fields
from resolution.errors import QuestionsError
from resolution.learner.answers import DIFFERENT, SAME, VERDICTS

FIELDS = (
    *("agency", "dataset", *(field.name for field in source_fields(PersonRecord))),
    *("address", "postcode"),
)
"""What a record in a training file holds; null where it has nothing."""

MOST_BYTES = 256 * 1024 * 1024
"""A larger file is no training file."""

_LISTS = {"match": SAME, "distinct": DIFFERENT}


class SourceKey(NamedTuple):
    """How a training file names a record."""

    agency: str
    dataset: str
    source_key: str


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What became of labels: written; left out as undecided, or for want of a record."""

    written: int
    unsure: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class Imported:
    """Labels by record id, and how many named a record that is not there."""

    labels: list[tuple[str, str, str]]
    unknown: int


def export_training(
    path: Path,
    records: Mapping[str, Mapping[str, Any]],
    labels: Iterable[tuple[str, str, str]],
) -> Exported:
    """Writes labels with the records that they are about; dedupe can be trained from the file.

    Args:
        path: the file, replaced if it is there.
        records: by record id, the canonical fields with `address` and `postcode` (see `FIELDS`).
        labels: record id, record id, verdict. dedupe knows no undecided pairs: they are left out,
            and so are pairs with a record that is not given.

    Raises:
        QuestionsError: the file cannot be written.
    """
    pairs: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {key: [] for key in _LISTS}
    unsure = unknown = 0
    key_of = {verdict: key for key, verdict in _LISTS.items()}
    for record_a, record_b, verdict in labels:
        if verdict not in VERDICTS:
            raise QuestionsError(f"an answer is {', '.join(VERDICTS)}, not {verdict!r}")
        if verdict not in key_of:
            unsure += 1
        elif record_a not in records or record_b not in records:
            unknown += 1
        else:
            sides = _written(records[record_a]), _written(records[record_b])
            pairs[key_of[verdict]].append(sides)
    _write(path, pairs)
    return Exported(written=sum(map(len, pairs.values())), unsure=unsure, unknown=unknown)


def import_training(path: Path) -> list[tuple[SourceKey, SourceKey, str]]:
    """The labels of a training file, matches first, each list in its order.

    Raises:
        QuestionsError: it is not a training file, or its records are not named; all its faults.
    """
    found = _read(path)
    labels: list[tuple[SourceKey, SourceKey, str]] = []
    unnamed = 0
    for key, verdict in _LISTS.items():
        for pair in found[key]:
            sides = [_key(side) for side in pair]
            if sides[0] is None or sides[1] is None:
                unnamed += 1
            else:
                labels.append((sides[0], sides[1], verdict))
    if unnamed:
        raise QuestionsError(
            f"{path}: {unnamed} of {unnamed + len(labels)} pairs do not name both records by "
            "agency, dataset and source_key, as text"
        )
    return labels


def match_records(
    labels: Iterable[tuple[SourceKey, SourceKey, str]], record_ids: Mapping[SourceKey, str]
) -> Imported:
    """Labels by record id, for the records that are here; the others are counted."""
    known: list[tuple[str, str, str]] = []
    unknown = 0
    for key_a, key_b, verdict in labels:
        record_a, record_b = record_ids.get(key_a), record_ids.get(key_b)
        if record_a is None or record_b is None or record_a == record_b:
            unknown += 1
        else:
            known.append((record_a, record_b, verdict))
    return Imported(labels=known, unknown=unknown)


def _written(record: Mapping[str, Any]) -> dict[str, Any]:
    return {field: _value(record.get(field)) for field in FIELDS}


def _value(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value == "" else value  # dedupe's word for missing


def _write(path: Path, pairs: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]]) -> None:
    from dedupe import serializer

    beside = path.with_name(f".{path.name}.part")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            serializer.write_training(pairs, file)  # type: ignore[arg-type]  # typed too narrowly
        beside.replace(path)
    except OSError as error:
        raise QuestionsError(f"labels cannot be written to {path}: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, list[tuple[Any, Any]]]:
    from dedupe import serializer

    try:
        if path.stat().st_size > MOST_BYTES:
            raise QuestionsError(f"{path} is too large for a training file")
        with path.open(encoding="utf-8") as file:
            found = serializer.read_training(file)
    except OSError as error:
        raise QuestionsError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        # Without its cause, which may quote the file.
        raise QuestionsError(f"{path} is not dedupe's training JSON") from None
    faults = _faults(found)
    if faults:
        raise QuestionsError(f"{path} is not dedupe's training JSON: " + "; ".join(faults))
    return {key: list(found[key]) for key in _LISTS}


def _faults(found: Any) -> list[str]:
    if not isinstance(found, dict):
        return ["it is no object with the lists match and distinct"]
    faults = []
    for key in _LISTS:
        pairs = found.get(key)
        if not isinstance(pairs, list):
            faults.append(f"{key} is no list")
            continue
        wrong = sum(not _is_pair(pair) for pair in pairs)
        if wrong:
            faults.append(f"{wrong} of {len(pairs)} in {key} are no pairs of records")
    return faults


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and all(isinstance(side, dict) for side in pair)
    )


def _key(record: dict[str, Any]) -> SourceKey | None:
    parts = [record.get(field) for field in SourceKey._fields]
    if not all(isinstance(part, str) and part and _is_text(part) for part in parts):
        return None
    return SourceKey(*(str(part) for part in parts))


def _is_text(part: str) -> bool:
    """JSON can hold half a character, which no source key can."""
    try:
        part.encode()
    except UnicodeEncodeError:
        return False
    return True
