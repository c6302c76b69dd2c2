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
        NotRecognisedError: if none fits, two fit equally, or one of another dataset does: what
            one agency knows must not be staged as another's.
    """
    check_file(path)
    if len(mappings) == 1:
        return mappings[0]
    if not mappings:
        raise NotRecognisedError(f"{path.name}: there is no mapping to choose from")
    own = [mapping for mapping in mappings if mapping.dataset == dataset]
    others = [mapping for mapping in mappings if mapping.dataset != dataset]
    first = _Contest(path, own or others)
    if dataset is not None and not (own and first.fitting):
        second = _Contest(path, others) if own else first
        if second.fitting:
            raise NotRecognisedError(_of_another(path, second.fitting, dataset))
    return first.winner() if first.fitting else first.nearest()


def _of_another(path: Path, fitting: Sequence[Mapping], dataset: str) -> str:
    looks = " or ".join(sorted({mapping.dataset for mapping in fitting}))
    return (
        f"{path.name}: this looks like a file of {looks}; it fits no mapping of {dataset}. Load it "
        "with that dataset, or name its mapping with --mapping if it is meant"
    )


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


class _Contest:
    """Some mappings against one file."""

    def __init__(self, path: Path, candidates: Sequence[Mapping]) -> None:
        self.path = path
        self.candidates = candidates
        self.headings: dict[_Way, list[str]] = {}
        self.faults: dict[_Way, str] = {}
        self._read_headings()
        self.scores = {m.mapping: self._score(m) for m in candidates}
        self.fitting = [m for m in candidates if self.scores[m.mapping][0] == 1.0]

    def winner(self) -> Mapping:
        """The one that fits in most columns. Raises NotRecognisedError if two do."""
        best = max(self.scores[m.mapping] for m in self.fitting)
        chosen = [m for m in self.fitting if self.scores[m.mapping] == best]
        if len(chosen) > 1:
            names = ", ".join(m.mapping for m in chosen)
            raise NotRecognisedError(f"{self.path.name}: fits several mappings ({names}); name one")
        return chosen[0]

    def nearest(self) -> Mapping:
        """One that has at least half of its columns there; reading will tell what is missing."""
        if not self.headings:
            raise ReadError("; ".join(dict.fromkeys(self.faults.values())))
        best = max(self.candidates, key=lambda m: self.scores[m.mapping])
        if self.scores[best.mapping][0] >= 0.5:
            return best
        header = self.headings.get(_way(best.source), [])
        missing = [name for name in best.source.match if name not in header]
        words = drift_words(missing, header, best.columns())
        raise NotRecognisedError(
            f"{self.path.name}: fits no mapping; nearest is {best.mapping}, but for that {words}"
        )

    def _read_headings(self) -> None:
        for mapping in self.candidates:
            way = _way(mapping.source)
            if way in self.headings or way in self.faults:
                continue
            try:
                self.headings[way] = read_headings(self.path, mapping.source)
            except ReadError as error:
                self.faults[way] = str(error)

    def _score(self, mapping: Mapping) -> tuple[float, int, float]:
        """Share of `match` that is there, how many, and the share of all columns that are read."""
        known = set(self.headings.get(_way(mapping.source), ()))
        match = mapping.source.match
        there = sum(name in known for name in match)
        read = mapping.columns()
        return there / len(match), there, sum(name in known for name in read) / len(read)
