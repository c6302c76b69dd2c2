"""Why two records are linked, or why not, in words and in numbers that add up.

Invariant: the reasons of a link sum to the log odds of its probability; what was learned and what
a rule states are told apart, and nothing here names a value of a record. Where two groups of
records were compared, the reasons are those of the groups, the people seen with both among them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from resolution.columns import Index
from resolution.linking.scorer import Odds, probability
from resolution.linking.second_pass import Compared, compared_places
from resolution.linking.trained import Trained
from resolution.matched import Links, Matching
from resolution.reasons import Texts, speaks, tell
from resolution.rules import Ladder
from resolution.vectors.similarity import Floats

_NAMED = 6  # reasons named one by one; the rest is summed up
_SPOKEN = 3  # reasons that a sentence names
_LEAST = 0.01  # of log odds, that a reason which a sentence names must weigh
_AT_ONCE = 10_000  # pairs
_CLIP = 1e-6

START = "What every pair starts from"
REST = "Everything else"
AS_A_WHOLE = "How alike they are as a whole"


@dataclass(frozen=True, kw_only=True)
class Told:
    """Why, as JSON.

    Attributes:
        decided_by: who decided each link.
        words: a sentence for each link.
        reasons: of each link, `[[words, log odds] ...]`; null for a rule.
        apart: of each pair that was not joined, who says how likely it is, and why.
    """

    decided_by: Texts
    words: Texts
    reasons: Texts
    apart: Texts


def tell_links(matching: Matching, ladder: Ladder) -> Told:
    """Explain every link, and every pair that was not joined.

    Those of the model with the reasons that weighed most; of a record's links the likeliest.
    """
    links, trained = matching.links, matching.trained
    by_model = np.flatnonzero(links.rule < 0)
    names = [f"rule:{rule.name}" for rule in ladder.rules] + [_name(trained)]
    sentences = [json.dumps(rule.words) for rule in ladder.rules] + [json.dumps(AS_A_WHOLE)]
    words = np.array(sentences, dtype=object)[links.rule]
    reasons = np.full(len(words), "null", dtype=object)
    shown = by_model[_best_of_a_record(links, len(matching.labels))[by_model]]
    for some in _portions(shown):
        if trained is None:
            break
        found = _explain(matching, trained, links.left[some], links.right[some], joined=True)
        found = found.scaled_to(links.probability[some])
        words[some] = [json.dumps(each) for each in found.sentences()]
        reasons[some] = [json.dumps(each) for each in found.named()]
    return Told(
        decided_by=np.array(names, dtype=object)[links.rule],
        words=words,
        reasons=reasons,
        apart=_tell_apart(matching),
    )


def _tell_apart(matching: Matching) -> Texts:
    """Why each pair was not joined; an empty object where the rules alone decided."""
    weak, trained = matching.unlinked, matching.trained
    by = _name(trained)
    if trained is None or not len(weak.left):
        return np.full(len(weak.left), "{}", dtype=object)
    told: list[str] = []
    for some in _portions(np.arange(len(weak.left))):
        found = _explain(matching, trained, weak.left[some], weak.right[some], joined=False)
        p = probability(found.odds()).tolist()
        told += [
            json.dumps({"by": by, "probability": round(each, 6), "words": words, "reasons": why})
            for each, words, why in zip(p, found.sentences(), found.named(), strict=True)
        ]
    return np.array(told, dtype=object)


def _portions(places: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """Some at a time: what is known of a pair takes a hundred times what is said of it."""
    for start in range(0, len(places), _AT_ONCE):
        yield places[start : start + _AT_ONCE]


def _name(trained: Trained | None) -> str:
    return f"model:{trained.version if trained else 'none'}"


def _best_of_a_record(links: Links, count: int) -> npt.NDArray[np.bool_]:
    """Links that are the likeliest of one of their records."""
    best = np.zeros(count)
    np.maximum.at(best, links.left, links.probability)
    np.maximum.at(best, links.right, links.probability)
    return np.asarray(
        (links.probability >= best[links.left]) | (links.probability >= best[links.right])
    )


@dataclass(frozen=True, kw_only=True)
class _Explained:
    """Per pair: a sentence for each topic, what it adds, and what the pair starts from."""

    words: Texts
    parts: Odds
    start: Odds
    rest: Odds

    def odds(self) -> Odds:
        """Log odds of each pair."""
        return np.asarray(self.parts.sum(axis=1) + self.start + self.rest)

    def scaled_to(self, p: npt.NDArray[np.float64]) -> _Explained:
        """With what is missing to the log odds of `p` among the rest."""
        clipped = np.clip(p, _CLIP, 1 - _CLIP)
        odds = np.log(clipped / (1 - clipped))
        missing = odds - self.parts.sum(axis=1) - self.start
        return _Explained(words=self.words, parts=self.parts, start=self.start, rest=missing)

    def sentences(self) -> list[str]:
        """What spoke most for each pair, and what most against it."""
        codes, said = pd.factorize(self.words.ravel())
        shape = self.words.shape
        columns = []
        for sign in (1.0, -1.0):
            can = np.array([speaks(each, sign) for each in said], dtype=bool)
            weight = np.where(can[codes].reshape(shape), sign * self.parts, 0.0)
            most = np.argsort(-weight, axis=1, kind="stable")[:, :_SPOKEN]
            heavy = np.take_along_axis(weight, most, axis=1) > _LEAST
            columns.append((np.take_along_axis(self.words, most, axis=1), heavy))
        (good, for_it), (bad, against) = columns
        return [
            _sentence(good[row][for_it[row]], bad[row][against[row]]) for row in range(shape[0])
        ]

    def named(self) -> list[list[tuple[str, float]]]:
        """The weightiest reasons of each pair, then the rest and the start."""
        order = np.argsort(-np.abs(self.parts), axis=1, kind="stable")
        return [self._reasons(row, most) for row, most in enumerate(order)]

    def _reasons(self, row: int, most: npt.NDArray[np.intp]) -> list[tuple[str, float]]:
        words, parts = self.words[row], self.parts[row]
        summed: dict[str, float] = {}
        for place in most:
            if not parts[place]:
                break  # the rest adds nothing
            if len(summed) >= _NAMED and not _of_people(words[place]):
                continue
            summed[words[place]] = summed.get(words[place], 0.0) + float(parts[place])
        ranked = sorted(summed.items(), key=lambda entry: -abs(entry[1]))
        named = [(said, round(value, 3)) for said, value in ranked]
        whole = float(parts.sum() + self.start[row] + self.rest[row])
        start = round(float(self.start[row]), 3)
        rest = round(whole - start - sum(value for _, value in named), 3)
        return [*named, (REST, rest), (START, start)]


def _sentence(good: Texts, bad: Texts) -> str:
    said = [
        f"{how}: {'; '.join(_small(each) for each in dict.fromkeys(found))}"
        for how, found in (("speaking for it", good), ("against it", bad))
        if len(found)
    ]
    text = "; ".join(said) or AS_A_WHOLE
    return text[:1].upper() + text[1:]


def _small(sentence: str) -> str:
    """A sentence within another; `NHS number` stays as it is."""
    return sentence if sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]


def _of_people(sentence: str) -> bool:
    """Whether it tells of people who were seen with both: always named where there are any."""
    return "seen with both" in sentence and not sentence.startswith("Nobody")


def _explain(
    matching: Matching, trained: Trained, left: Index, right: Index, *, joined: bool
) -> _Explained:
    """Pairs in the order given.

    Args:
        joined: of a pair that is joined the groups speak only if the pair stands for them.
    """
    places = np.full(len(left), -1, dtype=np.int64)
    compared = matching.compared
    if compared is not None:
        places = compared_places(compared, left, right)
        if joined:
            places = _standing(compared, places, left, right)
    kinds = [_NOBODY]
    for part in _portions(np.flatnonzero(places < 0)):
        kinds.append(_of_records(matching, trained, part, left[part], right[part]))
    for part in _portions(np.flatnonzero(places >= 0)):
        assert compared is not None
        kinds.append(
            _of_groups(compared, trained, part, places[part])
            if trained.across.trained
            else _of_untaught_groups(
                matching, trained, part, left[part], right[part], compared.base()[places[part]]
            )
        )
    return _put_together(kinds, len(left))


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Some of the pairs, by their places among all, explained by the same topics."""

    places: npt.NDArray[np.intp]
    words: Texts
    parts: Odds
    start: Odds
    rest: Odds


