"""Which mapping a file is for: by its dataset, then by the columns it has.

Invariant: a file is read with a mapping only if all of the columns that recognise it are there; a
file that only nearly fits one stays unread and is told which column is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loaders.errors import NotRecognisedError, ReadError
from loaders.mapping import Mapping, Source
from loaders.readers import read_headings
from loaders.readers.columns import drift_words
from loaders.readers.guard import check_file


def choose_mapping(path: Path, mappings: Sequence[Mapping], dataset: str | None) -> Mapping:
    """Choose the mapping that a file is for.

    A mapping that was given alone is taken as it is, and so is the one that a file nearly fits:
    reading then tells what has changed.

    Raises:
        ReadError: if the file is of none of the formats that are looked for.
        NotRecognisedError: if none fits, or two fit equally.
    """
    check_file(path)
    if len(mappings) == 1:
        return mappings[0]
    candidates = [m for m in mappings if dataset is None or m.dataset == dataset]
    candidates = candidates or list(mappings)
    if not candidates:
        raise NotRecognisedError(f"{path.name}: there is no mapping to choose from")
    headings, faults = _headings(path, candidates)
    scores = {m.mapping: _score(m, headings.get(_way(m.source), ())) for m in candidates}
    fitting = [m for m in candidates if scores[m.mapping][0] == 1.0]
    if not fitting:
        return _nearest(path, candidates, scores, faults, headings)
    best = max(scores[m.mapping] for m in fitting)
    chosen = [m for m in fitting if scores[m.mapping] == best]
    if len(chosen) > 1:
        names = ", ".join(m.mapping for m in chosen)
        raise NotRecognisedError(f"{path.name}: fits several mappings ({names}); name one")
    return chosen[0]


_Way = tuple[str, str, str, str | None, int, str | None]


def _way(source: Source) -> _Way:
    """What decides the headings that are read."""
    return (
        source.format,
        source.encoding,
        source.delimiter,
        source.sheet,
        source.header_row,
        source.rows,
    )


def _headings(path: Path, candidates: Sequence[Mapping]) -> tuple[dict[_Way, list[str]], list[str]]:
    """The file's headings for each way to read it, and why it cannot be read in the others."""
    found: dict[_Way, list[str]] = {}
    faults: dict[str, None] = {}
    tried: set[_Way] = set()
    for mapping in candidates:
        way = _way(mapping.source)
        if way in tried:
            continue
        tried.add(way)
        try:
            found[way] = read_headings(path, mapping.source)
        except ReadError as error:
            faults[str(error)] = None
    return found, list(faults)


def _score(mapping: Mapping, headings: Sequence[str]) -> tuple[float, int, float]:
    """Share of `match` that is there, how many, and the share of all columns that are read."""
    known = set(headings)
    match = mapping.source.match
    there = sum(name in known for name in match)
    read = mapping.columns()
    return there / len(match), there, sum(name in known for name in read) / len(read)


def _nearest(
    path: Path,
    candidates: Sequence[Mapping],
    scores: dict[str, tuple[float, int, float]],
    faults: list[str],
    headings: dict[_Way, list[str]],
) -> Mapping:
    if not headings:
        raise ReadError("; ".join(faults))
    best = max(candidates, key=lambda m: scores[m.mapping])
    if scores[best.mapping][0] >= 0.5:
        return best
    header = headings.get(_way(best.source), [])
    missing = [name for name in best.source.match if name not in header]
    words = drift_words(missing, header, best.columns())
    raise NotRecognisedError(
        f"{path.name}: fits no mapping; nearest is {best.mapping}, but for that {words}"
    )
