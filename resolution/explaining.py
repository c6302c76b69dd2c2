"""Why two records are linked, in words and in numbers that add up.

Invariant: the reasons of a link sum to the log odds of its probability; what was learned and what
a rule states are told apart, and nothing here names a value of a record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resolution.columns import Index
from resolution.linking.scorer import WITHOUT_LABELS, Odds
from resolution.matching import Links, Matching
from resolution.rules import Ladder
from resolution.vectors import FEATURES

Texts = npt.NDArray[np.object_]

_NAMED = 6  # reasons named one by one; the rest is summed up
_SPOKEN = 3  # reasons that a sentence names
_AT_ONCE = 20_000
_CLIP = 1e-6

START = "what every pair starts from"
REST = "everything else"
BY_OTHERS = "their other records and the people seen with them"
AS_A_WHOLE = "how alike the records are as a whole"


@dataclass(frozen=True, kw_only=True)
class Told:
    """Per link: who decided it, the sentence, and the reasons as JSON (null for a rule)."""

    decided_by: Texts
    words: Texts
    reasons: Texts


def tell_links(matching: Matching, ladder: Ladder) -> Told:
    """Explain every link; those of the model with the reasons that weighed most."""
    links, trained = matching.links, matching.trained
    version = trained.version if trained else "none"
    by_model = np.flatnonzero(links.rule < 0)
    names = [f"rule:{rule.name}" for rule in ladder.rules] + [f"model:{version}"]
    sentences = [json.dumps(rule.words) for rule in ladder.rules] + [json.dumps(AS_A_WHOLE)]
    decided_by = np.array(names, dtype=object)[links.rule]
    words = np.array(sentences, dtype=object)[links.rule]
    reasons = np.full(len(words), "null", dtype=object)
    shown = by_model[_best_of_a_record(links, len(matching.labels))[by_model]]
    for start in range(0, len(shown), _AT_ONCE):
        part = shown[start : start + _AT_ONCE]
        words[part], reasons[part] = _told(
            matching, links.left[part], links.right[part], links.probability[part]
        )
    return Told(decided_by=decided_by, words=words, reasons=reasons)


def _best_of_a_record(links: Links, count: int) -> npt.NDArray[np.bool_]:
    """Links that are the likeliest of one of their records."""
    best = np.zeros(count)
    np.maximum.at(best, links.left, links.probability)
    np.maximum.at(best, links.right, links.probability)
    return np.asarray(
        (links.probability >= best[links.left]) | (links.probability >= best[links.right])
    )


def _told(
    matching: Matching, left: Index, right: Index, p: npt.NDArray[np.float64]
) -> tuple[list[str], list[str]]:
    trained = matching.trained
    if trained is None:
        raise ValueError("no model decided these links")
    vectors = matching.candidates.vectors(left, right)
    base = matching.candidates.base(left, right)
    names, parts = trained.pair.contributions(vectors, base)
    clipped = np.clip(p, _CLIP, 1 - _CLIP)
    added = np.log(clipped / (1 - clipped)) - parts.sum(axis=1)
    labels, grouped = _grouped(names, parts, added)
    return _sentences(labels, grouped), _as_json(labels, grouped)


def _grouped(names: Sequence[str], parts: Odds, added: Odds) -> tuple[list[str], Odds]:
    """Contributions of features that say the same to a reader, summed; start and rest last."""
    spoken = [_words(name) for name in names]
    labels = list(dict.fromkeys(spoken))
    grouped = np.zeros((len(parts), len(labels) + 2))
    for place, word in enumerate(spoken):
        grouped[:, labels.index(word)] += parts[:, place]
    grouped[:, -2], grouped[:, -1] = added, parts[:, -1]
    return [*labels, BY_OTHERS, START], grouped


def _words(name: str) -> str:
    return AS_A_WHOLE if name == WITHOUT_LABELS else FEATURES[name].words


def _sentences(labels: list[str], grouped: Odds) -> list[str]:
    order = np.argsort(-grouped[:, :-1], axis=1)[:, :_SPOKEN]
    found = []
    for row, best in enumerate(order):
        said = [labels[place] for place in best if grouped[row, place] > 0]
        text = "; ".join(said) if said else AS_A_WHOLE
        found.append(json.dumps("Speaking for it: " + text))
    return found


def _as_json(labels: list[str], grouped: Odds) -> list[str]:
    most = np.argsort(-np.abs(grouped[:, :-1]), axis=1)[:, :_NAMED]
    found = []
    for row, chosen in enumerate(most):
        named = [[labels[place], round(float(grouped[row, place]), 3)] for place in chosen]
        start = round(float(grouped[row, -1]), 3)
        whole = float(grouped[row].sum())
        rest = round(whole - start - sum(value for _, value in named), 3)
        found.append(json.dumps([*named, [REST, rest], [START, start]]))
    return found