_NOBODY = _Piece(
    places=np.zeros(0, dtype=np.intp),
    words=np.zeros((0, 0), dtype=object),
    parts=np.zeros((0, 0)),
    start=np.zeros(0),
    rest=np.zeros(0),
)


def _of_records(
    matching: Matching,
    trained: Trained,
    part: npt.NDArray[np.intp],
    left: Index,
    right: Index,
) -> _Piece:
    """What the two records say."""
    vectors = matching.candidates.vectors(left, right)
    names, parts = trained.pair.contributions(vectors, matching.candidates.base(left, right))
    return _piece(part, names, vectors, parts)


def _of_groups(
    compared: Compared, trained: Trained, part: npt.NDArray[np.intp], rows: Index
) -> _Piece:
    """What the two groups of records say."""
    vectors = compared.rows[rows]
    names, parts = trained.across.contributions(vectors, compared.base()[rows])
    return _piece(part, names, vectors, parts)


def _of_untaught_groups(
    matching: Matching,
    trained: Trained,
    part: npt.NDArray[np.intp],
    left: Index,
    right: Index,
    odds: Odds,
) -> _Piece:
    """Groups score the mean of their pairs: this pair's reasons, the others' among the rest."""
    piece = _of_records(matching, trained, part, left, right)
    return replace(piece, rest=odds - piece.parts.sum(axis=1) - piece.start)


def _piece(
    part: npt.NDArray[np.intp], names: tuple[str, ...], vectors: Floats, parts: Odds
) -> _Piece:
    told = tell(names, vectors, parts[:, :-1])
    return _Piece(
        places=part,
        words=told.words,
        parts=told.parts,
        start=parts[:, -1],
        rest=np.zeros(len(part)),
    )


def _put_together(pieces: list[_Piece], count: int) -> _Explained:
    """Pieces with other topics, in one order; what a piece has no topic for adds nothing."""
    width = max(piece.words.shape[1] for piece in pieces)
    words = np.full((count, width), REST, dtype=object)
    parts, start, rest = np.zeros((count, width)), np.zeros(count), np.zeros(count)
    for piece in pieces:
        words[piece.places, : piece.words.shape[1]] = piece.words
        parts[piece.places, : piece.parts.shape[1]] = piece.parts
        start[piece.places] = piece.start
        rest[piece.places] = piece.rest
    return _Explained(words=words, parts=parts, start=start, rest=rest)


def _standing(compared: Compared, places: Index, left: Index, right: Index) -> Index:
    """The places of pairs that stand for their groups, -1 for others."""
    asked = np.flatnonzero(places >= 0)
    rows = places[asked]
    a, b = compared.vectors.strongest(compared.left[rows], compared.right[rows])
    stands = (a == left[asked]) & (b == right[asked])
    out = np.full(len(places), -1, dtype=np.int64)
    out[asked[stands]] = rows[stands]
    return out
